// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/cue_sheet.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "mastering/paper/box_label.hpp"
#include "mastering/paper/certificate_tables.hpp"
#include "mastering/paper/sheet_parts.hpp"
#include "paper/lettering.hpp"
#include "paper/table.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <utility>
#include <vector>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

using paper::Align;
using paper::Face;
using namespace sheet;

/// One line of the sheet: a leader, a tone, a track.
struct Cue {
    std::string kind, number, what;
    std::optional<double> tape_s, counter_m, length_s;
    std::string length_text; ///< of a leader, as the plan has it
    std::string level, remark;
    bool failed = false;
};

std::optional<double> counter_at(const PrintFacts& facts, const PaperSide& side, const std::optional<double>& tape_s) {
    if (!side.start_counter_m || !tape_s || !facts.speed_ips) {
        return std::nullopt;
    }
    return *side.start_counter_m + *tape_s * metres_per_second(*facts.speed_ips);
}

std::string together(const std::string& before, const std::string& next) {
    return before.empty() || next.empty() ? before + next : before + "; " + next;
}

Cue cue_of(const PrintFacts& facts, std::size_t index) {
    const PaperTrack& track = facts.tracks[index];
    std::string remark = track.version;
    if (!track.artist.empty() && track.artist != facts.artist) {
        remark = together(remark, track.artist);
    }
    remark = together(remark, track.isrc.empty() ? "" : "ISRC " + track.isrc);
    if (track.verdict != "pass") {
        remark = together(remark, "FAILED" + (track.findings.empty() ? "" : ": " + track.findings.front().reason));
    }
    std::string level = track.trim_db && *track.trim_db != 0.0 ? "trim " + figure(*track.trim_db, 1, true) : "";
    const std::string read = both(track.level_difference_db, 2);
    level = together(level, read == "-" ? "" : "tape " + read);
    return {.kind = "track",
            .number = std::to_string(index + 1),
            .what = track.name(),
            .tape_s = track.start_tape_s,
            .counter_m = track.start_counter_m ? track.start_counter_m
                                               : counter_at(facts, facts.sides[track.side], track.start_tape_s),
            .length_s = track.duration_s,
            .length_text = {},
            .level = level,
            .remark = remark,
            .failed = track.verdict != "pass"};
}

std::vector<Cue> cues_of(const PrintFacts& facts, std::size_t side) {
    std::vector<Cue> all;
    const PaperSide& it = facts.sides[side];
    const bool first_on_reel = side == 0 || facts.sides[side - 1].reel != it.reel;
    const bool last_on_reel = side + 1 == facts.sides.size() || facts.sides[side + 1].reel != it.reel;
    const auto leader = [&](const char* what, const std::string& length) {
        if (!length.empty()) {
            Cue cue;
            cue.kind = "leader";
            cue.what = what;
            cue.length_text = length;
            all.push_back(std::move(cue));
        }
    };
    if (first_on_reel) {
        leader("Head leader", facts.head_leader);
    }
    for (const PaperTone& tone : it.tones) {
        const std::string read = both(tone.level_difference_db, 2);
        std::string level = tone.level_re_operating_db ? figure(*tone.level_re_operating_db, 1, true) : "";
        level = together(level, read == "-" ? "" : "tape " + read);
        PaperTone bare = tone; // the level has a column of its own
        bare.level_re_operating_db.reset();
        all.push_back({.kind = tone.voice ? "voice" : "tone",
                       .number = {},
                       .what = (tone.voice ? "" : "Tone ") + tone_words(bare),
                       .tape_s = tone.start_tape_s,
                       .counter_m = counter_at(facts, it, tone.start_tape_s),
                       .length_s = tone.duration_s,
                       .length_text = {},
                       .level = level,
                       .remark = {}});
    }
    for (std::size_t i = 0; i < facts.tracks.size(); ++i) {
        if (facts.tracks[i].side == side) {
            all.push_back(cue_of(facts, i));
        }
    }
    if (last_on_reel) {
        leader("Tail leader", facts.tail_leader);
    }
    return all;
}

std::string length_of(const Cue& cue) {
    return cue.length_s ? tape_time(*cue.length_s) : cue.length_text;
}

std::string side_words(const PrintFacts& facts, std::size_t side) {
    const PaperSide& it = facts.sides[side];
    const std::string reel = "Reel " + std::to_string(it.reel + 1) + " of " + std::to_string(facts.reels);
    return it.name.empty() ? reel : "Side " + it.name + ", " + reel;
}

void draw_side(paper::Flow& flow, const PrintFacts& facts, std::size_t side) {
    heading(flow, side_words(facts, side), 16.0);
    paper::Table table{.columns = {{"", 7.0, Align::Right},
                                   {"", 47.0, Align::Left},
                                   {"Tape time", 15.0, Align::Right},
                                   {"Counter m", 16.0, Align::Right},
                                   {"Length", 13.0, Align::Right},
                                   {"", 3.0, Align::Left},
                                   {"Level, dB", 38.0, Align::Left},
                                   {"Remarks", 36.0, Align::Left}},
                       .rows = {},
                       .size_pt = 7.5};
    for (const Cue& cue : cues_of(facts, side)) {
        const Face face = cue.kind == "track" ? Face::Bold : Face::Regular;
        std::vector<std::string> remarks = paper::wrapped(cue.remark, {.size_pt = 7.5}, 34.0);
        std::vector<std::string> levels = paper::wrapped(cue.level, {.size_pt = 7.5}, 36.0);
        std::vector<std::string> names = paper::wrapped(cue.what, {.size_pt = 7.5, .face = face}, 45.0);
        const std::size_t rows = std::max({remarks.size(), levels.size(), names.size(), std::size_t{1}});
        remarks.resize(rows);
        levels.resize(rows);
        names.resize(rows);
        for (std::size_t i = 0; i < rows; ++i) {
            const bool first = i == 0;
            table.rows.push_back({.cells = {{.text = first ? cue.number : ""},
                                            {.text = names[i], .face = face},
                                            {.text = first && cue.tape_s ? tape_time(*cue.tape_s) : ""},
                                            {.text = first && cue.counter_m ? figure(*cue.counter_m, 2) : ""},
                                            {.text = first ? length_of(cue) : ""},
                                            {.text = ""},
                                            {.text = levels[i]},
                                            {.text = remarks[i]}},
                                  .shaded = cue.kind != "track"});
        }
    }
    paper::draw_table(flow, table);
}

} // namespace

