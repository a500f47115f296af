// SPDX-License-Identifier: Apache-2.0
#include "controller/client/alignments_line.hpp"

#include "base/json/json_text.hpp"
#include "calibration/results/alignment_sheet.hpp"
#include "controller/client/alignments_source.hpp"
#include "controller/client/alignments_text.hpp"
#include "controller/client/new_files.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/words.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <string>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr const char* kWhich = "UUID, its beginning, 'latest', or a FILE.json that was exported";
constexpr const char* kAgainst = "the earlier one it is compared with; also 'previous'";
constexpr int kEach = 1000; ///< the most the daemon tells

} // namespace

AlignmentsLine::AlignmentsLine(CLI::App& alignments, Ways ways) : ways_(std::move(ways)) {
    alignments.require_subcommand(0, 1);
    add_list(alignments);
    add_list(*alignments.add_subcommand("list", "what is stored, newest first; what `alignments` alone does"));

    CLI::App* shown = alignments.add_subcommand("show", "one record, step by step, with its limits");
    ways_.add_common(*shown);
    shown->add_option("WHICH", which_, kWhich)->required();
    shown->add_option("--against", against_, kAgainst);
    shown->callback([this] { ways_.chosen([this] { return show(); }); });

    CLI::App* written = alignments.add_subcommand("export", "one record as PDF, CSV or JSON files");
    ways_.add_places(*written);
    written->add_option("WHICH", which_, kWhich)->required();
    written->add_option("--against", against_, kAgainst);
    written->add_option("--pdf", pdf_, "the page that is filed with the tape")->type_name("FILE");
    written->add_option("--csv", csv_, "a row for each step and track")->type_name("FILE");
    written->add_option("--json", json_, "all of it; `show` and `export` read it again, on any computer")
        ->type_name("FILE");
    written->add_flag("--force", force_, "write over files that are there");
    written->callback([this] {
        if (pdf_.empty() && csv_.empty() && json_.empty()) {
            throw CLI::ValidationError("export", "name at least one file: --pdf, --csv or --json");
        }
        ways_.chosen([this] { return write(); });
    });
}

void AlignmentsLine::add_list(CLI::App& to) {
    ways_.add_common(to);
    to.add_option("--deck", deck_, "only of the deck whose UUID begins so");
    to.add_option("--last", last_, "how many, newest ones (default 20)")->check(CLI::Range(1, kEach));
    to.callback([this, &to] {
        if (to.get_subcommands().empty()) {
            ways_.chosen([this] { return list(); });
        }
    });
}

int AlignmentsLine::list() const {
    AlignmentsSource source(ways_.daemon);
    json::value answer = source.list(deck_.empty() ? last_ : kEach);
    if (!deck_.empty()) {
        answer = alignments_of_deck(answer, deck_);
        json::array& all = answer.at("alignments").as_array();
        all.resize(std::min(all.size(), static_cast<std::size_t>(last_)));
    }
    ways_.show(answer, alignments_text(answer));
    return 0;
}

int AlignmentsLine::show() const {
    const calibration::AlignmentSheet asked = sheet();
    ways_.show(json::parse(calibration::alignment_sheet_json(asked)), alignment_sheet_text(asked));
    return 0;
}

calibration::AlignmentSheet AlignmentsLine::sheet() const {
    calibration::AlignmentSheet asked = AlignmentsSource(ways_.daemon).sheet(which_, against_);
    asked.written_by = ways_.program;
    return asked;
}

int AlignmentsLine::write() const {
    const calibration::AlignmentSheet asked = sheet();
    NewFiles files(force_);
    json::object done;
    std::string told;
    const auto add = [&](const char* kind, const std::string& file, const std::string& bytes) {
        files.add(std::string("--") + kind, file, bytes);
        done[kind] = file;
        told += "wrote " + printable(file) + "\n";
    };
    if (!pdf_.empty()) {
        const auto bytes = calibration::alignment_pdf(asked);
        if (!bytes) {
            throw UnusableArgument("--pdf " + printable(pdf_) + ": " + bytes.error().message);
        }
        add("pdf", pdf_, *bytes);
    }
    if (!csv_.empty()) {
        add("csv", csv_, calibration::alignment_csv(asked));
    }
    if (!json_.empty()) {
        add("json", json_, json_indented(json::parse(calibration::alignment_sheet_json(asked))) + "\n");
    }
    files.keep();
    ways_.show(done, told);
    return 0;
}

} // namespace overbias::controller
