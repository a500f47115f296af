// SPDX-License-Identifier: Apache-2.0
// The part of PrintJudge that deals with silence: the tape's noise, which everything else is judged against, and what
// each gap holds.
#include "base/units.hpp"
#include "dsp/analysis/hum.hpp"
#include "dsp/analysis/weighting.hpp"
#include "mastering/comparison/print_judge.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr double kLeadIn_s = 0.5;
constexpr double kHumRate_hz = 8000.0; // hum is looked for up to 1 kHz
constexpr double kHumLeast_s = 1.0;

/// Mean of the whole band's noise over 20 Hz to 20 kHz, spread evenly over frequency.
void spread_evenly(LevelReference& reference, const FrameAnalyser& analyser, std::size_t c, double power) {
    double before_hz = 20.0;
    for (std::size_t band = 0; band < kFineBands; ++band) {
        const double edge_hz = 1000.0 * std::pow(10.0, (static_cast<double>(band) - 67.0) / 40.0);
        const bool any = analyser.fine_hz(band) > 0.0;
        reference.fine_noise[c][band] = any ? static_cast<float>(power * (edge_hz - before_hz) / 2e4) : 0.0F;
        before_hz = edge_hz;
    }
    for (std::size_t b = 0; b < kBands; ++b) {
        reference.noise[c][b] = 0.0F;
        for (std::size_t k = 0; k < 4; ++k) {
            reference.noise[c][b] += reference.fine_noise[c][kFirstFine + 4 * b + k];
        }
    }
}

} // namespace

/// The analysed return and its short-term energies.
void PrintJudge::note_noise(std::int64_t return_frame, double place) {
    const auto size = static_cast<std::int64_t>(analyser_.frame_size());
    if (noise_sums_.frames == 0) {
        noise_sums_.first_frame = return_frame;
        noise_sums_.end_frame = return_frame + size;
    }
    noise_sums_.first_frame = std::min(noise_sums_.first_frame, return_frame);
    noise_sums_.end_frame = std::max(noise_sums_.end_frame, return_frame + size);
    for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t b = 0; b < kBands; ++b) {
            noise_sums_.bands[c][b] += figures_.came[c][b];
        }
        for (std::size_t b = 0; b < kFineBands; ++b) {
            noise_sums_.fine[c][b] += figures_.fine_came[c][b];
        }
    }
    ++noise_sums_.frames;
    const auto hop_frames = static_cast<double>(energy_config_.hop_frames);
    const int hops = static_cast<int>(size / static_cast<std::int64_t>(energy_config_.hop_frames));
    if (came_energy_.has(place / hop_frames, hops)) {
        const auto energies = came_energy_.sum(place / hop_frames, hops);
        for (std::size_t lane = 0; lane < energies.size(); ++lane) {
            noise_sums_.hop[lane] += energies[lane];
        }
        noise_sums_.hops += hops;
    }
}

/// What was summed is the noise that is judged against from here on.
void PrintJudge::take_noise() {
    const auto frames = static_cast<float>(noise_sums_.frames);
    for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t b = 0; b < kBands; ++b) {
            reference_.noise[c][b] = noise_sums_.bands[c][b] / frames;
        }
        for (std::size_t b = 0; b < kFineBands; ++b) {
            reference_.fine_noise[c][b] = noise_sums_.fine[c][b] / frames;
        }
    }
    for (std::size_t lane = 0; lane < noise_hop_.size(); ++lane) {
        noise_hop_[lane] = noise_sums_.hop[lane] / static_cast<float>(noise_sums_.hops);
    }
}

void PrintJudge::seed_noise(std::int64_t due) {
    const auto size = static_cast<std::int64_t>(analyser_.frame_size());
    noise_sums_ = {};
    const std::int64_t until = due - frames_of(0.01);
    for (std::int64_t frame = until - size; frame >= due - frames_of(kLeadIn_s) && came_.has(frame, size);
         frame -= size) {
        came_.copy(frame, came_cut_);
        analyser_.analyse_return(came_cut_, figures_);
        note_noise(frame, static_cast<double>(frame));
    }
    if (noise_sums_.frames == 0 || noise_sums_.hops == 0) {
        return;
    }
    take_noise();
    for (std::size_t c = 0; c < 2; ++c) {
        evidence_.lead_in_db[c] = band_dbfs(reference_.noise[c]);
    }
    noise_sums_ = {};
}

/// Nothing was heard of the tape's noise: a floor is taken on trust, so that what lies beneath is not judged.
void PrintJudge::assume_noise(std::array<double, 2> dbfs) {
    for (std::size_t c = 0; c < 2; ++c) {
        const double power = power_from_db(dbfs[c]);
        spread_evenly(reference_, analyser_, c, power);
        for (std::size_t band = 0; band <= dsp::kWholeBand; ++band) {
            const bool whole = band == dsp::kWholeBand;
            const double width = whole ? 2e4 : energy_config_.edges_hz[band + 1] - energy_config_.edges_hz[band];
            noise_hop_[2 * band + c] =
                static_cast<float>(power * width / 2e4 * static_cast<double>(energy_config_.hop_frames));
        }
    }
}

