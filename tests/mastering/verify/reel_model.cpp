// SPDX-License-Identifier: Apache-2.0
#include "reel_model.hpp"

#include "comparison_interpolator.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <random>

namespace verify_test {

double ReelModel::place_at(double return_s) const {
    // integral of 1 + error + sum peak sin(2 pi (f t + phase))
    const double t = return_s - starts_s;
    double place = t * (1.0 + speed_error);
    for (const auto& [peak, hz, phase] : wow) {
        const double turn = 2.0 * std::numbers::pi;
        place += peak / (turn * hz) * (std::cos(turn * phase) - std::cos(turn * (hz * t + phase)));
    }
    return place;
}

double ReelModel::heard_at(double recording_s) const {
    double at = starts_s + recording_s;
    for (int n = 0; n < 40; ++n) {
        at += recording_s - place_at(at);
    }
    return at;
}

Stereo play_reel(const ReelModel& reel, const Stereo& recording) {
    static const comparison_test::Interpolator between;
    std::array<std::vector<float>, 2> tape;
    const std::size_t frames = recording.size() / 2;
    for (std::size_t channel = 0; channel < 2; ++channel) {
        auto& track = tape[channel];
        track.resize(frames);
        for (std::size_t n = 0; n < frames; ++n) {
            const double at_s = static_cast<double>(n) / kRate;
            double gain = std::pow(10.0, reel.gain_db[channel] / 20.0) * (reel.invert[channel] ? -1.0 : 1.0);
            for (const auto& hole : reel.holes) {
                if (at_s >= hole.at_s && at_s < hole.at_s + hole.length_s &&
                    (hole.channel < 0 || hole.channel == static_cast<int>(channel))) {
                    gain *= std::pow(10.0, hole.gain_db / 20.0);
                }
            }
            track[n] = static_cast<float>(gain * static_cast<double>(recording[2 * n + channel]));
        }
    }
    const double end_s = static_cast<double>(frames) / kRate - (reel.cut_at_s >= 0.0 ? reel.cut_s : 0.0);
    const auto length = static_cast<std::size_t>((reel.heard_at(end_s) + reel.ends_s) * kRate);
    Stereo came(2 * length);
    std::mt19937 random(reel.seed);
    std::normal_distribution<double> noise(0.0, std::pow(10.0, reel.noise_dbfs / 20.0));
    for (std::size_t n = 0; n < length; ++n) {
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const double at_s = static_cast<double>(n) / kRate - (channel == 1 ? reel.azimuth_s : 0.0);
            double place = reel.place_at(at_s);
            if (reel.cut_at_s >= 0.0 && place >= reel.cut_at_s) {
                place += reel.cut_s;
            }
            const std::size_t track = reel.swap ? 1 - channel : channel;
            const double value = place < 0.0 ? 0.0 : between.read(tape[track], place * kRate);
            came[2 * n + channel] = static_cast<float>(value + noise(random));
        }
    }
    return came;
}

} // namespace verify_test
