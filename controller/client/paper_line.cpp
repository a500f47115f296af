// SPDX-License-Identifier: Apache-2.0
#include "controller/client/paper_line.hpp"

#include "controller/client/new_files.hpp"
#include "controller/client/words.hpp"

#include <boost/json.hpp>
#include <cstddef>
#include <string_view>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

/// Titles may hold anything: a terminal stays as it was.
std::string printable_lines(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        out += printable(text.substr(0, end)) + "\n";
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out;
}

} // namespace

PaperLine::PaperLine(Ways ways) : ways_(std::move(ways)) {
    add_certificate();
    add_label();
    add_cue_sheet();
}

void PaperLine::add_output(CLI::App& to) {
    to.add_option("-o,--output", files_,
                  "write it to a file; .pdf, .json or .txt says which form; several times for several")
        ->type_name("FILE")
        ->allow_extra_args(false); // the session may stand after it
    to.add_flag("--force", force_, "write over files that are there");
}

void PaperLine::add_certificate() {
    CLI::App* certificate = ways_.add("certificate", "the signed certificate of a print; alone: in words");
    certificate->require_subcommand(0, 1);
    certificate->add_option("SESSION", request_.which,
                            "UUID of the print session or its beginning; 'latest' when absent");
    add_output(*certificate);
    certificate->callback([this, certificate] {
        if (certificate->get_subcommands().empty()) {
            request_.kind = "certificate";
            ways_.chosen([this] { return write(); });
        }
    });
    CLI::App* check = certificate->add_subcommand(
        "verify", "whether a certificate is as it was signed; of its own installation also logbook and report");
    ways_.add_common(*check);
    check->add_option("FILE", question_.file, "the certificate's JSON file")->required();
    check->add_option("--pdf", question_.pdf, "the PDF that belongs to it")->type_name("FILE");
    check->add_option("--report", question_.report, "the report that it was made of")->type_name("FILE");
    check->add_option("--key", question_.key, "fingerprint or public key that it must be signed with");
    check->add_flag("--offline", question_.offline, "ask no daemon");
    check->footer("Exit status: 0 good; 1 not; 2 a file that can't be read.");
    check->callback([this] { ways_.chosen([this] { return verify(); }); });
}

void PaperLine::add_label() {
    CLI::App* label = ways_.add("label", "the label for the box of a reel: front and spine; alone: in words");
    label->add_option("SESSION", request_.which,
                      "UUID of the print session or its beginning, 'latest' (when absent), or a report's FILE.json");
    label->add_option("--size", size_, "of the reel, inches (default 10.5)")->check(CLI::IsMember({"10.5", "7"}));
    label->add_option("--width-mm", request_.width_mm, "of the front, 120 to 420; as the reel when absent");
    label->add_option("--height-mm", request_.height_mm, "of the front, 120 to 420; as the reel when absent");
    label->add_option("--spine-mm", request_.spine_mm, "height of the spine, 8 to 100; 0: none (default 12)");
    add_output(*label);
    label->callback([this] {
        request_.kind = size_ == "7" ? "label_7" : "label_10";
        ways_.chosen([this] { return write(); });
    });
}

void PaperLine::add_cue_sheet() {
    CLI::App* sheet = ways_.add("cue-sheet", "the sheet for the inside of the box; alone: in words");
    sheet->add_option("SESSION", request_.which,
                      "UUID of the print session or its beginning, 'latest' (when absent), or a report's FILE.json");
    add_output(*sheet);
    sheet->callback([this] {
        request_.kind = "cue_sheet";
        ways_.chosen([this] { return write(); });
    });
}

int PaperLine::write() const {
    PaperRequest request = request_;
    if (files_.empty()) {
        request.format = ways_.json() ? "json" : "text";
        const std::string bytes = paper_bytes(ways_.daemon, request);
        ways_.json() ? ways_.show(json::parse(bytes), "") : ways_.show(nullptr, printable_lines(bytes));
        return 0;
    }
    NewFiles files(force_);
    json::array written;
    std::string told;
    for (const std::string& file : files_) {
        request.format = format_of_file(file);
        files.add("-o", file, paper_bytes(ways_.daemon, request));
        written.push_back(json::string(file));
        told += "wrote " + printable(file) + "\n";
    }
    files.keep();
    ways_.show(json::object{{"files", std::move(written)}}, told);
    return 0;
}

int PaperLine::verify() const {
    CertificateAnswer answer = check_certificate_file(ways_.daemon, question_);
    ways_.show(std::move(answer.json), answer.text);
    return answer.good ? 0 : 1;
}

} // namespace overbias::controller
