// SPDX-License-Identifier: Apache-2.0
// How an alignment's sheet is laid out.
#include "base/figure.hpp"
#include "calibration/results/alignment_rows.hpp"
#include "calibration/results/alignment_sheet.hpp"
#include "calibration/results/alignment_sheet_plots.hpp"
#include "calibration/results/alignment_sheet_tables.hpp"
#include "paper/flow.hpp"
#include "paper/lettering.hpp"
#include "paper/pdf.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

using paper::Align;
using paper::Face;
using paper::Lettering;

// the left margin is wide enough for the holes of a file
constexpr paper::Margins kMargins{.left_mm = 22.0, .right_mm = 13.0, .top_mm = 13.0, .bottom_mm = 18.0};
constexpr Lettering kTitle{.size_pt = 17.0, .face = Face::Bold};
constexpr Lettering kVerdict{.size_pt = 20.0, .face = Face::Bold};
constexpr Lettering kLabel{.size_pt = 8.0, .grey = 0.35};
constexpr Lettering kValue{.size_pt = 8.5};
constexpr Lettering kSmall{.size_pt = 7.0};
constexpr Lettering kOn{.size_pt = 7.0, .face = Face::Bold};
constexpr Lettering kHeading{.size_pt = 9.0, .face = Face::Bold};
constexpr double kGap_mm = 2.5;

std::string joined(const std::vector<std::string>& all) {
    std::string out;
    for (const std::string& each : all) {
        out += (out.empty() ? "" : ", ") + each;
    }
    return out;
}

/// Each once, in the order in which they come.
std::vector<std::string> distinct(const std::vector<tape::AlignmentStep>& steps,
                                  std::string tape::AlignmentStep::*text) {
    std::vector<std::string> all;
    for (const tape::AlignmentStep& step : steps) {
        if (!(step.*text).empty() && std::find(all.begin(), all.end(), step.*text) == all.end()) {
            all.push_back(step.*text);
        }
    }
    return all;
}

std::string named(const std::string& name, const std::string& id) {
    return name.empty() || name == id ? id : name + " (" + id + ")";
}

std::string speed_text(double ips) {
    std::string text = figure(ips, 3);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text + " ips (" + figure(ips * 2.54, 2) + " cm/s)";
}

struct PlotHeights {
    double response_mm, drift_mm;
};
constexpr PlotHeights kUsual{.response_mm = 52.0, .drift_mm = 34.0}, kLower{.response_mm = 41.0, .drift_mm = 29.0};

class Sheet {
  public:
    Sheet(const AlignmentSheet& sheet, PlotHeights heights)
        : sheet_(sheet), heights_(heights), rows_(alignment_rows(sheet)),
          flow_(document_, paper::kA4, kMargins, [this](paper::Page& page, std::size_t number) {
              return number == 1 ? kMargins.top_mm : running_head(page);
          }) {}

    paper::Document all() {
        heading();
        facts();
        responses();
        drift();
        draw_step_table(flow_, rows_, sheet_.earlier.has_value(), notes_);
        draw_response_tables(flow_, rows_, notes_);
        notes();
        footers();
        metadata();
        return std::move(document_);
    }

  private:
    double running_head(paper::Page& page) const {
        const double baseline = kMargins.top_mm + 3.0;
        const double right = paper::kA4.width_mm - kMargins.right_mm;
        const std::string verdict(verdict_words(verdict_of(sheet_.record)));
        page.text({right, baseline}, verdict, kHeading, Align::Right);
        page.text({kMargins.left_mm, baseline},
                  paper::fitted(title() + ", " + named(sheet_.deck, sheet_.record.key.deck_uuid), kHeading, 140.0),
                  kHeading);
        return baseline + 3.0;
    }
    [[nodiscard]] std::string title() const {
        return sheet_.record.procedure.empty() ? "Alignment" : procedure_words(sheet_.record.procedure);
    }

    /// Who ran it, and who else has accepted a value of it.
    [[nodiscard]] std::string operators() const {
        std::string names = sheet_.record.operators;
        for (const std::string& each : distinct(sheet_.record.steps, &tape::AlignmentStep::accepted_by)) {
            tape::add_name(names, each);
        }
        return names;
    }