paper::Document cue_sheet_document(const PrintFacts& facts) {
    paper::Document document;
    const std::string title = facts.title.empty() ? "Cue sheet" : "Cue sheet: " + facts.title;
    paper::Flow flow(document, paper::kA4, kMargins, [&](paper::Page& page, std::size_t number) {
        if (number == 1) {
            return kMargins.top_mm;
        }
        page.text({kMargins.left_mm, kMargins.top_mm + 3.0}, paper::fitted(title, kHeading, 170.0), kHeading);
        return kMargins.top_mm + 6.0;
    });
    const auto [type, text] = shrunk(title, kTitle, 11.0, flow.width());
    flow.page().text({flow.left(), flow.y() + 6.0}, text, type);
    flow.advance(9.0);
    std::vector<Fact> all;
    for (const LegendField& each : box_legend(facts, 0)) {
        if (each.key != "reel" && each.key != "timings" && each.key != "tones") {
            all.emplace_back(each.name, each.text);
        }
    }
    sheet::facts(flow, all, 2, 26.0);
    flow.advance(1.0);
    const std::string hold_down = hold_down_words(facts.tails_out);
    flow.page().text({flow.left(), flow.y() + 3.0}, hold_down, kHeading);
    flow.advance(4.5);
    for (std::size_t side = 0; side < facts.sides.size(); ++side) {
        draw_side(flow, facts, side);
    }
    flow.advance(1.0);
    flow.paragraph("Tape time counts from the first tone of each side. Level: of a tone re operating level, of a track "
                   "the trim of its file; tape: level off tape against level sent, left / right.",
                   kSmall);
    heading(flow, "Notes", 12.0);
    if (facts.notes.empty()) {
        for (int i = 0; i < 2 && flow.room() > 7.0; ++i) {
            flow.advance(6.0);
            flow.page().line({flow.left(), flow.y()}, {flow.right(), flow.y()}, {.width_mm = 0.15, .grey = 0.4});
        }
    }
    flow.paragraph(facts.notes, kValue);
    std::vector<std::string> texts{facts.title, facts.artist, facts.client, facts.studio, facts.engineer, facts.notes};
    for (const PaperTrack& each : facts.tracks) {
        texts.push_back(each.name());
    }
    flow.advance(1.0);
    flow.paragraph(unknown_words(texts), kSmall);
    footers(document, "Session " + facts.session,
            "The certificate of this session says what was proven, and what could not be judged");
    document.metadata = {.title = title,
                         .subject = "Session " + facts.session,
                         .author = facts.engineer,
                         .date = utc_seconds(facts.made_utc)};
    return document;
}

std::string cue_sheet_text(const PrintFacts& facts) {
    std::string out = facts.title.empty() ? "" : facts.title + "\n";
    for (std::size_t side = 0; side < facts.sides.size(); ++side) {
        out += side_words(facts, side) + "\n";
        for (const Cue& cue : cues_of(facts, side)) {
            out += "  " + (cue.number.empty() ? "" : cue.number + " ") + cue.what;
            const auto add = [&](const char* name, const std::string& value) {
                out += value.empty() ? "" : std::string(", ") + name + value;
            };
            add("at ", cue.tape_s ? tape_time(*cue.tape_s) : "");
            add("counter ", cue.counter_m ? figure(*cue.counter_m, 2) + " m" : "");
            add("length ", length_of(cue));
            add("dB: ", cue.level);
            add("", cue.remark);
            out += "\n";
        }
    }
    return out + hold_down_words(facts.tails_out) + "\n";
}

json::value cue_sheet_json(const PrintFacts& facts) {
    const auto number = [](const std::optional<double>& value) {
        return value ? json::value(*value) : json::value(nullptr);
    };
    const auto text = [](const std::string& value) {
        return value.empty() ? json::value(nullptr) : json::value(json::string(value));
    };
    json::array sides;
    for (std::size_t side = 0; side < facts.sides.size(); ++side) {
        json::array cues;
        for (const Cue& cue : cues_of(facts, side)) {
            cues.push_back(json::object{{"kind", cue.kind},
                                        {"number", text(cue.number)},
                                        {"what", cue.what},
                                        {"tape_time_s", number(cue.tape_s)},
                                        {"counter_m", number(cue.counter_m)},
                                        {"length_s", number(cue.length_s)},
                                        {"length", text(cue.length_text)},
                                        {"level", text(cue.level)},
                                        {"remark", text(cue.remark)}});
        }
        sides.push_back(json::object{
            {"side", text(facts.sides[side].name)}, {"reel", facts.sides[side].reel + 1}, {"cues", std::move(cues)}});
    }
    return json::object{{"cue_sheet", text(facts.title)},
                        {"session", facts.session},
                        {"hold_down", hold_down_words(facts.tails_out)},
                        {"sides", std::move(sides)}};
}

} // namespace overbias::mastering
