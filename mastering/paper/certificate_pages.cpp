// SPDX-License-Identifier: Apache-2.0
// How a certificate is laid out.
#include "base/figure.hpp"
#include "mastering/paper/certificate.hpp"
#include "mastering/paper/certificate_plots.hpp"
#include "mastering/paper/certificate_tables.hpp"
#include "mastering/paper/json_read.hpp"
#include "mastering/paper/print_facts.hpp"
#include "mastering/paper/sheet_parts.hpp"
#include "paper/lettering.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

using paper::Align;
using paper::Lettering;
using namespace sheet;

constexpr double kMapHeight_mm = 34.0, kPlotHeight_mm = 36.0;
constexpr std::size_t kPlotsInRow = 3;

class Sheet {
  public:
    Sheet(const json::value& certificate, const PrintFacts& facts, const std::string& sha256)
        : certificate_(certificate), facts_(facts), sha256_(sha256),
          flow_(document_, paper::kA4, kMargins, [this](paper::Page& page, std::size_t number) {
              return number == 1 ? kMargins.top_mm : running_head(page);
          }) {}

    paper::Document all() {
        head();
        print_facts();
        findings();
        draw_track_table(flow_, facts_);
        maps();
        not_judged_part();
        proof();
        limits();
        draw_source_table(flow_, facts_);
        seal();
        plots();
        footers(document_, "Session " + facts_.session + ", " + text_at(certificate_, "made_by"),
                "Certificate SHA-256 " + sha256_);
        document_.metadata = {.title = "Certificate of a print: " + title(),
                              .subject = "SHA-256 " + sha256_,
                              .author = facts_.engineer,
                              .date = utc_seconds(text_at(certificate_, "made_utc"))};
        return std::move(document_);
    }

  private:
    [[nodiscard]] std::string title() const {
        if (facts_.title.empty()) {
            return facts_.tracks.size() == 1 ? facts_.tracks.front().name()
                                             : std::to_string(facts_.tracks.size()) + " programmes";
        }
        return (facts_.artist.empty() ? "" : facts_.artist + ": ") + facts_.title;
    }
    [[nodiscard]] bool passed() const { return facts_.verdict == "pass"; }

    double running_head(paper::Page& page) const {
        const double baseline = kMargins.top_mm + 3.0;
        const double right = paper::kA4.width_mm - kMargins.right_mm;
        page.text({right, baseline}, passed() ? "PASS" : "FAIL", kHeading, Align::Right);
        page.text({kMargins.left_mm, baseline}, paper::fitted("Certificate: " + title(), kHeading, 150.0), kHeading);
        return baseline + 3.0;
    }

    /// The verdict on the right: a pass in a frame, a failure white on black.
    void head() {
        constexpr double kFrame_mm = 0.6;
        const std::string verdict = passed() ? "PASS" : "FAIL";
        const double width = paper::text_width_mm(verdict, kVerdict) + 8.0;
        const paper::Box box{flow_.right() - width, flow_.y(), width, 11.0};
        Lettering lettering = kVerdict;
        if (passed()) {
            flow_.page().frame(
                {box.x_mm + 0.5 * kFrame_mm, box.y_mm + 0.5 * kFrame_mm, width - kFrame_mm, box.height_mm - kFrame_mm},
                {.width_mm = kFrame_mm});
        } else {
            flow_.page().area(box, 0.0);
            lettering.grey = 1.0;
        }
        flow_.page().text({box.x_mm + 0.5 * width, box.y_mm + 8.0}, verdict, lettering, Align::Centre);
        const double room = flow_.width() - width - 4.0;
        flow_.page().text({flow_.left(), flow_.y() + 2.6}, "Certificate of a print, proven off tape", kSmall);
        const auto [type, text] = shrunk(title(), kTitle, 11.0, room);
        flow_.page().text({flow_.left(), flow_.y() + 9.0}, text, type);
        flow_.advance(14.0);
        flow_.page().text({flow_.left(), flow_.y()}, paper::fitted(count_words(), kSmall, flow_.width()), kSmall);
        flow_.advance(2.0);
    }
    [[nodiscard]] std::string count_words() const {
        const auto failed = static_cast<std::size_t>(std::count_if(
            facts_.tracks.begin(), facts_.tracks.end(), [](const PaperTrack& each) { return each.verdict != "pass"; }));
        const auto many = [](std::size_t count, const std::string& what) {
            return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
        };
        return many(facts_.tracks.size(), "track") + " on " + many(facts_.sides.size(), "side") + ", " +
               many(facts_.reels, "reel") + "; " + (failed == 0 ? "none" : std::to_string(failed)) +
               " outside of the limits" +
               (facts_.tracks.size() < facts_.planned_tracks || !facts_.complete ? "; NOT COMPLETE" : "");
    }

