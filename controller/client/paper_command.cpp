// SPDX-License-Identifier: Apache-2.0
#include "controller/client/paper_command.hpp"

#include "base/base64.hpp"
#include "base/json/json_text.hpp"
#include "base/sha256.hpp"
#include "base/uuid.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/words.hpp"
#include "mastering/paper/box_label.hpp"
#include "mastering/paper/certificate.hpp"
#include "mastering/paper/cue_sheet.hpp"
#include "mastering/paper/print_facts.hpp"
#include "paper/pdf.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

using mastering::CertificateCheck;

namespace {

constexpr auto kPatience = std::chrono::minutes(2); ///< a report of many hours is laid out

std::string text_of_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    if (!in || in.bad()) {
        throw UnusableArgument(printable(file) + ": cannot be read; expected a file");
    }
    return text.str();
}

bool is_file(const std::string& which) {
    return which.find('/') != std::string::npos || which.ends_with(".json");
}

std::string paper_of_report(const PaperRequest& request) {
    boost::system::error_code error;
    const json::value report = json::parse(text_of_file(request.which), error);
    if (error) {
        throw UnusableArgument(printable(request.which) + ": expected the report of a print in JSON, got what is none");
    }
    const auto facts = mastering::read_print_facts(report);
    if (!facts) {
        throw UnusableArgument(printable(request.which) + ": " + facts.error().message);
    }
    const bool cue_sheet = request.kind == "cue_sheet";
    if (request.format == "text") {
        return cue_sheet ? mastering::cue_sheet_text(*facts) : mastering::label_text(*facts);
    }
    if (request.format == "json") {
        return json_indented(cue_sheet ? mastering::cue_sheet_json(*facts) : mastering::label_json(*facts)) + "\n";
    }
    mastering::LabelSize size = request.kind == "label_7" ? mastering::kLabel7 : mastering::kLabel10;
    size.width_mm = request.width_mm.value_or(size.width_mm);
    size.height_mm = request.height_mm.value_or(size.height_mm);
    size.spine_mm = request.spine_mm.value_or(size.spine_mm);
    const auto document = cue_sheet ? Result<paper::Document>(mastering::cue_sheet_document(*facts))
                                    : mastering::label_document(*facts, size);
    auto bytes = document ? paper::pdf_bytes(*document) : Result<std::string>(document.error());
    if (!bytes) {
        throw UnusableArgument(bytes.error().message);
    }
    return std::move(*bytes);
}

/// Of the session, or of the only print or print session whose UUID begins so.
std::string session_of(RpcClient& daemon, const std::string& which) {
    if (which == "latest" || is_uuid(which)) {
        return which == "latest" ? "" : which;
    }
    const json::value answer = daemon.call("log", json::object{{"what", "prints"}, {"last", 1000}}, kPatience);
    const json::value sessions = daemon.call("print_sessions", json::object{}, kPatience);
    std::string found;
    const auto look = [&](const json::value& all, std::string_view key) {
        for (const json::value& each : list(all)) {
            if (const std::string uuid = text(at(each, key)); uuid.starts_with(which)) {
                if (!found.empty() && found != uuid) {
                    throw UnusableArgument("'" + printable(which) +
                                           "' is the beginning of more than one print; name more of it");
                }
                found = uuid;
            }
        }
    };
    look(at(answer, "prints"), "print");
    look(at(sessions, "sessions"), "session");
    if (found.empty()) {
        throw UnusableArgument("there is no print '" + printable(which) +
                               "'; 'overbias log --prints' lists them; a report's file is named with a slash or .json");
    }
    return found;
}

const char* word_of(CertificateCheck::State state) {
    switch (state) {
    case CertificateCheck::State::Intact:
        return "intact";
    case CertificateCheck::State::CutOff:
        return "cut_off";
    case CertificateCheck::State::Changed:
        return "changed";
    case CertificateCheck::State::LaidOutAnew:
        return "laid_out_anew";
    case CertificateCheck::State::NotOne:
        break;
    }
    return "no_certificate";
}

class Asking {
  public:
    Asking(const DaemonOfPapers& daemon, const CertificateQuestion& question) : daemon_(daemon), question_(question) {}

    CertificateAnswer answer() {
        const std::string file = text_of_file(question_.file);
        check_ = mastering::check_certificate(file);
        answer_.good = check_.intact();
        answer_.json = {{"state", word_of(check_.state)},
                        {"words", check_.words},
                        {"session", check_.session},
                        {"verdict", check_.verdict},
                        {"made_utc", check_.made_utc},
                        {"sha256", check_.sha256},
                        {"key", check_.fingerprint},
                        {"pdf", nullptr},
                        {"report", nullptr},
                        {"own_key", nullptr},
                        {"head_found", nullptr},
                        {"chain_intact", nullptr}};
        line(check_.words);
        if (check_.intact()) {
            line("print session " + printable(check_.session) + ", made " + printable(check_.made_utc) +
                 ", verdict of the print: " + printable(check_.verdict));
            line("SHA-256 " + check_.sha256 + ", key " + check_.fingerprint);
            beside();
            key();
            ask_daemon();
        }
        answer_.json["good"] = answer_.good;
        answer_.text += answer_.good ? "GOOD\n" : "NOT GOOD\n";
        return std::move(answer_);
    }

