// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/print_judge.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kKeep_s = 4.0;         // of both streams
constexpr double kRoom_s = 0.006;       // of the return beyond a frame: windows reach over its edge
constexpr double kBeforeLoss_s = 0.004; // not judged around lost frames
constexpr double kAfterLoss_s = 0.02;   // filters
constexpr double kRestBlock_s = 0.1;
constexpr std::size_t kMostRestBlocks = 36000; // an hour of waiting
constexpr std::size_t kLiveFrames = 60;        // five seconds

dsp::BandEnergyConfig energies_at(double rate_hz, double low_emphasis_s = 0.0) {
    dsp::BandEnergyConfig config;
    config.low_emphasis_s = low_emphasis_s;
    config.rate_hz = rate_hz;
    config.hop_frames =
        static_cast<std::size_t>(std::max(1L, std::lround(rate_hz / 4000.0))); // a quarter of a millisecond
    return config;
}

DropoutSettings dropout_settings(const ComparisonConfig& config) {
    DropoutSettings settings;
    settings.rate_hz = config.sample_rate_hz;
    settings.hop_frames = static_cast<std::int64_t>(energies_at(config.sample_rate_hz).hop_frames);
    settings.depth_db = config.limits.dropout_depth_db;
    settings.length_ms = config.limits.dropout_length_ms;
    settings.operating_peak = amplitude_from_db(config.play_dbfs_at_operating_level);
    return settings;
}

} // namespace

double highest_compared_hz(const ComparisonConfig& config) noexcept {
    double rate_hz = config.sample_rate_hz;
    for (const double other_hz : {config.reference_rate_hz, config.return_rate_hz}) {
        rate_hz = other_hz > 0.0 ? std::min(rate_hz, other_hz) : rate_hz;
    }
    return std::min(20000.0, 0.45 * rate_hz);
}

PrintJudge::PrintJudge(const ComparisonConfig& config)
    : config_(config), rate_hz_(config.sample_rate_hz), energy_config_(energies_at(rate_hz_, config.low_emphasis_s)),
      clocks_(rate_hz_), sent_(static_cast<std::size_t>(kKeep_s * rate_hz_)),
      came_(static_cast<std::size_t>(kKeep_s * rate_hz_)), sent_energy_(energy_config_, kKeep_s),
      came_energy_(energy_config_, kKeep_s), analyser_(rate_hz_, highest_compared_hz(config)),
      delay_(rate_hz_, config.round_trip_s), track_(dropout_settings(config), analyser_, config.limits.missing_s),
      input_(analyser_.frame_size(), config.round_trip_s * config.sample_rate_hz),
      sent_cut_(2 * analyser_.frame_size()), came_cut_(2 * analyser_.frame_size()),
      replay_(config.mode == ComparisonMode::Replay) {
    rest_.reserve(kMostRestBlocks);
    evidence_.replay = replay_;
    evidence_.expected_delay_s =
        replay_ ? 0.0 : config.record_to_reproduce_m / metres_per_second(config.tape_speed_ips);
    evidence_.tolerance = config.limits.delay_tolerance;
    evidence_.operating_dbfs = config.capture_dbfs_at_operating_level - 3.01;
    const double gain = power_from_db(config.capture_dbfs_at_operating_level - config.play_dbfs_at_operating_level);
    reference_.gain = {gain, gain};
    reference_.operating_power = 0.5 * power_from_db(config.play_dbfs_at_operating_level);
}

double PrintJudge::lag_now() const noexcept {
    return delay_.acquired() ? delay_.lag() : (evidence_.expected_delay_s + config_.round_trip_s) * rate_hz_;
}

double PrintJudge::tape_start_s(const Section& section) const noexcept {
    return static_cast<double>(section.plan.first_frame - std::max<std::int64_t>(0, slate_frame_)) / rate_hz_;
}

std::int64_t PrintJudge::frames_of(double seconds) const noexcept {
    return static_cast<std::int64_t>(std::llround(seconds * rate_hz_));
}

double PrintJudge::band_dbfs(const BandPowers& powers) const noexcept {
    double sum = 0.0;
    for (std::size_t b = 8; b < kBands; ++b) { // 315 Hz and up
        sum += static_cast<double>(powers[b]);
    }
    return power_db(std::max(sum, 1e-20));
}

