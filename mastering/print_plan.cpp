// SPDX-License-Identifier: Apache-2.0
#include "mastering/print_plan.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "mastering/plan/plan_form.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <random>

namespace overbias::mastering {

namespace {

constexpr double kOwnTimingS = 0.25;

std::string minutes(double value_s) {
    std::array<char, 32> text{};
    const auto whole = static_cast<long>(std::ceil(value_s - 0.001)); // frames are rounded
    std::snprintf(text.data(), text.size(), "%ld:%02ld", whole / 60, whole % 60);
    return text.data();
}

/// Appends sections to a side.
class SideBuilder {
  public:
    using Kind = ProgrammeSection::Kind;
    SideBuilder(PrintPlan& plan, double rate_hz) : plan_(plan), rate_hz_(rate_hz) {}
    void add(Kind kind, double duration_s, int index = -1) {
        const auto frames = static_cast<std::int64_t>(std::llround(duration_s * rate_hz_));
        plan_.sections.push_back({kind, plan_.frames, frames, index});
        plan_.frames += frames;
    }

  private:
    PrintPlan& plan_;
    double rate_hz_;
};

/// Lead-in, tones, voice. The error is about the file of the voice.
Result<void> add_slate(const ReelPlan& reel, const FileInspector& inspect, double own_timing_s, SideBuilder& sections,
                       PrintPlan& plan) {
    using Kind = ProgrammeSection::Kind;
    const double tone_gap_s = reel.slate.tone_gap.seconds(reel.tape.speed_ips);
    plan.tones = reel.slate.tones;
    sections.add(Kind::LeadIn, reel.slate.lead_in_s + own_timing_s);
    for (std::size_t i = 0; i < plan.tones.size(); ++i) {
        if (i > 0) {
            sections.add(Kind::Gap, tone_gap_s);
        }
        sections.add(i == 0 ? Kind::Slate : Kind::Tone, plan.tones[i].duration_s, static_cast<int>(i));
    }
    if (!reel.slate.voice.empty()) {
        auto voice = inspect(reel.slate.voice);
        if (!voice) {
            return voice.error();
        }
        sections.add(Kind::Gap, std::max(1.0, tone_gap_s));
        sections.add(Kind::Voice, voice->duration_s());
        plan.voice = std::move(voice).value();
        plan.voice_trim_db = reel.slate.voice_trim_db;
    }
    return {};
}

/// Empty when the side fits.
std::string too_long(const PrintPlan& plan, const ReelPlan& reel, double rate_hz) {
    const double speed_ips = reel.tape.speed_ips;
    const double usable_m = reel.tape.length_m - reel.tape.spare.metres(speed_ips) -
                            reel.tape.tail_leader.metres(speed_ips) - plan.request.start_m.value_or(0.0);
    const double speed_m_s = metres_per_second(speed_ips);
    const double needed_s = plan.duration_s(rate_hz) - plan.own_timing_s; // at most half a second, of the spare
    if (needed_s * speed_m_s <= usable_m) {
        return {};
    }
    const auto longest = std::max_element(plan.files.begin(), plan.files.end(),
                                          [](const auto& a, const auto& b) { return a.duration_s() < b.duration_s(); });
    const std::string subject =
        plan.files.size() == 1 ? longest->path.string()
                               : std::to_string(plan.files.size()) + " files (longest " + longest->path.string() + ")";
    return subject + ": the print needs " + minutes(needed_s) + " (" + figure(needed_s * speed_m_s, 1) + " m at " +
           figure(speed_ips, 2) + " ips), the tape holds " + minutes(std::max(0.0, usable_m / speed_m_s)) + " (" +
           figure(std::max(0.0, usable_m), 1) +
           " m) from there; use a longer reel, a lower speed or a shorter programme";
}

} // namespace

ReelPlan reel_plan_of(const PrintRequest& request, const PrintInstallation& installation) {
    ReelPlan plan;
    plan.tape.length_m = installation.tape_length_m;
    plan.tape.speed_ips = installation.tape_speed_ips;
    plan.tape.spare = {installation.spare_m, TapeSpan::Unit::Metres};
    plan.slate.lead_in_s = request.lead_in_s;
    plan.slate.tones = {request.slate};
    plan.gap = {request.gap_s, TapeSpan::Unit::Seconds};
    plan.post_roll_s = request.post_roll_s;
    if (request.stop_on_bias_failure) {
        plan.live.stops = {"bias"};
    }
    PlanSide side;
    side.name = "A";
    side.start_m = request.start_m;
    for (const std::string& file : request.files) {
        PlanTrack track;
        track.file = file;
        track.trim_db = request.trim_db;
        side.tracks.push_back(std::move(track));
    }
    plan.sides.push_back(std::move(side));
    return plan;
}

Result<PrintPlan> lay_out_side(const ReelPlan& reel, std::size_t index, const PrintInstallation& installation,
                               const SideStart& start, const FileInspector& given_inspect) {
    using Kind = ProgrammeSection::Kind;
    const PlanSide& side = reel.sides.at(index);
    if (start.first_track >= side.tracks.size()) {
        return Error{side.tracks.empty()
                         ? "print: no file was given; name the sound files to print, in order"
                         : "print: side " + side.name + " has " + std::to_string(side.tracks.size()) +
                               " tracks, it cannot go on before track " + std::to_string(start.first_track + 1)};
    }
    std::vector<PlanFinding> refused = side_refusals(reel, index);
    std::ranges::move(slate_refusals(reel, installation), std::back_inserter(refused));
    if (!refused.empty()) {
        return Error{"print: " + refused.front().words};
    }
    const std::optional<double> start_m = start.start_m ? start.start_m : side.start_m;
    const FileInspector inspect =
        given_inspect ? given_inspect
                      : FileInspector([](const std::string& f) { return audio::inspect_sound_file(f); });

    PrintPlan plan;
    plan.request = {.files = {},
                    .slate = reel.slate.tones.front(),
                    .start_m = start_m,
                    .lead_in_s = reel.slate.lead_in_s,
                    .gap_s = reel.gap.seconds(reel.tape.speed_ips),
                    .post_roll_s = reel.post_roll_s,
                    .timing_seed = start.timing_seed,
                    .trim_db = side.tracks[start.first_track].trim_db,
                    .stop_on_bias_failure = std::ranges::find(reel.live.stops, "bias") != reel.live.stops.end()};
    plan.first_track = start.first_track;
    SideBuilder sections(plan, installation.sample_rate_hz);
    std::mt19937_64 timing(start.timing_seed != 0 ? start.timing_seed : std::random_device{}());
    const auto own_timing_s = [&timing, &plan] {
        const double drawn_s = kOwnTimingS * static_cast<double>(timing() >> 11) * 0x1p-53;
        plan.own_timing_s += drawn_s;
        return drawn_s;
    };
    const bool goes_on = start.first_track > 0;
    if (!goes_on) {
        if (const auto slate = add_slate(reel, inspect, own_timing_s(), sections, plan); !slate) {
            return slate.error();
        }
    }
    for (std::size_t t = start.first_track; t < side.tracks.size(); ++t) {
        auto info = inspect(side.tracks[t].file);
        if (!info) {
            return info.error();
        }
        const int file = static_cast<int>(plan.files.size());
        double gap_s = reel.gap_before(index, t).seconds(reel.tape.speed_ips);
        if (file == 0) {
            gap_s = goes_on ? start.gap_s : gap_s + own_timing_s();
        }
        sections.add(Kind::Gap, gap_s, file);
        sections.add(Kind::Track, info->duration_s(), file);
        plan.request.files.push_back(side.tracks[t].file);
        plan.trims_db.push_back(side.tracks[t].trim_db);
        plan.files.push_back(std::move(info).value());
    }
    sections.add(Kind::PostRoll, reel.post_roll_s);
    if (std::string why = too_long(plan, reel, installation.sample_rate_hz); !start.any_length && !why.empty()) {
        return Error{std::move(why)};
    }
    return plan;
}

Result<PrintPlan> make_print_plan(const PrintRequest& request, const PrintInstallation& installation) {
    return lay_out_side(reel_plan_of(request, installation), 0, installation, {.timing_seed = request.timing_seed});
}

} // namespace overbias::mastering
