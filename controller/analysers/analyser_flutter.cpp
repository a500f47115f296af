// SPDX-License-Identifier: Apache-2.0
#include "controller/analysers/analyser_flutter.hpp"

#include "dsp/analysis/power_spectrum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace overbias::controller {

namespace {

constexpr double kFrom_hz = 900.0, kTo_hz = 14000.0;
constexpr double kEdge_s = 0.05;
constexpr double kLeast_s = 6.0; ///< of a carrier that is no tone: 4 s to settle and one turn of the slowest figure
constexpr double kSame = 0.03;   ///< another tone of the sequence is another carrier
constexpr double kAbout = 0.12;  ///< a little more than the demodulator's pass-band
constexpr std::size_t kPiece = 1024;

} // namespace

FlutterFollower::FlutterFollower(double rate_hz, double memory_s)
    : rate_hz_(rate_hz), memory_s_(memory_s), piece_(kPiece) {
}

void FlutterFollower::process(std::span<const float> interleaved) noexcept {
    if (!meter_) {
        return;
    }
    while (!interleaved.empty()) {
        const std::size_t frames = std::min(kPiece, interleaved.size() / 2);
        for (std::size_t n = 0; n < frames; ++n) {
            piece_[n] = interleaved[2 * n + channel_];
        }
        meter_->process(std::span<const float>(piece_).first(frames));
        interleaved = interleaved.subspan(2 * frames);
    }
}

/// More than half of the last second's power lies about the carrier.
bool FlutterFollower::heard(const calibration::Channels& memory, std::size_t channel, double carrier_hz) const {
    const std::vector<float>& samples = memory.at(channel);
    const std::size_t second = std::min(samples.size(), static_cast<std::size_t>(rate_hz_));
    if (second < 256) {
        return false;
    }
    const dsp::PowerSpectrum spectrum(std::span<const float>(samples).last(second), rate_hz_, 1.0,
                                      dsp::PowerSpectrum::Window::hann);
    double whole = 0.0, about = 0.0;
    for (std::size_t k = 0; k < spectrum.bins().size(); ++k) {
        const double hz = static_cast<double>(k) * spectrum.bin_hz();
        whole += spectrum.bins()[k];
        about += std::abs(hz / carrier_hz - 1.0) <= kAbout ? spectrum.bins()[k] : 0.0;
    }
    return whole > 0.0 && about > 0.5 * whole;
}

void FlutterFollower::begin(std::span<const float> samples, std::size_t channel, double carrier_hz, double nominal_hz) {
    dsp::WowFlutterConfig config;
    config.rate_hz = rate_hz_;
    config.nominal_carrier_hz = nominal_hz > 0.0 ? nominal_hz : carrier_hz;
    config.memory_s = memory_s_;
    try {
        meter_.emplace(config);
    } catch (const std::invalid_argument&) { // no carrier for this rate
        meter_.reset();
        return;
    }
    channel_ = channel;
    carrier_hz_ = carrier_hz;
    nominal_hz_ = nominal_hz;
    meter_->process(samples);
}

void FlutterFollower::look(const calibration::Channels& memory, const StretchFigures& figures) {
    const bool tone = figures.heard == Heard::Tone && figures.tone;
    const double tone_hz = tone ? figures.tone->frequency_hz.at(figures.tone_channel).value_or(0.0) : 0.0;
    if (meter_ && ((tone && std::abs(tone_hz / carrier_hz_ - 1.0) > kSame) || !heard(memory, channel_, carrier_hz_))) {
        meter_.reset();
    }
    if (meter_ || figures.heard == Heard::Nothing || figures.heard == Heard::Noise) {
        return;
    }
    const double held_s = static_cast<double>(memory.at(0).size()) / rate_hz_;
    if (tone) {
        if (tone_hz < kFrom_hz || tone_hz > kTo_hz) {
            return;
        }
        const std::vector<float>& channel = memory.at(figures.tone_channel);
        const bool from_the_beginning = held_s - figures.tone_plays_s < kEdge_s;
        const double plays_s = from_the_beginning ? held_s : figures.tone_plays_s - kEdge_s;
        const auto samples = std::span<const float>(channel).last(
            std::min(channel.size(), static_cast<std::size_t>(plays_s * rate_hz_)));
        dsp::WowFlutterConfig config;
        config.rate_hz = rate_hz_;
        config.nominal_carrier_hz = 0.0; // is it one of the standards' own?
        const double nominal_hz = dsp::measure_wow_flutter(samples, config).nominal_carrier_hz;
        begin(samples, figures.tone_channel, tone_hz, nominal_hz);
        return;
    }
    if (held_s < kLeast_s) {
        return;
    }
    if (const auto found = calibration::measure_flutter(memory, rate_hz_, 0.0)) {
        const double carrier_hz = found->report.reading.carrier_hz.value_or(0.0);
        if (carrier_hz >= kFrom_hz && heard(memory, found->channel, carrier_hz)) {
            begin(memory.at(found->channel), found->channel, carrier_hz, found->report.nominal_carrier_hz);
        }
    }
}

std::optional<FlutterFigures> FlutterFollower::read(std::span<const TurningPart> parts) {
    if (!meter_) {
        return std::nullopt;
    }
    FlutterFigures out;
    out.channel = channel_;
    out.nominal_carrier_hz = nominal_hz_;
    out.reading = meter_->reading();
    if (nominal_hz_ == 0.0) {
        out.reading.speed_error_percent.reset();
    }
    std::vector<dsp::RotatingPart> turning;
    for (const TurningPart& each : parts) {
        turning.push_back(each.part);
    }
    const dsp::FlutterSpectrum& spectrum = meter_->spectrum(turning);
    out.bin_hz = spectrum.bin_hz();
    out.lines.assign(spectrum.lines().begin(), spectrum.lines().end());
    return out;
}

} // namespace overbias::controller
