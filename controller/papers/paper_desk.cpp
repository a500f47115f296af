// SPDX-License-Identifier: Apache-2.0
#include "controller/papers/paper_desk.hpp"

#include "base/base64.hpp"
#include "base/json/json_text.hpp"
#include "base/result.hpp"
#include "base/signing/signing_key.hpp"
#include "base/uuid.hpp"
#include "controller/papers/certificate_store.hpp"
#include "mastering/paper/box_label.hpp"
#include "mastering/paper/cue_sheet.hpp"
#include "mastering/paper/print_facts.hpp"
#include "paper/pdf.hpp"

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using mastering::PrintFacts;

namespace {

/// What is asked for.
struct Asked {
    std::string session, kind, format;
    mastering::LabelSize size;
};

/// `unusable`: the caller's, not a fault.
struct Failed {
    ErrorCode code = ErrorCode::Fault;
    std::string message;
};

Reply failed(const Failed& why) {
    return Reply::error(why.code, "document: " + why.message);
}

std::string text_at(const json::object& given, std::string_view name) {
    const json::value* value = given.if_contains(name);
    return value == nullptr ? std::string() : json::value_to<std::string>(*value);
}

Result<std::string> certificate_file(CertificateStore& store, const logbook::StoredPrint& print,
                                     const std::string& format) {
    auto kept = store.certificate(print);
    if (!kept) {
        return kept.error();
    }
    if (format == "text") {
        const json::value file = json::parse(kept->json);
        return mastering::certificate_text(file.at("certificate"), json::value_to<std::string>(file.at("sha256")));
    }
    return format == "pdf" ? std::move(kept->pdf) : std::move(kept->json);
}

Result<std::string> sheet_file(const PrintFacts& facts, const Asked& asked) {
    const bool cue_sheet = asked.kind == "cue_sheet";
    if (asked.format == "text") {
        return cue_sheet ? mastering::cue_sheet_text(facts) : mastering::label_text(facts);
    }
    if (asked.format == "json") {
        return json_indented(cue_sheet ? mastering::cue_sheet_json(facts) : mastering::label_json(facts)) + "\n";
    }
    if (cue_sheet) {
        return paper::pdf_bytes(mastering::cue_sheet_document(facts));
    }
    const auto document = mastering::label_document(facts, asked.size);
    return document ? paper::pdf_bytes(*document) : document.error();
}

const char* type_of(const std::string& format) {
    return format == "pdf" ? "application/pdf" : format == "json" ? "application/json" : "text/plain; charset=utf-8";
}

/// Worker's thread.
Reply document(const PaperDesk& desk, const Asked& asked) {
    const auto found = desk.logbook.print_of(asked.session);
    if (!found) {
        return failed({ErrorCode::Fault, found.error().message});
    }
    if (!*found) {
        return failed({ErrorCode::UnusableInput,
                       asked.session.empty()
                           ? "nothing was printed yet"
                           : "there is no report of a print session " + asked.session +
                                 " (it has one when it has ended); 'overbias log --prints' lists them"});
    }
    const logbook::StoredPrint& print = **found;
    boost::system::error_code unreadable;
    const json::value report = json::parse(print.print.report_json, unreadable);
    const auto facts =
        unreadable ? Result<PrintFacts>(Error{"its report is not JSON"}) : mastering::read_print_facts(report);
    if (!facts) {
        return failed({ErrorCode::UnusableInput, "print " + print.print.uuid + ": " + facts.error().message});
    }
    CertificateStore store(desk.logbook, desk.sessions, desk.key_file);
    const auto file =
        asked.kind == "certificate" ? certificate_file(store, print, asked.format) : sheet_file(*facts, asked);
    if (!file) {
        return failed(
            {asked.kind == "certificate" ? ErrorCode::Fault : ErrorCode::UnusableInput, file.error().message});
    }
    std::string name = asked.kind + "-" + (facts->session.empty() ? print.print.uuid : facts->session);
    name += asked.format == "text" ? ".txt" : "." + asked.format;
    return Reply::with(json::object{{"name", name}, {"type", type_of(asked.format)}, {"base64", base64(*file)}});
}

Result<Asked> read_asked(const json::object& given) {
    Asked asked{.session = text_at(given, "session"),
                .kind = text_at(given, "kind"),
                .format = given.contains("format") ? text_at(given, "format") : "pdf",
                .size = text_at(given, "kind") == "label_7" ? mastering::kLabel7 : mastering::kLabel10};
    if (!asked.session.empty() && !is_uuid(asked.session)) {
        return Error{"'" + asked.session + "' is not the UUID of a print session"};
    }
    const auto size = [&](const char* name, double& to) {
        if (const json::value* value = given.if_contains(name)) {
            to = value->to_number<double>();
        }
    };
    size("width_mm", asked.size.width_mm);
    size("height_mm", asked.size.height_mm);
    size("spine_mm", asked.size.spine_mm);
    return asked;
}

/// Worker's thread: what this installation knows of a certificate whose signature fits.
Reply check(const PaperDesk& desk, const json::object& given) {
    const auto seq = given.at("seq").to_number<std::int64_t>();
    const std::string session = text_at(given, "session"), report = text_at(given, "report_sha256");
    const auto key = CertificateStore(desk.logbook, desk.sessions, desk.key_file).public_key();
    const auto chain = desk.logbook.verify_chain();
    const auto at = desk.logbook.events({}, seq - 1, 1);
    const auto print = desk.logbook.print_of(session.empty() ? "none" : session);
    if (!key || !chain || !at || !print) {
        const std::string& why = !key     ? key.error().message
                                 : !chain ? chain.error().message
                                 : !at    ? at.error().message
                                          : print.error().message;
        return Reply::error(ErrorCode::Fault, "certificate_check: " + why);
    }
    const bool head = !at->empty() && at->front().seq == seq && at->front().hash == text_at(given, "hash");
    const char* of_report = !*print ? "unknown" : (*print)->report_sha256 == report ? "same" : "other";
    return Reply::with(json::object{{"own_key", *key == text_at(given, "public_key")},
                                    {"key", key_fingerprint(*key)},
                                    {"head_found", head},
                                    {"chain_intact", chain->intact},
                                    {"chain_text", chain->text},
                                    {"report", of_report}});
}

} // namespace

