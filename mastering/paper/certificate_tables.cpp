// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/certificate_tables.hpp"

#include "base/figure.hpp"
#include "mastering/paper/json_read.hpp"
#include "mastering/paper/sheet_parts.hpp"
#include "paper/table.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

namespace overbias::mastering {

namespace {

using paper::Align;
using paper::Face;

constexpr const char* kNone = "-"; // a figure that is not there; the list of what was not judged says why

std::string number(const std::optional<double>& value, int decimals, bool sign = true) {
    return value ? figure(*value, decimals, sign) : kNone;
}

std::string time(const std::optional<double>& seconds, int decimals = 1) {
    return seconds ? tape_time(*seconds, decimals) : kNone;
}

std::string file_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1); // all of it where there is no slash
}

} // namespace

std::string track_label(const PrintFacts& facts, std::size_t track) {
    const PaperTrack& it = facts.tracks.at(track);
    const std::string& side = facts.sides.at(it.side).name;
    return (facts.sides.size() > 1 && !side.empty() ? side + " " : "") + std::to_string(track + 1) + " " + it.name();
}

std::string alignment_figures(const boost::json::value& used) {
    constexpr std::size_t kMost = 24;
    struct Group {
        std::string id, words, end;
    };
    std::vector<Group> groups;
    std::size_t others = 0;
    for (const boost::json::value& each : list_at(used, "values")) {
        const std::string id = text_at(each, "id");
        const auto reading = number_at(each, "reading"), tolerance = number_at(each, "tolerance");
        const bool goes_on = !groups.empty() && groups.back().id == id;
        if (!reading || !tolerance || (groups.size() == kMost && !goes_on)) {
            ++others;
        } else if (goes_on) {
            groups.back().words += " / " + plain_number(*reading, 3);
        } else {
            std::string name = id;
            std::replace_if(
                name.begin(), name.end(), [](char c) { return c == '.' || c == '_'; }, ' ');
            groups.push_back({id, name + " " + plain_number(*reading, 3),
                              " " + text_at(each, "unit") + " (" +
                                  plain_number(number_at(each, "target").value_or(0.0), 3) + " +-" +
                                  plain_number(*tolerance, 3) + ")"});
        }
    }
    std::string text = text_at(used, "operators").empty() ? "" : "By " + text_at(used, "operators") + ". ";
    for (std::size_t i = 0; i < groups.size(); ++i) {
        text += (i == 0 ? "Target and tolerance in brackets: " : "; ") + groups[i].words + groups[i].end;
    }
    return text + (others == 0 ? "" : (groups.empty() ? "" : "; ") + std::to_string(others) + " more in the JSON file");
}

std::optional<double> worst_third_octave(const PaperTrack& track) {
    std::array<std::optional<double>, 2> worst; // of bands that quiet passages have as well, and of the others
    for (std::size_t channel = 0; channel < track.third_octave_db.size(); ++channel) {
        const auto& all = track.third_octave_db[channel];
        for (std::size_t band = 0; band < all.size(); ++band) {
            auto& most = worst[track.only_loud(channel, band) ? 1 : 0];
            if (all[band] && (!most || std::abs(*all[band]) > std::abs(*most))) {
                most = all[band];
            }
        }
    }
    return worst[0] ? worst[0] : worst[1];
}

std::string both(const Channels& channels, int decimals) {
    return channels[0] || channels[1] ? number(channels[0], decimals) + " / " + number(channels[1], decimals) : kNone;
}

