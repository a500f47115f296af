// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/box_label.hpp"

#include "base/figure.hpp"
#include "mastering/paper/sheet_parts.hpp"
#include "paper/lettering.hpp"
#include "paper/table.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

using paper::Align;
using paper::Box;
using paper::Face;
using paper::Lettering;
using paper::Page;

constexpr double kMargin_mm = 6.0, kCut_mm = 0.1;
constexpr double kLeast_pt = 5.0;

bool fits(double value, double low, double high) {
    return std::isfinite(value) && value >= low && value <= high;
}

std::string headline(const PrintFacts& facts) {
    if (!facts.title.empty()) {
        return facts.title;
    }
    return facts.tracks.size() == 1 ? facts.tracks.front().name() : std::string();
}

/// The front of one reel's box.
class Front {
  public:
    Front(const PrintFacts& facts, std::size_t reel, const LabelSize& size)
        : facts_(facts), reel_(reel), size_(size), page_({size.width_mm, size.height_mm}),
          scale_(std::sqrt(size.width_mm / kLabel7.width_mm)) {}

    Page all() {
        page_.frame({kCut_mm, kCut_mm, size_.width_mm - 2.0 * kCut_mm, size_.height_mm - 2.0 * kCut_mm},
                    {.width_mm = 0.1, .grey = 0.5});
        const double top = head();
        const double bottom = hold_down();
        for (const LegendField& each : box_legend(facts_, reel_)) {
            if (each.key != "reel" && each.key != "title" && each.key != "artist" && each.key != "heads_tails") {
                legend_.push_back(each);
            }
        }
        double pt = 11.0 * scale_;
        while (pt > kLeast_pt && legend(top, pt, false) + table_height(pt, rows(pt).size()) > bottom) {
            pt = std::max(kLeast_pt, pt - 0.25);
        }
        const double y = legend(top, pt, true);
        tracks(y, bottom, pt);
        return std::move(page_);
    }

  private:
    [[nodiscard]] double left() const { return kMargin_mm; }
    [[nodiscard]] double width() const { return size_.width_mm - 2.0 * kMargin_mm; }
    [[nodiscard]] double right() const { return size_.width_mm - kMargin_mm; }

    /// Title and artist, and the reel's number in a frame; returns where they end.
    double head() {
        const std::string number = "Reel " + std::to_string(reel_ + 1) + " of " + std::to_string(facts_.reels);
        const Lettering bold{.size_pt = 12.0 * scale_, .face = Face::Bold};
        const double wide = paper::text_width_mm(number, bold) + 5.0;
        const double high = 8.0 * scale_;
        page_.frame({right() - wide, kMargin_mm, wide, high}, {.width_mm = 0.4});
        page_.text({right() - 0.5 * wide, kMargin_mm + 0.69 * high}, number, bold, Align::Centre);
        const double room = width() - wide - 4.0;
        double y = kMargin_mm;
        const std::string title = headline(facts_);
        // large, and smaller until two lines are enough
        Lettering type{.size_pt = 24.0 * scale_, .face = Face::Bold};
        while (type.size_pt > 12.0 && paper::wrapped(title, type, room).size() > 2) {
            type.size_pt -= 1.0;
        }
        for (const std::string& line : paper::wrapped(title, type, room, 2)) {
            page_.text({left(), y + 0.8 * paper::line_height_mm(type)}, line, type);
            y += paper::line_height_mm(type);
        }
        if (title.empty()) {
            y += 10.0;
            page_.line({left(), y}, {left() + room, y}, {.width_mm = 0.2, .grey = 0.4});
            y += 2.0;
        }
        y = std::max(y, kMargin_mm + high + 1.0);
        if (!facts_.artist.empty()) {
            const auto [small, text] = sheet::shrunk(facts_.artist, {.size_pt = 15.0 * scale_}, 9.0, width());
            page_.text({left(), y + 0.8 * paper::line_height_mm(small)}, text, small);
            y += paper::line_height_mm(small);
        }
        y += 1.5;
        page_.line({left(), y}, {right(), y}, {.width_mm = 0.4});
        return y + 1.5;
    }

    /// Across the foot: white on black for tails out; returns where it begins.
    double hold_down() {
        const double high = 9.0 * scale_;
        const Box box{left(), size_.height_mm - kMargin_mm - high, width(), high};
        const bool tails = facts_.tails_out.value_or(false);
        if (tails) {
            page_.area(box, 0.0);
        } else {
            page_.frame(box, {.width_mm = 0.4});
        }
        const auto middle = [&box](const Lettering& type) { // of capitals
            return box.y_mm + 0.5 * box.height_mm + 0.36 * type.size_pt * paper::kMillimetresPerPoint;
        };
        if (facts_.tails_out) {
            const auto [type, text] = sheet::shrunk(
                hold_down_words(facts_.tails_out),
                {.size_pt = 14.0 * scale_, .face = Face::Bold, .grey = tails ? 1.0 : 0.0}, 6.0, width() - 6.0);
            page_.text({left() + 0.5 * width(), middle(type)}, text, type, Align::Centre);
        } else { // two boxes, one to be ticked
            double x = left() + 4.0;
            for (const char* each : {"tails out, blue hold-down tape", "heads out, red hold-down tape"}) {
                const auto [type, text] = sheet::shrunk(each, {.size_pt = 10.0 * scale_}, 6.0, 0.5 * width() - 10.0);
                page_.frame({x, box.y_mm + 0.5 * high - 1.75, 3.5, 3.5}, {.width_mm = 0.3});
                page_.text({x + 5.0, middle(type)}, text, type);
                x += 0.5 * width();
            }
        }
        return box.y_mm - 2.0;
    }

