// SPDX-License-Identifier: Apache-2.0
#include "mastering/print_plan.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <random>

namespace overbias::mastering {

namespace {

constexpr double kOwnTimingS = 0.25;

std::string minutes(double value_s) {
    std::array<char, 32> text{};
    const auto whole = static_cast<long>(std::ceil(value_s));
    std::snprintf(text.data(), text.size(), "%ld:%02ld", whole / 60, whole % 60);
    return text.data();
}

/// The first figure of the request that makes no sense, in words; empty when all do.
std::string refused_figure(const PrintRequest& request) {
    if (!(request.slate.duration_s >= 2.0 && request.slate.duration_s <= 120.0)) {
        return "slate of " + figure(request.slate.duration_s, 1) +
               " s: expected 2 to 120 s; the proof needs the slate to find the start and the level";
    }
    if (!(request.gap_s >= 1.0 && request.gap_s <= 60.0)) {
        return "gap of " + figure(request.gap_s, 1) +
               " s: expected 1 to 60 s; the tape's own noise is heard in the first gap";
    }
    if (!(request.lead_in_s >= 0.5 && request.lead_in_s <= 60.0)) {
        return "lead-in of " + figure(request.lead_in_s, 1) + " s: expected 0.5 to 60 s";
    }
    if (!(request.post_roll_s >= 1.0 && request.post_roll_s <= 600.0)) {
        return "post-roll of " + figure(request.post_roll_s, 1) +
               " s: expected 1 to 600 s; the end of the programme must still pass the reproduce head";
    }
    if (!(request.trim_db >= -60.0 && request.trim_db <= 20.0)) {
        return "trim of " + figure(request.trim_db, 2) + " dB: expected -60 to 20 dB";
    }
    if (request.start_m && !(*request.start_m >= 0.0)) {
        return "start at " + figure(*request.start_m, 2) + " m: expected 0 or more (counter metres)";
    }
    return {};
}

} // namespace

Result<PrintPlan> make_print_plan(const PrintRequest& request, const PrintInstallation& installation) {
    if (request.files.empty()) {
        return Error{"print: no file was given; name the sound files to print, in order"};
    }
    if (const std::string refused = refused_figure(request); !refused.empty()) {
        return Error{"print: " + refused};
    }
    const double slate_dbfs = installation.play_dbfs_at_operating_level + request.slate.level_re_operating_db;
    if (slate_dbfs > 0.0) {
        return Error{"print: the slate at " + figure(request.slate.level_re_operating_db, 2) +
                     " dB re operating level would be " + figure(slate_dbfs, 2) + " dBFS; choose a slate level of " +
                     figure(-installation.play_dbfs_at_operating_level, 2) + " dB or less"};
    }

    PrintPlan plan;
    plan.request = request;
    const double rate_hz = installation.sample_rate_hz;
    const auto frames_of = [rate_hz](double duration_s) {
        return static_cast<std::int64_t>(std::llround(duration_s * rate_hz));
    };
    const auto add = [&plan](ProgrammeSection::Kind kind, std::int64_t frames, int track) {
        plan.sections.push_back({kind, plan.frames, frames, track});
        plan.frames += frames;
    };
    std::mt19937_64 timing(request.timing_seed != 0 ? request.timing_seed : std::random_device{}());
    const auto own_timing_s = [&timing] { return kOwnTimingS * static_cast<double>(timing() >> 11) * 0x1p-53; };
    add(ProgrammeSection::Kind::Silence, frames_of(request.lead_in_s + own_timing_s()), -1);
    add(ProgrammeSection::Kind::Slate, frames_of(request.slate.duration_s), -1);
    for (const std::string& file : request.files) {
        auto info = audio::inspect_sound_file(file);
        if (!info) {
            return info.error();
        }
        add(ProgrammeSection::Kind::Silence, frames_of(request.gap_s + (plan.files.empty() ? own_timing_s() : 0.0)),
            -1);
        add(ProgrammeSection::Kind::Track, frames_of(info->duration_s()), static_cast<int>(plan.files.size()));
        plan.files.push_back(std::move(info).value());
    }
    add(ProgrammeSection::Kind::Silence, frames_of(request.post_roll_s), -1);

    const double speed_m_s = metres_per_second(installation.tape_speed_ips);
    const double usable_m = installation.tape_length_m - installation.spare_m - request.start_m.value_or(0.0);
    const double needed_s = plan.duration_s(rate_hz);
    if (needed_s * speed_m_s > usable_m) {
        const auto longest = std::max_element(plan.files.begin(), plan.files.end(), [](const auto& a, const auto& b) {
            return a.duration_s() < b.duration_s();
        });
        const std::string subject = plan.files.size() == 1 ? longest->path.string()
                                                           : std::to_string(plan.files.size()) + " files (longest " +
                                                                 longest->path.string() + ")";
        return Error{subject + ": the print needs " + minutes(needed_s) + " (" + figure(needed_s * speed_m_s, 1) +
                     " m at " + figure(installation.tape_speed_ips, 2) + " ips), the tape holds " +
                     minutes(std::max(0.0, usable_m / speed_m_s)) + " (" + figure(std::max(0.0, usable_m), 1) +
                     " m) from there; use a longer reel, a lower speed or a shorter programme"};
    }
    return plan;
}

} // namespace overbias::mastering