double PrintJudge::lanes_dbfs(const LaneEnergies& mean_hop, std::size_t channel) const noexcept {
    double sum = 0.0;
    for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
        sum += static_cast<double>(mean_hop[2 * band + channel]);
    }
    return power_db(std::max(sum / static_cast<double>(energy_config_.hop_frames), 1e-20));
}

std::size_t PrintJudge::add_section(SectionKind kind, std::string name, std::int64_t first_frame, std::int64_t frames) {
    sections_.push_back({kind, {std::move(name), first_frame, frames}});
    const auto count = [&](SectionKind of) {
        return static_cast<std::size_t>(
            std::count_if(sections_.begin(), sections_.end(), [of](const Section& s) { return s.kind == of; }));
    };
    tones_.reserve(count(SectionKind::Tone));
    voices_.reserve(count(SectionKind::Voice));
    gaps_.reserve(count(SectionKind::Gap));
    if (kind == SectionKind::Tone) {
        tone_sums_.phase_rad.reserve(
            static_cast<std::size_t>(std::max<std::int64_t>(0, frames)) / analyser_.frame_size() + 1);
    }
    // Room for all that the print will add up, so that nothing has to be found while it runs.
    const std::int64_t room = std::max<std::int64_t>(0, frames);
    if (kind != SectionKind::Gap) {
        delay_.expect(static_cast<std::size_t>(room) / analyser_.frame_size() + 1);
    }
    if (kind == SectionKind::Track) {
        track_.expect(room);
        results_.reserve(sections_.size());
    }
    return sections_.size() - 1;
}

void PrintJudge::set_clocks(ClockPoint reference, ClockPoint tape_return) {
    clocks_.reference.add(reference.frame, reference.time_s);
    clocks_.tape_return.add(tape_return.frame, tape_return.time_s);
}

void PrintJudge::exclude(std::int64_t first_frame, std::int64_t frames, std::string reason) {
    const std::int64_t before = frames_of(kBeforeLoss_s);
    avoided_.push_back({first_frame - before, frames + before + frames_of(kAfterLoss_s), reason});
    lost_.push_back({first_frame, frames, std::move(reason)});
}

bool PrintJudge::excluded(std::int64_t first_frame, std::int64_t frames) const noexcept {
    return std::any_of(avoided_.begin(), avoided_.end(), [&](const Excluded& e) {
        return first_frame < e.first_frame + e.frames && first_frame + frames > e.first_frame;
    });
}

void PrintJudge::push_reference(std::int64_t first_frame, std::span<const float> interleaved) {
    if (const auto gap = sent_.push(first_frame, interleaved)) {
        exclude(gap->first_frame, gap->frames, "frames of the reference were not seen");
    }
    sent_energy_.push(first_frame, interleaved);
    advance(false);
}

void PrintJudge::push_return(std::int64_t first_frame, std::span<const float> interleaved) {
    if (const auto gap = came_.push(first_frame, interleaved)) {
        const double from = clocks_.reference_frame(static_cast<double>(gap->first_frame) - lag_now());
        exclude(static_cast<std::int64_t>(std::floor(from)) - 1, gap->frames + 2,
                "frames of the tape return were lost");
    }
    came_energy_.push(first_frame, interleaved);
    if (!slate_searched_) {
        note_rest();
    }
    advance(false);
}

void PrintJudge::note_rest() {
    const auto block =
        static_cast<std::int64_t>(kRestBlock_s * rate_hz_ / static_cast<double>(energy_config_.hop_frames));
    if (rest_next_hop_ < came_energy_.begin()) {
        rest_next_hop_ = came_energy_.begin() + block; // the filters settle in the first
    }
    while (rest_next_hop_ + block < came_energy_.end()) {
        if (rest_.size() < kMostRestBlocks) {
            RestBlock rest{rest_next_hop_,
                           came_energy_.sum(static_cast<double>(rest_next_hop_), static_cast<int>(block))};
            for (float& energy : rest.mean) {
                energy /= static_cast<float>(block);
            }
            rest_.push_back(rest);
        }
        rest_next_hop_ += block;
    }
}

void PrintJudge::advance(bool last_call) {
    if (!slate_searched_ && !search_slate(last_call)) {
        return;
    }
    while (section_ < sections_.size()) {
        const Section& section = sections_[section_];
        if (!section_open_) {
            open_section(section);
        }
        if (!step(section, last_call)) {
            return;
        }
    }
}

