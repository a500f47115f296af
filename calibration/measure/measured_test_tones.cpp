// SPDX-License-Identifier: Apache-2.0
#include "calibration/measure/measured_test_tones.hpp"

#include "dsp/analysis/distortion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

constexpr double kEdge_s = 0.05, kTone_s = 10.0, kTwoTones_s = 60.0;
constexpr std::size_t kMostTones = 32; ///< of each channel that are read again
constexpr double kShortest_s = 0.6;    ///< of a tone that is
constexpr double kLeastTone_dbfs = -40.0, kApart_db = 20.0, kNothing_dbfs = -199.0; ///< crosstalk
constexpr double kReference_hz = 1000.0, kReferenceWithin = 0.05, kSameFrequency = 0.02;
constexpr std::size_t kFewestTones = 3; ///< of a response, of a staircase
constexpr std::array<double, 2> kMol_hz{1000.0, 315.0};
constexpr double kStaircaseShare = 0.4; ///< the middle of each tone: steps without a gap part them late
constexpr double kSameLevel_db = 1.0;

bool near(double hz, double nominal_hz, double within) {
    return std::abs(hz / nominal_hz - 1.0) <= within;
}

class Measuring {
  public:
    Measuring(std::span<const FoundTone> tones, std::size_t channels, double rate_hz, const ReadStretch& read)
        : tones_(tones), channels_(channels), rate_hz_(rate_hz), read_(read) {}

    Result<TestToneFigures> run() {
        for (const auto step : {&Measuring::crosstalk, &Measuring::series, &Measuring::two_tones}) {
            if (auto done = (this->*step)(); !done) {
                return done.error();
            }
        }
        return std::move(out_);
    }

  private:
    [[nodiscard]] Result<Channels> inside(const FoundTone& found) const {
        return read_(found.tone.begin_s + kEdge_s, std::min(found.duration_s() - 2.0 * kEdge_s, kTone_s));
    }
    [[nodiscard]] std::vector<FoundTone> of_channel(std::size_t channel) const {
        std::vector<FoundTone> its;
        for (const FoundTone& found : tones_) {
            if (found.channel == channel && found.duration_s() >= kShortest_s && its.size() < kMostTones) {
                its.push_back(found);
            }
        }
        return its;
    }

    Result<void> crosstalk() {
        for (std::size_t from = 0; channels_ == 2 && from < 2; ++from) {
            for (const FoundTone& found : of_channel(from)) {
                if (found.tone.level_dbfs < kLeastTone_dbfs) {
                    continue;
                }
                const auto samples = inside(found);
                if (!samples) {
                    return samples.error();
                }
                try {
                    const auto it = dsp::measure_crosstalk(samples->at(from), samples->at(1 - from), rate_hz_,
                                                           found.tone.frequency_hz);
                    // a channel that holds digital silence is not a track of a tape
                    if (it.separation_db >= kApart_db && std::max(it.leak_dbfs, it.floor_dbfs) > kNothing_dbfs) {
                        out_.crosstalk.push_back({from, 1 - from, found.tone.begin_s, it});
                    }
                } catch (const std::invalid_argument&) { // too short, or too much flutter for a tone
                    continue;
                }
            }
        }
        return {};
    }

    Result<void> series() {
        for (std::size_t channel = 0; channel < channels_; ++channel) {
            const auto its = of_channel(channel);
            if (auto done = response(channel, its); !done) {
                return done;
            }
            for (const double hz : kMol_hz) {
                std::vector<FoundTone> stairs;
                std::ranges::copy_if(its, std::back_inserter(stairs), [hz](const FoundTone& found) {
                    return near(found.tone.frequency_hz, hz, kReferenceWithin);
                });
                if (auto done = mol(channel, stairs); !done) {
                    return done;
                }
            }
        }
        return {};
    }