  private:
    void line(const std::string& words) { answer_.text += words + "\n"; }
    void bad(const std::string& words) {
        answer_.good = false;
        line(words);
    }

    void beside() {
        if (!question_.pdf.empty()) {
            const bool same = sha256_hex(text_of_file(question_.pdf)) == check_.pdf_sha256;
            answer_.json["pdf"] = same ? "same" : "other";
            same ? line("the PDF is the one that was signed with it")
                 : bad("the PDF is not the one that was signed with it: it was changed, or is of another certificate");
        }
        if (!question_.report.empty()) {
            const bool same = sha256_hex(text_of_file(question_.report)) == check_.report_sha256;
            answer_.json["report"] = same ? "same" : "other";
            same ? line("the report is the one that it was made of")
                 : bad("the report is not the one that it was made of: it was changed, or is of another print");
        }
    }

    void key() {
        if (question_.key.empty()) {
            return;
        }
        if (question_.key == check_.fingerprint || question_.key == check_.public_key) {
            line("it is signed with the key that was asked for");
        } else {
            bad("it is foreign: signed with key " + check_.fingerprint + ", not with " + printable(question_.key));
        }
    }

    void ask_daemon() {
        if (question_.offline) {
            return own_words("no daemon was asked");
        }
        try {
            RpcClient daemon = daemon_();
            tell(daemon.call("certificate_check",
                             json::object{{"public_key", check_.public_key},
                                          {"seq", check_.chain.seq},
                                          {"hash", check_.chain.hash},
                                          {"session", check_.session},
                                          {"report_sha256", check_.report_sha256}},
                             std::chrono::minutes(5)));
        } catch (const ConnectionLost&) {
            own_words("no daemon answers");
        }
    }
    void own_words(const std::string& why) {
        line(why + ": whose key it is and whether the logbook has it was not checked; compare the key with the one on "
                   "the studio's other papers");
    }

    void tell(const json::value& told) {
        for (const char* each : {"own_key", "head_found", "chain_intact"}) {
            answer_.json[each] = at(told, each);
        }
        if (at(told, "own_key") != true) {
            // a key given on the command line says whose it has to be
            const std::string words = "it is foreign: signed with key " + check_.fingerprint +
                                      ", and this installation's is " + text(at(told, "key"));
            question_.key.empty() ? bad(words) : line(words);
            return;
        }
        line("it is signed with this installation's key");
        at(told, "head_found") == true
            ? line("the logbook has its event " + std::to_string(check_.chain.seq) + " with the hash that it names")
            : bad("the logbook has no event " + std::to_string(check_.chain.seq) +
                  " with the hash that it names: the logbook was replaced or changed");
        at(told, "chain_intact") == true ? line("the logbook's chain is intact")
                                         : bad("the logbook's chain is broken: " + text(at(told, "chain_text")));
        const std::string report = text(at(told, "report"));
        if (answer_.json["report"].is_null()) {
            answer_.json["report"] = report;
        }
        line(report == "same"    ? "the logbook's report of this session is the one that it was made of"
             : report == "other" ? "the session has a newer report than the one that it was made of"
                                 : "the logbook has no report of this session");
    }

    const DaemonOfPapers& daemon_;
    const CertificateQuestion& question_;
    CertificateCheck check_;
    CertificateAnswer answer_;
};

} // namespace

std::string format_of_file(const std::string& file) {
    for (const auto& [ending, format] :
         {std::pair(".pdf", "pdf"), std::pair(".json", "json"), std::pair(".txt", "text")}) {
        if (file.ends_with(ending)) {
            return format;
        }
    }
    throw UnusableArgument("-o " + printable(file) + ": expected a name that ends in .pdf, .json or .txt");
}

std::string paper_bytes(const DaemonOfPapers& daemon, const PaperRequest& request) {
    if (is_file(request.which)) {
        if (request.kind == "certificate") {
            throw UnusableArgument(printable(request.which) +
                                   ": a certificate is made of the report that the logbook has, and signed by the "
                                   "daemon; name the print session");
        }
        return paper_of_report(request);
    }
    RpcClient link = daemon();
    json::object asked{{"kind", request.kind}, {"format", request.format}};
    if (const std::string session = session_of(link, request.which); !session.empty()) {
        asked["session"] = session;
    }
    const auto add = [&asked](const char* name, const std::optional<double>& value) {
        if (value) {
            asked[name] = *value;
        }
    };
    add("width_mm", request.width_mm);
    add("height_mm", request.height_mm);
    add("spine_mm", request.spine_mm);
    const json::value answer = link.call("document", asked, kPatience);
    const json::value& packed = at(answer, "base64");
    auto bytes = packed.is_string() ? from_base64(std::string_view(packed.get_string())) : std::nullopt;
    if (!bytes) {
        throw ConnectionLost("the daemon's answer holds no file; is it of another version than this program?");
    }
    return std::move(*bytes);
}

CertificateAnswer check_certificate_file(const DaemonOfPapers& daemon, const CertificateQuestion& question) {
    return Asking(daemon, question).answer();
}

} // namespace overbias::controller