void draw_track_table(paper::Flow& flow, const PrintFacts& facts) {
    sheet::heading(
        flow, "Tracks: left / right where there are two figures; a dash where there was not enough to judge by", 16.0);
    paper::Table table{.columns = {{"", 7.0, Align::Right},
                                   {"Title", 40.0, Align::Left},
                                   {"Tape time", 14.0, Align::Right},
                                   {"Counter m", 14.0, Align::Right},
                                   {"Length", 13.0, Align::Right},
                                   {"Level dB", 19.5, Align::Right},
                                   {"re slate dB", 19.5, Align::Right},
                                   {"1/3 oct.", 12.0, Align::Right},
                                   {"Drop-outs", 14.0, Align::Right},
                                   {"Judged", 11.0, Align::Right},
                                   {"", 11.0, Align::Right}},
                       .rows = {},
                       .size_pt = 7.0};
    std::size_t side = facts.sides.size();
    for (std::size_t i = 0; i < facts.tracks.size(); ++i) {
        const PaperTrack& track = facts.tracks[i];
        if (facts.sides.size() > 1 && track.side != side) {
            side = track.side;
            table.rows.push_back(
                {.cells = {{.text = "Side " + facts.sides[side].name + ", reel " +
                                    std::to_string(facts.sides[side].reel + 1) + " of " + std::to_string(facts.reels),
                            .face = Face::Bold,
                            .columns = table.columns.size(),
                            .align = Align::Left}},
                 .shaded = true});
        }
        const auto over = std::count_if(track.dropouts.begin(), track.dropouts.end(),
                                        [](const PaperDropout& each) { return each.over_limit; });
        const bool failed = track.verdict != "pass";
        table.rows.push_back(
            {.cells = {{.text = std::to_string(i + 1)},
                       {.text = track.name()},
                       {.text = time(track.start_tape_s)},
                       {.text = number(track.start_counter_m, 2, false)},
                       {.text = time(track.duration_s)},
                       {.text = both(track.level_difference_db, 2)},
                       {.text = both(track.level_re_slate_db, 2)},
                       {.text = number(worst_third_octave(track), 1)},
                       {.text = std::to_string(over) + " (" + std::to_string(track.dropouts.size()) + ")"},
                       {.text = track.judged.dropouts ? figure(100.0 * *track.judged.dropouts, 0) + " %" : kNone},
                       {.text = failed ? "FAIL" : "pass", .face = failed ? Face::Bold : Face::Regular}}});
    }
    paper::draw_table(flow, table);
    flow.advance(1.0);
    flow.paragraph(
        "1/3 oct.: the largest difference of either channel, dB; bands that only loud passages have, which tape "
        "compresses, count where there are no others. Drop-outs: over the limits (all that were told). "
        "Judged: share of the time in which drop-outs could be judged.",
        sheet::kSmall);
    paper::Table more{.columns = {{"", 7.0, Align::Right},
                                  {"Title", 40.0, Align::Left},
                                  {"Delay ms", 15.0, Align::Right},
                                  {"Change ppm", 19.0, Align::Right},
                                  {"Speed ppm", 15.0, Align::Right},
                                  {"Phase deg", 15.0, Align::Right},
                                  {"Azimuth us (s)", 20.0, Align::Right},
                                  {"Wow %", 12.0, Align::Right},
                                  {"Residual dB", 20.0, Align::Right},
                                  {"Trim dB", 12.0, Align::Right}},
                      .rows = {},
                      .size_pt = 7.0};
    for (std::size_t i = 0; i < facts.tracks.size(); ++i) {
        const PaperTrack& track = facts.tracks[i];
        const std::string azimuth = !track.azimuth.mean_us ? kNone
                                                           : figure(*track.azimuth.mean_us, 1, true) + " (" +
                                                                 number(track.azimuth.averaging_s, 0, false) + ")";
        more.rows.push_back({.cells = {{.text = std::to_string(i + 1)},
                                       {.text = track.name()},
                                       {.text = number(track.delay_ms, 3, false)},
                                       {.text = number(track.speed_change_ppm, 0)},
                                       {.text = number(track.speed_error_ppm, 0)},
                                       {.text = number(track.phase_deg, 1)},
                                       {.text = azimuth},
                                       {.text = number(track.wow_percent, 3, false)},
                                       {.text = both(track.residual_db, 0)},
                                       {.text = number(track.trim_db, 2)}}});
    }
    flow.advance(1.5);
    paper::draw_table(flow, more);
    flow.advance(1.0);
    flow.paragraph("Delay: record to reproduce head. Change: of speed, against the start. Azimuth: right behind left, "
                   "median over the averaging time in "
                   "brackets. Wow: from the delay, unweighted.",
                   sheet::kSmall);
}

void draw_source_table(paper::Flow& flow, const PrintFacts& facts) {
    sheet::heading(flow, "Sources", 12.0);
    paper::Table table{.columns = {{"", 7.0, Align::Right},
                                   {"File", 64.0, Align::Left},
                                   {"Rate Hz", 14.0, Align::Right},
                                   {"SHA-256", 90.0, Align::Left}},
                       .rows = {},
                       .size_pt = 7.0};
    for (std::size_t i = 0; i < facts.tracks.size(); ++i) {
        const PaperTrack& track = facts.tracks[i];
        table.rows.push_back(
            {.cells = {{.text = std::to_string(i + 1)},
                       {.text = file_name(track.file)},
                       {.text = number(track.sample_rate_hz, 0, false) + (track.converted ? " *" : "")},
                       {.text = track.sha256}}});
    }
    paper::draw_table(flow, table);
    if (std::any_of(facts.tracks.begin(), facts.tracks.end(), [](const PaperTrack& each) { return each.converted; })) {
        flow.advance(1.0);
        flow.paragraph("* converted to the card's rate" +
                           (facts.sample_rate_hz ? " of " + figure(*facts.sample_rate_hz, 0) + " Hz" : std::string()) +
                           " before it was printed.",
                       sheet::kSmall);
    }
}

} // namespace overbias::mastering