    /// The verdict on the right: a pass in a frame; white on black where something has gone wrong, so that it can't be
    /// missed in a file; without a frame where nothing was judged.
    void heading() {
        const AlignmentVerdict is = verdict_of(sheet_.record);
        const std::string verdict(verdict_words(is));
        const bool wrong = is == AlignmentVerdict::Fail || is == AlignmentVerdict::Unfinished;
        constexpr double kFrame_mm = 0.6;
        const double width = paper::text_width_mm(verdict, kVerdict) + 8.0;
        const paper::Box box{flow_.right() - width, flow_.y(), width, 11.0};
        Lettering lettering = kVerdict;
        if (wrong) {
            flow_.page().area(box, 0.0);
            lettering.grey = 1.0;
        } else if (is == AlignmentVerdict::Pass) { // its pen inside of the box
            flow_.page().frame(
                {box.x_mm + 0.5 * kFrame_mm, box.y_mm + 0.5 * kFrame_mm, width - kFrame_mm, box.height_mm - kFrame_mm},
                {.width_mm = kFrame_mm});
        }
        flow_.page().text({box.x_mm + 0.5 * width, box.y_mm + 8.0}, verdict, lettering, Align::Centre);
        const double room = flow_.width() - width - 3.0;
        flow_.page().text({flow_.left(), flow_.y() + 6.0}, paper::fitted(title(), kTitle, room), kTitle);
        flow_.page().text({flow_.left(), flow_.y() + 10.6}, paper::fitted(judged(), kSmall, room), kSmall);
        flow_.advance(14.0);
    }
    [[nodiscard]] std::string judged() const {
        std::size_t limited = 0, out = 0, values = 0;
        for (const AlignmentRow& row : rows_) {
            for (const AlignmentValue* each : row.values()) {
                ++values;
                limited += each->step.within() ? 1 : 0;
                out += each->out() ? 1 : 0;
            }
        }
        const std::string end = sheet_.record.ended_at.empty() ? "; broken off before its end" : "";
        if (limited == 0) {
            return "Alignment record: " + std::to_string(values) + " values, none of them with a limit" + end;
        }
        return "Alignment record: " + std::to_string(values) + " values, " + std::to_string(limited) +
               " of them with a limit, " + (out == 0 ? "none" : std::to_string(out)) + " out of it" + end;
    }

    void facts() {
        const tape::AlignmentKey& key = sheet_.record.key;
        std::vector<std::string> tapes;
        for (const std::string& id : distinct(sheet_.record.steps, &tape::AlignmentStep::calibration_tape)) {
            const auto known = std::find_if(sheet_.calibration_tapes.begin(), sheet_.calibration_tapes.end(),
                                            [&](const auto& each) { return each.first == id; });
            tapes.push_back(known == sheet_.calibration_tapes.end() ? id : known->second);
        }
        const std::vector<std::pair<std::string, std::string>> left{
            {"Deck", sheet_.deck.empty() ? key.deck_uuid : sheet_.deck},
            {"Head block", sheet_.head_block.empty() ? key.head_block_uuid : sheet_.head_block},
            {"Speed", speed_text(key.speed_ips)},
            {"Equalisation", std::string(tape::equalisation_name(key.equalisation))},
            {"Tape stock", named(sheet_.stock, key.stock)},
            {"Batch", key.batch.empty() ? "not known" : key.batch},
        };
        const std::string earlier = sheet_.earlier ? time_text(sheet_.earlier->begun_at) + " UTC, " +
                                                         std::string(verdict_words(verdict_of(*sheet_.earlier))) +
                                                         " (" + sheet_.earlier->uuid + ")"
                                                   : "none";
        const std::vector<std::pair<std::string, std::string>> right{
            {"Begun", time_text(sheet_.record.begun_at) + " UTC"},
            {"Ended", sheet_.record.ended_at.empty() ? "broken off" : time_text(sheet_.record.ended_at) + " UTC"},
            {"Operator", operators().empty() ? "not named" : operators()},
            {"Calibration tapes", tapes.empty() ? "none used" : joined(tapes)},
            {"Compared with", earlier},
            {"Measured by", sheet_.record.measured_by.empty() ? "not known" : sheet_.record.measured_by},
            {"Record", sheet_.record.uuid},
        };
        const double column = 0.5 * flow_.width();
        constexpr double kLine_mm = 4.2;
        constexpr std::size_t kMostLines = 3; // of one fact
        const auto side = [&](double x, double label, const auto& facts) {
            double baseline = flow_.y() + 3.0;
            for (const auto& [name, value] : facts) {
                flow_.page().text({x, baseline}, name, kLabel);
                for (const std::string& line : paper::wrapped(value, kValue, column - label - 2.0, kMostLines)) {
                    flow_.page().text({x + label, baseline}, line, kValue);
                    baseline += kLine_mm;
                }
            }
            return baseline - 3.0;
        };
        flow_.page().line({flow_.left(), flow_.y()}, {flow_.right(), flow_.y()}, {.width_mm = 0.3});
        flow_.advance(1.0);
        const double left_end = side(flow_.left(), 20.0, left);
        const double right_end = side(flow_.left() + column, 25.0, right);
        flow_.advance(std::max(left_end, right_end) - flow_.y() + 0.5);
        flow_.page().line({flow_.left(), flow_.y()}, {flow_.right(), flow_.y()}, {.width_mm = 0.3});
        flow_.advance(kGap_mm);
    }

