// SPDX-License-Identifier: Apache-2.0
#include "mastering/plan/cue_sheet.hpp"

#include "base/figure.hpp"
#include "base/toml/message_text.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

constexpr double kRoll_s = 2.0; ///< start and pre-roll before record

/// Plays the sides one after the other on its own clock.
class DryRun {
  public:
    explicit DryRun(const PlanCheck& check) : check_(check), speed_m_s_(metres_per_second(check.plan.tape.speed_ips)) {}

    CueSheet run() {
        int reel = 0;
        for (const PlanSideCheck& side : check_.sides) {
            if (!side.laid_out) {
                continue;
            }
            begin(side, side.reel != reel);
            reel = side.reel;
            for (const ProgrammeSection& section : side.laid_out->sections) {
                play(side, section);
            }
            add(side, "end", "record off", 0.0);
        }
        sheet_.elapsed_s = elapsed_s_;
        return std::move(sheet_);
    }

  private:
    void begin(const PlanSideCheck& side, bool new_reel) {
        record_from_m_ = side.end_m - side.duration_s * speed_m_s_;
        side_s_ = 0.0;
        const std::string of =
            " (reel " + std::to_string(side.reel) + " of " + std::to_string(check_.plan.reels()) + ")";
        if (new_reel) {
            add(side, "gate", "put on the tape for side " + side.name + of + ", zero the counter at its beginning",
                0.0);
        }
        side_s_ = -kRoll_s;
        add(side, "roll", "side " + side.name + ": from " + figure(counter_m(), 2) + " m", kRoll_s);
        side_s_ = 0.0;
    }
    void play(const PlanSideCheck& side, const ProgrammeSection& section) {
        double duration_s = static_cast<double>(section.frames) / check_.sample_rate_hz;
        const auto index = static_cast<std::size_t>(std::max(0, section.index));
        switch (section.kind) {
        case ProgrammeSection::Kind::LeadIn:
            // The print's own timing differs each time; the sheet has it at the length that was asked for.
            duration_s = check_.plan.slate.lead_in_s;
            return add(side, "lead_in", "record on", duration_s);
        case ProgrammeSection::Kind::Slate:
        case ProgrammeSection::Kind::Tone:
            return add(side, section.kind == ProgrammeSection::Kind::Slate ? "slate" : "tone",
                       tone_words(side.laid_out->tones[index]), duration_s);
        case ProgrammeSection::Kind::Voice:
            return add(side, "voice", "voice slate", duration_s);
        case ProgrammeSection::Kind::Gap:
            if (section.index >= 0) {
                duration_s = check_.plan.gap_before(side.side, index).seconds(check_.plan.tape.speed_ips);
            }
            return add(side, "gap", "", duration_s);
        case ProgrammeSection::Kind::Track:
            return add(side, "track", check_.plan.sides[side.side].tracks[index].name(), duration_s, section.index);
        case ProgrammeSection::Kind::PostRoll:
            return add(side, "post_roll", "", duration_s);
        }
    }
    static std::string tone_words(const SlateTone& tone) {
        return number_text(tone.frequency_hz) + " Hz, " + figure(tone.level_re_operating_db, 1, true) +
               " dB re operating level" + (tone.azimuth ? ", for azimuth" : "");
    }
    [[nodiscard]] double counter_m() const { return std::max(0.0, record_from_m_ + side_s_ * speed_m_s_); }
    void add(const PlanSideCheck& side, std::string kind, std::string words, double duration_s, int track = -1) {
        Cue cue;
        cue.kind = std::move(kind);
        cue.words = std::move(words);
        cue.side = side.name;
        cue.track = track;
        cue.side_s = side_s_;
        cue.duration_s = duration_s;
        cue.counter_m = cue.kind == "gate" ? 0.0 : counter_m();
        cue.tape_m = cue.counter_m - side.start_m;
        cue.counter = counter_text(cue.counter_m, check_.plan.tape.speed_ips);
        cue.elapsed_s = elapsed_s_;
        cue.reel = side.reel;
        sheet_.cues.push_back(std::move(cue));
        side_s_ += duration_s;
        elapsed_s_ += duration_s;
    }

    const PlanCheck& check_;
    double speed_m_s_;
    CueSheet sheet_;
    double record_from_m_ = 0.0, side_s_ = 0.0, elapsed_s_ = 0.0;
};

} // namespace

std::string counter_text(double counter_m, double speed_ips) {
    std::array<char, 32> text{};
    const auto whole = static_cast<long>(std::floor(counter_m / metres_per_second(speed_ips) + 1e-6));
    std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    return text.data();
}

CueSheet dry_run(const PlanCheck& check) {
    return DryRun(check).run();
}

json::object cue_sheet_json(const CueSheet& sheet) {
    json::array cues;
    for (const Cue& cue : sheet.cues) {
        cues.push_back({{"kind", cue.kind},
                        {"words", cue.words},
                        {"side", cue.side},
                        {"reel", cue.reel},
                        {"track", cue.track >= 0 ? json::value(cue.track) : json::value(nullptr)},
                        {"side_s", cue.side_s},
                        {"duration_s", cue.kind == "gate" ? json::value(nullptr) : json::value(cue.duration_s)},
                        {"tape_m", cue.tape_m},
                        {"counter_m", cue.counter_m},
                        {"counter", cue.counter},
                        {"elapsed_s", cue.elapsed_s}});
    }
    return {{"elapsed_s", sheet.elapsed_s}, {"cues", std::move(cues)}};
}

} // namespace overbias::mastering