    /// Two columns of names and texts; returns where they end. Draws only when told to.
    double legend(double top, double pt, bool draw) {
        const Lettering name{.size_pt = 0.9 * pt, .grey = 0.35}, value{.size_pt = pt};
        constexpr double kGap_mm = 5.0;
        const double column = 0.5 * (width() - kGap_mm);
        const double label = 2.75 * pt * 0.9; // as wide as "Noise reduction"
        const double line = paper::line_height_mm(value) * 1.08;
        const std::size_t half = (legend_.size() + 1) / 2;
        double lowest = top;
        for (std::size_t side = 0; side < 2; ++side) {
            const double x = left() + static_cast<double>(side) * (column + kGap_mm);
            double y = top;
            for (std::size_t i = side * half; i < std::min(legend_.size(), (side + 1) * half); ++i) {
                const auto lines = paper::wrapped(legend_[i].text, value, column - label, 3);
                if (draw) {
                    page_.text({x, y + 0.8 * line}, paper::fitted(legend_[i].name, name, label - 0.5), name);
                    for (std::size_t k = 0; k < lines.size(); ++k) {
                        page_.text({x + label, y + (0.8 + static_cast<double>(k)) * line}, lines[k], value);
                    }
                    if (lines.empty()) {
                        page_.line({x + label, y + 0.9 * line}, {x + column, y + 0.9 * line},
                                   {.width_mm = 0.15, .grey = 0.4});
                    }
                }
                y += line * static_cast<double>(std::max<std::size_t>(1, lines.size()));
            }
            lowest = std::max(lowest, y);
        }
        return lowest + 2.0;
    }

    /// Columns of the table of tracks; they grow with the type.
    [[nodiscard]] std::vector<paper::Column> columns(double pt) const {
        const double unit = 1.4 * pt;
        return {{"", unit * 0.7, Align::Right},
                {"Track", width() - unit * 3.5, Align::Left},
                {"Starts at", unit * 1.4, Align::Right},
                {"Length", unit * 1.4, Align::Right}};
    }
    /// A title that is too long for its column goes on in a second row.
    [[nodiscard]] std::vector<paper::Row> rows(double pt) const {
        const double room = columns(pt)[1].width_mm - 2.0;
        std::vector<paper::Row> all;
        for (std::size_t side = 0; side < facts_.sides.size(); ++side) {
            if (facts_.sides[side].reel != reel_) {
                continue;
            }
            if (facts_.sides.size() > 1) {
                all.push_back({.cells = {{.text = "Side " + facts_.sides[side].name,
                                          .face = Face::Bold,
                                          .columns = 4,
                                          .align = Align::Left}},
                               .shaded = true});
            }
            for (std::size_t i = 0; i < facts_.tracks.size(); ++i) {
                const PaperTrack& track = facts_.tracks[i];
                if (track.side != side) {
                    continue;
                }
                const std::string name = track.name() + (track.version.empty() ? "" : " (" + track.version + ")");
                auto lines = paper::wrapped(name, {.size_pt = pt}, room, 2);
                lines.resize(std::max<std::size_t>(1, lines.size()));
                all.push_back({.cells = {{.text = std::to_string(i + 1)},
                                         {.text = lines[0]},
                                         {.text = track.start_tape_s ? tape_time(*track.start_tape_s, 0) : ""},
                                         {.text = track.duration_s ? tape_time(*track.duration_s, 0) : ""}}});
                if (lines.size() > 1) {
                    all.push_back({.cells = {{.text = ""}, {.text = lines[1]}}});
                }
            }
        }
        return all;
    }
    static double table_height(double pt, std::size_t rows) {
        return static_cast<double>(rows + 1) * paper::row_height_mm({.columns = {}, .rows = {}, .size_pt = pt}) + 0.5;
    }

    /// As many as there is room for; the rest is on the cue sheet, and the last row says so.
    void tracks(double top, double bottom, double pt) {
        paper::Table table{.columns = columns(pt), .rows = rows(pt), .size_pt = pt};
        const double height = paper::row_height_mm(table);
        const auto room = static_cast<std::size_t>(std::max(0.0, std::floor((bottom - top - 0.5) / height)));
        if (room < 3) {
            return; // the legend says how many there are
        }
        if (table.rows.size() + 1 > room) {
            const std::size_t kept = room - 2;
            const std::string more = std::to_string(table.rows.size() - kept) + " more: see the cue sheet";
            table.rows.resize(kept);
            table.rows.push_back({.cells = {{.text = ""}, {.text = more, .columns = 3}}});
        }
        paper::draw_table(page_, {left(), top}, table);
    }