bool PrintJudge::step(const Section& section, bool last_call) {
    const auto size = static_cast<std::int64_t>(analyser_.frame_size());
    const std::int64_t end = section.plan.first_frame + section.plan.frames;
    const bool unknown = section.kind == SectionKind::Track && !delay_.acquired();
    if (unknown && from_programme_ && cursor_ >= look_from_ && cursor_ + size <= end &&
        !look_for_programme(section, last_call)) {
        return false;
    }
    if (cursor_ + size > end || (unknown && !from_programme_)) {
        if (!close_section(section, last_call)) {
            return false;
        }
        ++section_;
        section_open_ = false;
        return true;
    }
    const double place = clocks_.return_frame(static_cast<double>(cursor_)) + lag_now();
    const auto cut = static_cast<std::int64_t>(std::llround(place));
    const std::int64_t room = frames_of(kRoom_s);
    const bool gone = cursor_ < sent_.begin() || cut - room < came_.begin();
    const bool there = cursor_ + size + room <= sent_.end() && cut + size + room <= came_.end();
    if (gone && !sent_.empty() && !came_.empty()) {
        exclude(cursor_, size, "frames came too late to be compared");
    } else if (!there) {
        if (!last_call) {
            return false;
        }
        exclude(cursor_, end - cursor_, "not seen to the end");
        cursor_ = end;
        return true;
    } else if (!excluded(cursor_, size)) {
        process(section, cursor_, place, cut);
    }
    cursor_ += size;
    judged_to_ = cursor_;
    if (section.kind == SectionKind::Track) {
        track_.dropouts().advance(sent_energy_, came_energy_, clocks_, {delay_.lag(0), delay_.lag(1)}, cursor_,
                                  avoided_, false);
    }
    return true;
}

void PrintJudge::open_section(const Section& section) {
    section_open_ = true;
    cursor_ = section.plan.first_frame;
    if (section.kind == SectionKind::Gap) {
        noise_sums_ = {};
    } else if (section.kind == SectionKind::Tone) {
        tone_sums_.phase_rad.clear();
        tone_sums_ = {{}, {}, 0.0, std::move(tone_sums_.phase_rad), 0};
    } else if (section.kind == SectionKind::Voice) {
        voice_sums_ = {};
    } else if (section.kind == SectionKind::Track) {
        if (!proof_complete_) {
            update_proof(); // no gap before the first track: the lead-in has to do
            proof_complete_ = true;
        }
        track_.begin(section.plan, reference_, noise_hop_);
        input_.begin();
    }
}

bool PrintJudge::close_section(const Section& section, bool last_call) {
    if (section.kind == SectionKind::Slate) {
        end_slate();
    } else if (section.kind == SectionKind::Gap) {
        end_gap();
        tell_gap(section);
    } else if (section.kind == SectionKind::Tone) {
        end_tone(section);
    } else if (section.kind == SectionKind::Voice) {
        end_voice(section);
    } else {
        const std::int64_t end = section.plan.first_frame + section.plan.frames;
        if (delay_.acquired() || from_programme_) {
            const std::int64_t room = frames_of(kRoom_s);
            const bool there =
                sent_.end() >= end + room &&
                static_cast<double>(came_.end()) >= clocks_.return_frame(static_cast<double>(end + room)) + lag_now();
            if (!there && !last_call) {
                return false;
            }
            track_.dropouts().advance(sent_energy_, came_energy_, clocks_, {delay_.lag(0), delay_.lag(1)}, end,
                                      avoided_, true);
            track_.dropouts().finish(sent_energy_, came_energy_, clocks_);
        } else {
            exclude(section.plan.first_frame, section.plan.frames, "no slate in the return to compare from");
        }
        track_.end();
        results_.push_back(track_.result(facts()));
        const auto& dropouts = results_.back().dropouts;
        dropouts_before_ += dropouts.size();
        dropout_over_limit_ = dropout_over_limit_ || std::any_of(dropouts.begin(), dropouts.end(),
                                                                 [](const Dropout& d) { return d.over_limit; });
        judged_to_ = std::max(judged_to_, end);
    }
    return true;
}