void PrintJudge::add_gap_frame(std::int64_t frame, const Section& section, double place, std::int64_t cut) {
    analyser_.analyse_return(came_cut_, figures_);
    const auto size = static_cast<std::int64_t>(analyser_.frame_size());
    const std::int64_t left = section.plan.first_frame + section.plan.frames - frame;
    // The first frames may still hold the end of what came before, the last the beginning of what follows.
    if (frame < section.plan.first_frame + size || left < size + frames_of(0.02)) {
        return;
    }
    note_noise(cut, place);
}

void PrintJudge::end_gap() {
    if (noise_from_gap_ || noise_sums_.frames < 3 || noise_sums_.hops == 0 ||
        (with_slate_ && slate_sums_.frames == 0 && !from_programme_)) {
        return; // the first gap after the slate is the one that counts
    }
    noise_from_gap_ = true;
    take_noise();
    for (std::size_t c = 0; c < 2; ++c) {
        evidence_.gap_db[c] = band_dbfs(reference_.noise[c]);
    }
    proof_complete_ = with_slate_;
    update_proof();
}

void PrintJudge::tell_gap(const Section& section) {
    if (noise_sums_.frames == 0) {
        return;
    }
    GapResult gap;
    gap.name = section.plan.name;
    gap.start_tape_s = tape_start_s(section);
    gap.start_tape_m = gap.start_tape_s * metres_per_second(config_.tape_speed_ips);
    gap.duration_s = static_cast<double>(noise_sums_.frames) * static_cast<double>(analyser_.frame_size()) / rate_hz_;
    const double operating_dbfs = config_.capture_dbfs_at_operating_level - 3.01;
    for (std::size_t c = 0; c < 2; ++c) {
        if (noise_sums_.hops > 0) {
            const double power = static_cast<double>(noise_sums_.hop[2 * dsp::kWholeBand + c]) /
                                 static_cast<double>(noise_sums_.hops) / static_cast<double>(energy_config_.hop_frames);
            gap.noise_dbfs[c] = power_db(std::max(power, 1e-20));
            gap.noise_re_operating_db[c] = *gap.noise_dbfs[c] - operating_dbfs;
        }
        double weighted = 0.0;
        for (std::size_t b = 0; b < kFineBands; ++b) {
            if (const double hz = analyser_.fine_hz(b); hz > 0.0) {
                weighted += static_cast<double>(noise_sums_.fine[c][b]) *
                            power_from_db(dsp::weighting_db(dsp::Weighting::a, hz));
            }
        }
        gap.noise_a_dbfs[c] = power_db(std::max(weighted / noise_sums_.frames, 1e-20));
        gap.noise_a_re_operating_db[c] = *gap.noise_a_dbfs[c] - operating_dbfs;
    }
    // Hum needs longer stretches than a frame: from what is kept of the stream, at a lower rate.
    const std::int64_t from = std::max(noise_sums_.first_frame, came_.begin());
    const std::int64_t frames = std::min(noise_sums_.end_frame, came_.end()) - from;
    const auto every = std::max<std::int64_t>(1, static_cast<std::int64_t>(rate_hz_ / kHumRate_hz));
    if (static_cast<double>(frames) >= kHumLeast_s * rate_hz_) {
        for (std::size_t c = 0; c < 2; ++c) {
            const std::vector<float> all = came_.channel(from, frames, static_cast<int>(c));
            std::vector<float> low(all.size() / static_cast<std::size_t>(every));
            for (std::size_t n = 0; n < low.size(); ++n) {
                float sum = 0.0F;
                for (std::size_t k = 0; k < static_cast<std::size_t>(every); ++k) {
                    sum += all[n * static_cast<std::size_t>(every) + k];
                }
                low[n] = sum / static_cast<float>(every);
            }
            for (const dsp::HumLine& line : dsp::find_hum(low, rate_hz_ / static_cast<double>(every)).lines) {
                const double hz = static_cast<double>(line.mains_hz * line.multiple);
                auto found = std::find_if(gap.hum.begin(), gap.hum.end(), [hz](const HumLine& other) {
                    return std::abs(other.frequency_hz - hz) < 0.5;
                });
                if (found == gap.hum.end()) {
                    gap.hum.push_back({hz, {-200.0, -200.0}}); // no line on the other channel
                    found = gap.hum.end() - 1;
                }
                found->dbfs[c] = line.level_dbfs;
            }
        }
        std::sort(gap.hum.begin(), gap.hum.end(),
                  [](const HumLine& a, const HumLine& b) { return a.frequency_hz < b.frequency_hz; });
    }
    gaps_.push_back(std::move(gap));
}

} // namespace overbias::mastering