    const PrintFacts& facts_;
    std::size_t reel_;
    LabelSize size_;
    Page page_;
    double scale_;
    std::vector<LegendField> legend_;
};

/// One strip: what one looks for in a shelf.
Page spine(const PrintFacts& facts, std::size_t reel, const LabelSize& size) {
    Page page({size.width_mm, size.spine_mm});
    page.frame({kCut_mm, kCut_mm, size.width_mm - 2.0 * kCut_mm, size.spine_mm - 2.0 * kCut_mm},
               {.width_mm = 0.1, .grey = 0.5});
    const double width = size.width_mm - 2.0 * 4.0;
    const double pt = size.spine_mm / paper::kMillimetresPerPoint;
    const std::string number = std::to_string(reel + 1) + "/" + std::to_string(facts.reels);
    const Lettering large{.size_pt = std::min(18.0, 0.42 * pt), .face = Face::Bold};
    const Lettering small{.size_pt = std::min(9.0, 0.24 * pt)};
    const double wide = paper::text_width_mm(number, large) + 3.0;
    page.text({size.width_mm - 4.0, 0.48 * size.spine_mm}, number, large, Align::Right);
    const std::string title = (facts.artist.empty() ? "" : facts.artist + ": ") + headline(facts);
    const auto [type, text] = sheet::shrunk(title, large, 0.6 * large.size_pt, width - wide);
    page.text({4.0, 0.48 * size.spine_mm}, text, type);
    std::string details;
    const auto add = [&details](const std::string& each) {
        details += each.empty() ? "" : (details.empty() ? "" : "  |  ") + each;
    };
    add(facts.catalogue_number);
    add(facts.version);
    add(facts.date);
    add(facts.speed_ips ? plain_number(*facts.speed_ips, 3) + " ips" : "");
    add(facts.equalisation);
    add(facts.operating_level_nwb_per_m ? plain_number(*facts.operating_level_nwb_per_m, 1) + " nWb/m" : "");
    add(facts.noise_reduction);
    add(!facts.tails_out ? "" : *facts.tails_out ? "TAILS OUT" : "HEADS OUT");
    const auto [fine, line] = sheet::shrunk(details, small, 0.7 * small.size_pt, width);
    page.text({4.0, 0.86 * size.spine_mm}, line, fine);
    return page;
}

} // namespace

Result<paper::Document> label_document(const PrintFacts& facts, const LabelSize& size) {
    if (!fits(size.width_mm, 120.0, 420.0) || !fits(size.height_mm, 120.0, 420.0) ||
        !(size.spine_mm == 0.0 || fits(size.spine_mm, 8.0, 100.0))) {
        return Error{"box label: expected a front of 120 to 420 mm and a spine of 8 to 100 mm (0: none), got " +
                     plain_number(size.width_mm, 1) + " by " + plain_number(size.height_mm, 1) + " mm and " +
                     plain_number(size.spine_mm, 1) + " mm; measure the box"};
    }
    paper::Document document;
    for (std::size_t reel = 0; reel < facts.reels; ++reel) {
        document.pages.push_back(Front(facts, reel, size).all());
        if (size.spine_mm > 0.0) {
            document.pages.push_back(spine(facts, reel, size));
        }
    }
    document.metadata = {.title = "Box label: " + headline(facts),
                         .subject = "Session " + facts.session,
                         .author = facts.engineer,
                         .date = sheet::utc_seconds(facts.made_utc)};
    return document;
}

std::string label_text(const PrintFacts& facts) {
    std::string out;
    for (std::size_t reel = 0; reel < facts.reels; ++reel) {
        for (const LegendField& each : box_legend(facts, reel)) {
            out += each.name + ": " + (each.text.empty() ? "________" : each.text) + "\n";
        }
        out += hold_down_words(facts.tails_out) + "\n";
        for (std::size_t i = 0; i < facts.tracks.size(); ++i) {
            const PaperTrack& track = facts.tracks[i];
            if (facts.sides[track.side].reel == reel) {
                out += "  " + facts.sides[track.side].name + (facts.sides[track.side].name.empty() ? "" : " ") +
                       std::to_string(i + 1) + "  " + track.name() + "  " +
                       (track.start_tape_s ? tape_time(*track.start_tape_s, 0) : "") + "  " +
                       (track.duration_s ? tape_time(*track.duration_s, 0) : "") + "\n";
            }
        }
        out += reel + 1 < facts.reels ? "\n" : "";
    }
    return out;
}

json::value label_json(const PrintFacts& facts) {
    json::array reels;
    for (std::size_t reel = 0; reel < facts.reels; ++reel) {
        json::object legend;
        for (const LegendField& each : box_legend(facts, reel)) {
            legend[each.key] = each.text.empty() ? json::value(nullptr) : json::value(json::string(each.text));
        }
        legend["hold_down"] = hold_down_words(facts.tails_out);
        reels.push_back(std::move(legend));
    }
    return json::object{{"label", "box of a reel"}, {"session", facts.session}, {"reels", std::move(reels)}};
}

} // namespace overbias::mastering