void PrintJudge::process(const Section& section, std::int64_t frame, double place, std::int64_t cut) {
    came_.copy(cut, came_cut_);
    if (section.kind == SectionKind::Gap) {
        add_gap_frame(frame, section, place, cut);
        return;
    }
    sent_.copy(frame, sent_cut_);
    const double mapped = clocks_.return_frame(static_cast<double>(frame));
    const double base = static_cast<double>(cut) - mapped; // lag at which what came was cut out
    const bool acquired = delay_.acquired();
    const std::array<double, 2> guess{acquired ? delay_.expected(0) - base : place - static_cast<double>(cut),
                                      acquired ? delay_.expected(1) - base : place - static_cast<double>(cut)};
    analyser_.analyse(sent_cut_, came_cut_, guess, figures_);
    if (section.kind == SectionKind::Slate) {
        add_slate_frame(frame, section, base);
    } else if (section.kind == SectionKind::Tone) {
        add_tone_frame(frame, section);
    } else if (section.kind == SectionKind::Voice) {
        const auto use = frame_use(figures_, reference_);
        voice_sums_.programme += use[0].programme || use[1].programme ? 1 : 0;
        voice_sums_.missing += (use[0].programme && use[0].missing) || (use[1].programme && use[1].missing) ? 1 : 0;
    } else {
        track_.add_frame(frame, figures_, analyser_, delay_, clocks_, base, {sent_energy_, came_energy_, sent_, came_});
        if (!replay_ && delay_.acquired()) {
            const auto use = track_.newest_use();
            input_.add(frame, figures_, {use[0].clear, use[1].clear}, delay_.lag(), sent_cut_,
                       {sent_, came_, clocks_}, analyser_);
        }
    }
}

LiveComparison PrintJudge::live() const {
    LiveComparison live;
    live.judged_to_frame = judged_to_;
    if (delay_.acquired()) {
        live.delay_ms = delay_.delay_s(delay_.lag(), clocks_) * 1e3;
    }
    live.dropouts = dropouts_before_;
    live.azimuth_us = delay_.azimuth_us(kLiveFrames, clocks_);
    const bool in_track =
        section_open_ && section_ < sections_.size() && sections_[section_].kind == SectionKind::Track;
    const double operating_db = config_.capture_dbfs_at_operating_level - config_.play_dbfs_at_operating_level;
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        live.level_difference_db[c] = slate_difference_db_[c];
        if (in_track) {
            if (const auto level = track_.levels().level(channel, 3, 20); level.db) {
                live.level_difference_db[c] = *level.db - operating_db;
            }
        } else if (!results_.empty()) {
            live.level_difference_db[c] = results_.back().level_difference_db[c];
        }
    }
    if (in_track) {
        live.dropouts += track_.dropouts().events().size();
        live.missing_s = track_.missing().missing_now_s();
    }
    const bool early = from_programme_ && !delay_.acquired() && results_.empty();
    if (slate_searched_ && !early && !proof_.off_tape && !proof_.failures.empty()) {
        live.failing = proof_.nothing_came ? "no_signal" : "not_off_tape";
    } else if (in_track && input_.from()) {
        live.failing = "not_off_tape";
    } else if (in_track && (live.missing_s >= config_.limits.missing_s || !track_.missing().stretches().empty())) {
        live.failing = "missing";
    } else if (dropout_over_limit_ || (in_track && track_.dropouts().over_limit() > 0)) {
        live.failing = "dropout";
    } else {
        for (const auto& result : results_) {
            if (!result.findings.empty() && !live.failing) {
                live.failing = result.findings.front().reason;
            }
        }
    }
    return live;
}

PrintFacts PrintJudge::facts() const {
    PrintFacts facts{config_, clocks_, delay_, analyser_.band_hz()};
    facts.slate_frame = std::max<std::int64_t>(0, slate_frame_);
    if (config_.earlier && config_.earlier->head_delay_s && !with_slate_) {
        facts.start_delay_s = config_.earlier->head_delay_s;
    } else if (slate_lag_) {
        facts.start_delay_s = delay_.delay_s(*slate_lag_, clocks_);
    }
    facts.input_from = input_.from();
    facts.slate_difference_db = slate_difference_db_;
    facts.recorded_well = std::max(third_harmonic_[0], third_harmonic_[1]) < 0.1;
    return facts;
}

} // namespace overbias::mastering