    /// Levels re the tone at 1 kHz; of several of these the one whose level is most like that of the others, as tapes
    /// begin with a louder one.
    Result<void> response(std::size_t channel, const std::vector<FoundTone>& its) {
        std::vector<FoundTone> chosen;
        std::vector<double> levels;
        for (const FoundTone& found : its) {
            if (!near(found.tone.frequency_hz, kReference_hz, kReferenceWithin)) {
                levels.push_back(found.tone.level_dbfs);
                const bool known = std::ranges::any_of(chosen, [&](const FoundTone& other) {
                    return near(found.tone.frequency_hz, other.tone.frequency_hz, kSameFrequency);
                });
                if (!known) {
                    chosen.push_back(found);
                }
            }
        }
        if (chosen.size() + 1 < kFewestTones) {
            return {};
        }
        std::ranges::nth_element(levels, levels.begin() + static_cast<std::ptrdiff_t>(levels.size() / 2));
        const double usual = levels[levels.size() / 2];
        const FoundTone* reference = nullptr;
        for (const FoundTone& found : its) {
            if (near(found.tone.frequency_hz, kReference_hz, kReferenceWithin) &&
                (!reference ||
                 std::abs(found.tone.level_dbfs - usual) < std::abs(reference->tone.level_dbfs - usual))) {
                reference = &found;
            }
        }
        if (reference == nullptr) {
            return {};
        }
        chosen.push_back(*reference);
        ResponseFigures figures{channel, its.front().tone.begin_s, 0.0, {}};
        for (const FoundTone& found : chosen) {
            const auto samples = inside(found);
            if (!samples) {
                return samples.error();
            }
            const std::array<dsp::SentTone, 1> sent{{{found.tone.frequency_hz, 0.0, samples->at(channel)}}};
            const auto points = dsp::response_from_tones(sent, rate_hz_);
            if (!points.empty()) {
                figures.points.push_back(points.front());
                figures.reference_dbfs = points.front().level_db; // the reference comes last
            }
        }
        for (dsp::ResponsePoint& point : figures.points) {
            point.level_db -= figures.reference_dbfs;
        }
        std::ranges::sort(figures.points, {}, &dsp::ResponsePoint::frequency_hz);
        if (figures.points.size() >= kFewestTones) {
            out_.response.push_back(std::move(figures));
        }
        return {};
    }

    Result<void> mol(std::size_t channel, const std::vector<FoundTone>& stairs) {
        if (stairs.size() < kFewestTones) {
            return {};
        }
        const auto [low, high] =
            std::ranges::minmax_element(stairs, {}, [](const FoundTone& found) { return found.tone.level_dbfs; });
        if (high->tone.level_dbfs - low->tone.level_dbfs < kSameLevel_db * static_cast<double>(kFewestTones - 1)) {
            return {};
        }
        dsp::MolSearch search;
        double hz = 0.0;
        std::size_t added = 0;
        for (const FoundTone& found : stairs) {
            const double length_s = kStaircaseShare * found.duration_s();
            const auto samples = read_(found.tone.begin_s + (found.duration_s() - length_s) / 2.0, length_s);
            if (!samples) {
                return samples.error();
            }
            try {
                const auto read = dsp::measure_distortion(samples->at(channel), rate_hz_,
                                                          {.fundamental_hz = found.tone.frequency_hz});
                added += search.add(dsp::mol_reading(read.fundamental_dbfs, read)) ? 1 : 0;
                hz += read.fundamental_hz;
            } catch (const std::invalid_argument&) { // too short
                continue;
            }
        }
        const dsp::MolResult result = search.result();
        if (added >= kFewestTones && result.verdict != dsp::MolResult::Verdict::Nothing) {
            out_.mol.push_back({channel, hz / static_cast<double>(added), result});
        }
        return {};
    }

    /// Of a file that is nothing else: no tone alone, or the stronger one of the two.
    Result<void> two_tones() {
        constexpr double kLowest_hz = 100.0;
        const bool may_be =
            std::ranges::all_of(tones_, [](const FoundTone& found) { return found.tone.frequency_hz < kLowest_hz; });
        if (!may_be) {
            return {};
        }
        const auto samples = read_(0.0, kTwoTones_s);
        if (!samples) {
            return samples.error();
        }
        for (std::size_t channel = 0; channel < channels_; ++channel) {
            if (auto found = measure_two_tones(samples->at(channel), rate_hz_)) {
                found->channel = channel;
                out_.intermodulation.push_back(*found);
            }
        }
        return {};
    }

    std::span<const FoundTone> tones_;
    std::size_t channels_;
    double rate_hz_;
    const ReadStretch& read_;
    TestToneFigures out_;
};

} // namespace

Result<TestToneFigures> measure_test_tones(std::span<const FoundTone> tones, std::size_t channels, double rate_hz,
                                           const ReadStretch& read) {
    return Measuring(tones, channels, rate_hz, read).run();
}

} // namespace overbias::calibration