void add_paper_commands(CommandRegistry& registry, const PaperDesk& paper_desk) {
    const auto desk = std::make_shared<const PaperDesk>(paper_desk);
    registry.add(
        {.name = "document",
         .help = "a paper of a print session as a file",
         .role = Role::Operate,
         .parameters =
             {{"session", ParameterType::Text, false, "UUID of the print session; the newest when absent"},
              {"kind", ParameterType::Text, true, "which paper", {"certificate", "label_10", "label_7", "cue_sheet"}},
              {"format", ParameterType::Text, false, "pdf when absent", {"pdf", "json", "text"}},
              {"width_mm", ParameterType::Number, false, "of a label's front, 120 to 420"},
              {"height_mm", ParameterType::Number, false, "of a label's front, 120 to 420"},
              {"spine_mm", ParameterType::Number, false, "height of the spine's label, 8 to 100; 0: none"}},
         .handler = [desk](const json::object& given, const Caller&, const Answer& answer) {
             auto asked = read_asked(given);
             if (!asked) {
                 return answer(Reply::error(ErrorCode::InvalidParams, "document: " + asked.error().message));
             }
             desk->worker.post([desk, asked = std::move(*asked), answer] {
                 Reply reply = document(*desk, asked);
                 desk->timeline.post([reply = std::move(reply), answer] { answer(reply); });
             });
         }});
    registry.add({.name = "certificate_check",
                  .help = "whether a certificate is of this installation: its key, its logbook, its report",
                  .role = Role::Observe,
                  .parameters = {{"public_key", ParameterType::Text, true, "that it names"},
                                 {"seq", ParameterType::Integer, true, "of the logbook's event that it names"},
                                 {"hash", ParameterType::Text, true, "of that event"},
                                 {"session", ParameterType::Text, false, "print session that it names"},
                                 {"report_sha256", ParameterType::Text, false, "of the report that it names"}},
                  .handler = [desk](const json::object& given, const Caller&, const Answer& answer) {
                      desk->worker.post([desk, given, answer] {
                          Reply reply = check(*desk, given);
                          desk->timeline.post([reply = std::move(reply), answer] { answer(reply); });
                      });
                  }});
}

} // namespace overbias::controller