    void print_facts() {
        const auto id = [](const std::string& name, const std::string& uuid) {
            return name.empty() || uuid.empty() ? name + uuid : name + " (" + uuid + ")";
        };
        std::string alignment;
        for (const PaperValue& each : facts_.alignment) {
            alignment += (alignment.empty() ? "" : "; ") + each.name + " " + each.text;
        }
        facts(flow_,
              {{"Title", facts_.title},
               {"Version", facts_.version},
               {"Artist", facts_.artist},
               {"Catalogue no.", facts_.catalogue_number},
               {"Client", facts_.client},
               {"Studio", facts_.studio},
               {"Engineer", facts_.engineer},
               {"Printed", utc_words(facts_.made_utc)},
               {"Reel", facts_.reel_uuid},
               {"Deck", id(facts_.deck, facts_.deck_uuid)},
               {"Head block", facts_.head_block_uuid},
               {"Machine serial", facts_.machine_serial},
               {"Tape stock", facts_.stock},
               {"Batch", facts_.batch},
               {"Speed", facts_.speed_ips ? speed_words(*facts_.speed_ips) : ""},
               {"Equalisation", facts_.equalisation},
               {"Operating level",
                facts_.operating_level_nwb_per_m ? operating_level_words(*facts_.operating_level_nwb_per_m) : ""},
               {"Noise reduction", facts_.noise_reduction}},
              2, 26.0);
        heading(flow_, "Alignment used");
        flow_.paragraph(alignment.empty() ? "The report names no alignment of the deck." : alignment, kValue);
        if (const json::value* used = member(certificate_, "alignment")) {
            flow_.paragraph(alignment_figures(*used), kSmall);
        }
        for (const PaperValue& each : facts_.overrides) {
            flow_.paragraph("Overridden by " + each.name + ": " + each.text, kValue);
        }
        for (const json::value& each : list_at(certificate_, "notes")) {
            if (each.is_string()) {
                flow_.paragraph(std::string(std::string_view(each.get_string())), kValue);
            }
        }
    }

    void findings() {
        heading(flow_, passed() ? "Findings: none" : "Findings");
        const auto tell = [&](const std::string& where, const PaperFinding& each) {
            const std::string at = each.from_s ? " (from " + tape_time(*each.from_s, 2) + " of the programme)" : "";
            flow_.paragraph(where + each.reason + ": " + each.text + at, kValue);
        };
        for (const PaperFinding& each : facts_.findings) {
            tell("", each);
        }
        for (std::size_t i = 0; i < facts_.tracks.size(); ++i) {
            for (const PaperFinding& each : facts_.tracks[i].findings) {
                tell(track_label(facts_, i) + ": ", each);
            }
        }
    }

    void maps() {
        for (std::size_t side = 0; side < facts_.sides.size(); ++side) {
            const std::string& name = facts_.sides[side].name;
            heading(flow_,
                    "Drop-outs" + (name.empty() ? "" : ", side " + name) +
                        ", over tape time from the slate: thick over the limits, thin only told, height to 30 dB",
                    kMapHeight_mm);
            draw_dropout_map(flow_.page(), facts_, side, {flow_.left(), flow_.y(), flow_.width(), kMapHeight_mm - 2.0});
            flow_.advance(kMapHeight_mm);
        }
    }

    void not_judged_part() {
        heading(flow_, "What could not be judged, and why");
        const auto all = not_judged(facts_);
        if (all.empty()) {
            flow_.paragraph("Nothing: every figure is there, and every moment was judged.", kValue);
        }
        std::vector<bool> told(all.size(), false);
        for (std::size_t i = 0; i < all.size(); ++i) { // what is said of several tracks is said once
            if (told[i]) {
                continue;
            }
            std::string numbers;
            std::size_t count = 0;
            for (std::size_t k = i; k < all.size(); ++k) {
                if (all[k].track && all[k].text == all[i].text) {
                    numbers += (count++ == 0 ? "" : ", ") + std::to_string(*all[k].track + 1);
                    told[k] = true;
                }
            }
            const std::string whose = count == 0                      ? ""
                                      : count == facts_.tracks.size() ? count == 1 ? "" : "All tracks: "
                                      : count == 1                    ? track_label(facts_, *all[i].track) + ": "
                                                                      : "Tracks " + numbers + ": ";
            flow_.paragraph(whose + all[i].text + ".", kValue);
        }
    }

