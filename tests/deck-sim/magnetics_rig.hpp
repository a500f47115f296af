// SPDX-License-Identifier: Apache-2.0
// A tape path driven by hand: tape at constant speed, a programme given by a function, what was captured as float.
#pragma once

#include "deck-sim/magnetics/tape_path.hpp"

#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <numbers>
#include <span>
#include <string>
#include <vector>

namespace overbias::deck_sim::rig {

inline constexpr double kPlaySpeed_m_s = 0.381;

inline double db(double ratio) {
    return 20.0 * std::log10(ratio);
}

/// Settings without anything that varies or errs: what is left is the chain itself.
inline Settings ideal() {
    Settings settings;
    settings.speed_error = 0.0;
    settings.weave_peak_to_peak_rad = 0.0;
    settings.azimuth_error_rad = 0.0;
    settings.record_gain_error_db = {0.0, 0.0};
    settings.reproduce_gain_error_db = {0.0, 0.0};
    settings.noise_a_weighted_db = -90.0;
    settings.converter_noise_dbfs = -150.0;
    settings.crosstalk_db = -200.0;
    settings.play_clock_ppm = 0.0;
    settings.capture_clock_ppm = 0.0;
    return settings;
}

inline Fault fault(const std::string& text) {
    auto parsed = parse_fault(text);
    if (!parsed) {
        throw std::invalid_argument(parsed.error().message);
    }
    return parsed.value();
}

/// Complex amplitude of a tone (Hann window), so that abs() is the peak of the sine.
inline std::complex<double> tone(std::span<const float> samples, double frequency_hz, double rate_hz) {
    std::complex<double> sum = 0.0;
    double weights = 0.0;
    const auto count = static_cast<double>(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto n = static_cast<double>(i);
        const double window = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * (n + 0.5) / count);
        weights += window;
        sum += window * static_cast<double>(samples[i]) *
               std::polar(1.0, -2.0 * std::numbers::pi * std::fmod(frequency_hz * n / rate_hz, 1.0));
    }
    return 2.0 * sum / weights;
}

inline double rms(std::span<const float> samples) {
    double sum = 0.0;
    for (const float value : samples) {
        sum += static_cast<double>(value) * static_cast<double>(value);
    }
    return std::sqrt(sum / static_cast<double>(samples.size()));
}

class TapeRig {
  public:
    using Programme = std::function<double(std::int64_t frame, std::size_t channel)>; ///< full scale 1

    explicit TapeRig(const Settings& given, std::vector<Fault> given_faults = {})
        : settings(given), faults(std::move(given_faults)), path(
                                                                settings, faults, [this] { return now_s; }, [] {}) {}

    /// One step of 1 ms; then the queue is filled and the capture emptied (unless told otherwise).
    void step() {
        MotionStep motion;
        motion.t0_s = static_cast<double>(steps) * 1e-3;
        motion.t1_s = static_cast<double>(steps + 1) * 1e-3;
        const auto speed = [&](double time_s) { return speed_m_s * (1.0 + (deviation ? deviation(time_s) : 0.0)); };
        motion.v0_m_s = speed(motion.t0_s);
        motion.v1_m_s = speed(motion.t1_s);
        motion.x0_m = place_m;
        place_m += (motion.v0_m_s + 4.0 * speed(motion.t0_s + 0.5e-3) + motion.v1_m_s) * 1e-3 / 6.0; // Simpson
        motion.x1_m = place_m;
        motion.contact = contact;
        motion.recording = recording;
        motion.tracks = tracks;
        path.process(motion);
        ++steps;
        now_s = static_cast<double>(steps) * 1e-3;
        if (attended) {
            attend();
        }
    }
    void run(double seconds) {
        for (int i = 0; i < static_cast<int>(std::lround(seconds * 1e3)); ++i) {
            step();
        }
    }
    bool start(std::size_t latency = 960) {
        const bool ok = path.pcm().start(latency).ok();
        attend();
        return ok;
    }
    void attend() {
        audio::PlaybackStream& playback = path.pcm().playback();
        std::size_t room = playback.rt_writable();
        while (room > 0) {
            block.resize(2 * std::min<std::size_t>(room, 256));
            std::int64_t first = written;
            for (std::size_t i = 0; i < block.size(); ++i) {
                const double value = programme ? programme(written + static_cast<std::int64_t>(i / 2), i % 2) : 0.0;
                block[i] = static_cast<std::int32_t>(std::lround(value * 2147483392.0));
            }
            const std::size_t done = playback.rt_write(block, first);
            // after a gap (or the silence at the start) the first block was said for other frames than it lands on
            written = first + static_cast<std::int64_t>(done);
            room = playback.rt_writable();
        }
        audio::CaptureStream& capture = path.pcm().capture();
        block.resize(512);
        std::int64_t first = 0;
        while (const std::size_t got = capture.rt_read(block, first)) {
            captured[0].resize(static_cast<std::size_t>(first));
            captured[1].resize(static_cast<std::size_t>(first));
            for (std::size_t i = 0; i < got; ++i) {
                captured[0].push_back(static_cast<float>(block[2 * i]) * 0x1p-31F);
                captured[1].push_back(static_cast<float>(block[2 * i + 1]) * 0x1p-31F);
            }
        }
    }
    /// The last `seconds` of what was captured.
    [[nodiscard]] std::span<const float> last(std::size_t channel, double seconds) const {
        const auto frames = static_cast<std::size_t>(seconds * settings.sample_rate_hz);
        return std::span(captured[channel]).last(frames);
    }

    Settings settings;
    std::vector<Fault> faults;
    double now_s = 0.0;
    std::int64_t steps = 0;
    double place_m = 12.0;
    double speed_m_s = kPlaySpeed_m_s;
    std::function<double(double time_s)> deviation; ///< of the speed, as a share of it
    bool contact = true;
    bool recording = false;
    std::array<bool, 2> tracks{true, true}; ///< of a recording
    bool attended = true;
    Programme programme;
    std::int64_t written = 0;
    std::vector<float> captured[2];
    std::vector<std::int32_t> block;
    TapePath path;
};

/// A sine on both channels; `dbfs` is its peak.
inline TapeRig::Programme sine(double frequency_hz, double dbfs, double rate_hz = 48000.0) {
    const double amplitude = std::pow(10.0, dbfs / 20.0);
    return [=](std::int64_t frame, std::size_t) {
        return amplitude *
               std::sin(2.0 * std::numbers::pi * std::fmod(frequency_hz * static_cast<double>(frame) / rate_hz, 1.0));
    };
}

} // namespace overbias::deck_sim::rig
