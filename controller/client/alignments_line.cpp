// SPDX-License-Identifier: Apache-2.0
#include "controller/client/alignments_line.hpp"

#include "calibration/alignment_sheet.hpp"
#include "controller/client/alignments_source.hpp"
#include "controller/client/alignments_text.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/words.hpp"
#include "controller/report_file.hpp"
#include "tape/alignment_json.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <filesystem>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr const char* kWhich = "UUID, its beginning, 'latest', or a FILE.json that was exported";
constexpr const char* kAgainst = "the earlier one it is compared with; also 'previous'";
constexpr int kEach = 1000; ///< the most the daemon tells

void put(const std::string& file, const std::string& bytes, const char* option) {
    if (const auto written = write_file_atomically(std::filesystem::absolute(file), bytes); !written) {
        throw UnusableArgument(std::string(option) + " " + written.error().message);
    }
}

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
    written->add_option("--json", json_, "the record itself; `show` reads it again, on any computer")
        ->type_name("FILE");
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
    AlignmentsSource source(ways_.daemon);
    const calibration::AlignmentSheet sheet = source.sheet(which_, against_);
    ways_.show(alignment_sheet_json(sheet), alignment_sheet_text(sheet));
    return 0;
}

int AlignmentsLine::write() const {
    AlignmentsSource source(ways_.daemon);
    const calibration::AlignmentSheet sheet = source.sheet(which_, against_);
    json::object done;
    std::string told;
    const auto wrote = [&](const char* kind, const std::string& file) {
        done[kind] = file;
        told += "wrote " + printable(file) + "\n";
    };
    if (!pdf_.empty()) {
        const auto bytes = calibration::alignment_pdf(sheet);
        if (!bytes) {
            throw UnusableArgument("--pdf " + pdf_ + ": " + bytes.error().message);
        }
        put(pdf_, *bytes, "--pdf");
        wrote("pdf", pdf_);
    }
    if (!csv_.empty()) {
        put(csv_, calibration::alignment_csv(sheet), "--csv");
        wrote("csv", csv_);
    }
    if (!json_.empty()) {
        put(json_, tape::alignment_json(sheet.record) + "\n", "--json");
        wrote("json", json_);
    }
    ways_.show(done, told);
    return 0;
}

} // namespace overbias::controller