    /// Beside one another, all of one height.
    void plots(const std::vector<paper::Plot>& all, double height) {
        if (all.empty()) {
            return;
        }
        const std::size_t columns = all.size();
        flow_.make_room(height);
        const double width =
            (flow_.width() - kGap_mm * static_cast<double>(columns - 1)) / static_cast<double>(columns);
        double x = flow_.left();
        for (const paper::Plot& each : all) {
            draw_plot(flow_.page(), each, {x, flow_.y(), width, height});
            x += width + kGap_mm;
        }
        flow_.advance(height + kGap_mm);
    }
    void responses() {
        std::vector<paper::Plot> all;
        for (const std::string_view group : kResponseGroups) {
            if (auto plot = response_plot(sheet_, rows_, group)) {
                all.push_back(std::move(*plot));
            }
        }
        plots(all, heights_.response_mm);
    }
    void drift() { plots(drift_plots(sheet_), heights_.drift_mm); }

    void notes() {
        std::size_t number = 0;
        for (const std::string& each : notes_.texts()) {
            flow_.paragraph(std::to_string(++number) + ") " + each, kSmall);
        }
        for (const std::string& each : sheet_.notes) {
            flow_.paragraph(each, kSmall);
        }
        if (std::any_of(rows_.begin(), rows_.end(),
                        [](const AlignmentRow& row) { return row.id.starts_with("proof."); })) {
            flow_.paragraph("Proof: dB re operating level unless said otherwise, responses re 1 kHz.", kSmall);
        }
        const auto missing = not_measured(sheet_.record);
        if (!missing.empty()) {
            flow_.paragraph("Not measured in this record: " + joined(missing) + ".", kSmall);
        }
    }
    void footers() {
        const tape::AlignmentKey& key = sheet_.record.key;
        std::size_t number = 0;
        for (paper::Page& page : document_.pages) {
            const double baseline = paper::kA4.height_mm - 9.0;
            const double above = baseline - paper::line_height_mm(kSmall);
            const double right = paper::kA4.width_mm - kMargins.right_mm;
            page.line({kMargins.left_mm, above - 3.5}, {right, above - 3.5}, {.width_mm = 0.15});
            page.text({kMargins.left_mm, above},
                      paper::fitted("Alignment record " + sheet_.record.uuid + ", written by " +
                                        (sheet_.written_by.empty() ? "Overbias" : sheet_.written_by),
                                    kSmall, 140.0),
                      kSmall);
            page.text({kMargins.left_mm, baseline},
                      paper::fitted("deck " + key.deck_uuid + ", head block " + key.head_block_uuid, kSmall, 150.0),
                      kSmall);
            const std::size_t pages = document_.pages.size();
            ++number;
            page.text({right, baseline}, "page " + std::to_string(number) + " of " + std::to_string(pages), kSmall,
                      Align::Right);
            if (number < pages) {
                page.text({right, above}, "continued on page " + std::to_string(number + 1), kOn, Align::Right);
            }
        }
    }
    void metadata() {
        const tape::AlignmentRecord& record = sheet_.record;
        document_.metadata.title = "Alignment record: " + title();
        document_.metadata.subject = named(sheet_.deck, record.key.deck_uuid) + ", " +
                                     speed_text(record.key.speed_ips) + ", " +
                                     std::string(tape::equalisation_name(record.key.equalisation)) + ", " +
                                     named(sheet_.stock, record.key.stock);
        document_.metadata.author = operators();
        const auto when = utc_from_text(record.ended_at.empty() ? record.begun_at : record.ended_at);
        document_.metadata.date = when.value_or(std::chrono::sys_seconds{});
    }

    const AlignmentSheet& sheet_;
    PlotHeights heights_;
    std::vector<AlignmentRow> rows_;
    FootNotes notes_;
    paper::Document document_;
    paper::Flow flow_;
};

} // namespace

paper::Document alignment_document(const AlignmentSheet& sheet) {
    paper::Document document = Sheet(sheet, kUsual).all();
    if (document.pages.size() > 1) { // what lacks little is made to fit on one page
        if (paper::Document lower = Sheet(sheet, kLower).all(); lower.pages.size() == 1) {
            return lower;
        }
    }
    return document;
}

Result<std::string> alignment_pdf(const AlignmentSheet& sheet) {
    return paper::pdf_bytes(alignment_document(sheet));
}

Result<std::string> alignment_pdf(const tape::AlignmentRecord& record,
                                  const std::optional<tape::AlignmentRecord>& earlier) {
    AlignmentSheet sheet{.record = record, .earlier = earlier};
    add_values(sheet, record);
    if (earlier) {
        add_values(sheet, *earlier);
    }
    return alignment_pdf(sheet);
}

} // namespace overbias::calibration
