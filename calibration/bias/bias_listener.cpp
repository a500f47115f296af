// SPDX-License-Identifier: Apache-2.0
#include "calibration/bias/bias_listener.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr double kReadingS = 0.5;

} // namespace

BiasListener::BiasListener(std::vector<tape::BiasSource> sources, double rate_hz, std::size_t channels)
    : sources_(std::move(sources)), channels_(channels), channel_(kChunk) {
    for (std::size_t index = 0; index < sources_.size(); ++index) {
        const tape::BiasSource& source = sources_[index];
        if (source.capture_channel == 0) {
            continue;
        }
        if (static_cast<std::size_t>(source.capture_channel) > channels) {
            throw std::invalid_argument("bias of " + tape::bias_source_place(source) +
                                        " can't be watched: expected a capture channel from 1 to " +
                                        std::to_string(channels) +
                                        "; open more channels of the card, or correct capture_channel");
        }
        if (const auto usable = tape::usable_bias_source(source, rate_hz); !usable) {
            throw std::invalid_argument(usable.error().message);
        }
        if (source.kind == tape::BiasSourceKind::Rectified) {
            ears_.push_back({.source = index, .heard = {}, .by = dsp::RectifiedMean(rate_hz, kReadingS)});
            continue;
        }
        const tape::HeardBias heard = tape::heard_bias(source, rate_hz).value();
        ears_.push_back({.source = index,
                         .heard = heard,
                         .by = dsp::LockIn({.rate_hz = rate_hz,
                                            .expected_hz = heard.frequency_hz,
                                            .pull_hz = heard.pull_hz,
                                            .reading_s = std::max(kReadingS, 16.0 / heard.pull_hz)})});
    }
    for (const Ear& ear : ears_) {
        const std::size_t most = std::visit([](const auto& one) noexcept { return one.most_readings(kChunk); }, ear.by);
        locked_.resize(std::max(locked_.size(), most));
        means_.resize(locked_.size());
    }
}

std::size_t BiasListener::most_readings(std::size_t frames) const noexcept {
    std::size_t most = 0;
    for (const Ear& ear : ears_) {
        most += 2 * std::visit([&](const auto& one) noexcept { return one.most_readings(frames); }, ear.by);
    }
    return most;
}

std::size_t BiasListener::listen(Ear& ear, std::span<const float> samples, std::span<BiasReading> out) noexcept {
    const tape::BiasSource& source = sources_[ear.source];
    std::size_t written = 0;
    const auto write = [&](BiasQuantity quantity, std::optional<double> value, std::uint64_t until_frame) {
        if (written < out.size()) {
            out[written++] = {.source = ear.source, .quantity = quantity, .value = value, .until_frame = until_frame};
        }
    };
    if (auto* mean = std::get_if<dsp::RectifiedMean>(&ear.by)) {
        const std::size_t got = mean->process(samples, means_);
        for (std::size_t n = 0; n < got; ++n) {
            write(BiasQuantity::Level, tape::bias_level(source, means_[n].mean), means_[n].until_frame);
        }
    } else if (auto* lock_in = std::get_if<dsp::LockIn>(&ear.by)) {
        const std::size_t got = lock_in->process(samples, locked_);
        for (std::size_t n = 0; n < got; ++n) {
            const dsp::LockInReading& one = locked_[n];
            const auto if_there = [&](double value) { return one.carrier ? std::optional(value) : std::nullopt; };
            if (source.has_level()) {
                write(BiasQuantity::Level, if_there(tape::bias_level(source, one.amplitude)), one.until_frame);
            }
            write(BiasQuantity::Frequency, if_there(ear.heard.bias_of(one.frequency_hz)), one.until_frame);
        }
    }
    return written;
}

std::size_t BiasListener::process(std::span<const float> interleaved, std::span<BiasReading> out) noexcept {
    std::size_t written = 0;
    while (interleaved.size() >= channels_ && channels_ > 0) {
        const std::size_t frames = std::min(interleaved.size() / channels_, kChunk);
        for (Ear& ear : ears_) {
            const auto channel = static_cast<std::size_t>(sources_[ear.source].capture_channel - 1);
            for (std::size_t frame = 0; frame < frames; ++frame) {
                channel_[frame] = interleaved[frame * channels_ + channel];
            }
            written += listen(ear, std::span(channel_).first(frames), out.subspan(written));
        }
        interleaved = interleaved.subspan(frames * channels_);
    }
    return written;
}

void BiasListener::reset() noexcept {
    for (Ear& ear : ears_) {
        std::visit([](auto& one) noexcept { one.reset(); }, ear.by);
    }
}

} // namespace overbias::calibration