    void proof() {
        heading(flow_, "That it came off tape");
        for (const PaperSide& side : facts_.sides) {
            const std::string where = side.name.empty() ? "" : "Side " + side.name + ": ";
            flow_.paragraph(where +
                                (side.off_tape ? (*side.off_tape ? "proven. " : "NOT proven. ")
                                               : "the report says nothing of it. ") +
                                side.off_tape_text,
                            kSmall);
            for (const PaperRun& run : side.runs) {
                if (side.runs.size() > 1) {
                    flow_.paragraph("Run from track " + std::to_string(run.first_track) + ", " +
                                        utc_words(run.begun_utc) + ", ended: " + run.ended + ". " +
                                        (run.off_tape.value_or(false) ? "Proven. " : "NOT proven. ") +
                                        run.off_tape_text,
                                    kSmall);
                }
            }
        }
    }

    void limits() {
        std::string text;
        for (const PaperValue& each : facts_.limits) {
            text += (text.empty() ? "" : "; ") + each.name + " " + each.text;
        }
        heading(flow_, "Limits that were applied");
        flow_.paragraph(text.empty() ? "The report names none." : text + ".", kSmall);
    }

    /// What ties the paper to the file, and the file to the installation.
    void seal() {
        const json::value* key = member(certificate_, "key");
        const json::value* chain = member(certificate_, "logbook");
        const auto seq = chain == nullptr ? std::nullopt : number_at(*chain, "seq");
        heading(flow_, "Signature", 26.0);
        const std::vector<std::pair<std::string, std::string>> lines{
            {"Certificate, SHA-256", sha256_},
            {"Key, Ed25519", key == nullptr ? "" : text_at(*key, "public_key")},
            {"Fingerprint of the key", key == nullptr ? "" : text_at(*key, "fingerprint")},
            {"Logbook, event " + (seq ? figure(*seq, 0) : ""), chain == nullptr ? "" : text_at(*chain, "hash")},
            {"Report, SHA-256", text_at(certificate_, "report_sha256")},
            {"Made", utc_words(text_at(certificate_, "made_utc"))}};
        constexpr double kLabel_mm = 36.0;
        for (const auto& [name, value] : lines) {
            flow_.page().text({flow_.left(), flow_.y() + 3.0}, name, kLabel);
            flow_.page().text({flow_.left() + kLabel_mm, flow_.y() + 3.0}, value, kValue);
            flow_.advance(3.9);
        }
        flow_.paragraph("The signature is in the JSON file. It is checked with: overbias certificate verify FILE.json "
                        "--pdf FILE.pdf",
                        kSmall);
        std::vector<std::string> texts{facts_.title,    facts_.artist,  facts_.client, facts_.studio,
                                       facts_.engineer, facts_.version, facts_.batch};
        for (const PaperTrack& each : facts_.tracks) {
            texts.insert(texts.end(), {each.name(), each.file});
        }
        flow_.paragraph(unknown_words(texts), kSmall);
    }

    void plots() {
        bool first = true;
        for (std::size_t i = 0; i < facts_.tracks.size(); ++i) {
            const auto all = track_plots(facts_, facts_.tracks[i]);
            if (all.empty()) {
                continue;
            }
            if (std::exchange(first, false)) {
                flow_.break_page();
            }
            const std::size_t rows = (all.size() + kPlotsInRow - 1) / kPlotsInRow;
            heading(flow_, track_label(facts_, i), static_cast<double>(rows) * kPlotHeight_mm);
            constexpr double kGap_mm = 2.5;
            const double width = (flow_.width() - kGap_mm * (kPlotsInRow - 1)) / kPlotsInRow;
            for (std::size_t k = 0; k < all.size(); ++k) {
                if (k > 0 && k % kPlotsInRow == 0) {
                    flow_.advance(kPlotHeight_mm);
                }
                const double x = flow_.left() + static_cast<double>(k % kPlotsInRow) * (width + kGap_mm);
                paper::draw_plot(flow_.page(), all[k], {x, flow_.y(), width, kPlotHeight_mm - 2.0});
            }
            flow_.advance(kPlotHeight_mm);
        }
    }

    const json::value& certificate_;
    const PrintFacts& facts_;
    const std::string& sha256_;
    paper::Document document_;
    paper::Flow flow_;
};

} // namespace

Result<paper::Document> certificate_document(const json::value& certificate, const std::string& sha256) {
    const json::value* report = member(certificate, "report");
    if (report == nullptr) {
        return Error{"certificate: expected one with a report inside, got one without"};
    }
    const auto facts = read_print_facts(*report);
    if (!facts) {
        return Error{"certificate: " + facts.error().message};
    }
    return Sheet(certificate, *facts, sha256).all();
}

} // namespace overbias::mastering
