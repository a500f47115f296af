// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/certificate.hpp"

#include "base/json/canonical_json.hpp"
#include "base/json/json_text.hpp"
#include "base/sha256.hpp"
#include "mastering/paper/json_read.hpp"
#include "mastering/paper/print_facts.hpp"
#include "paper/pdf.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

constexpr const char* kKind = "overbias print certificate";
constexpr int kVersion = 1;
/// More than any figure is worth, and read as the same number by every reader (base/json/canonical_json.hpp).
constexpr int kDigits = 12;

/// The report but for what would make most of the file and of which nothing stands on paper: its hash covers it.
json::object slim(json::object report) {
    if (auto* tracks = report.contains("tracks") ? report["tracks"].if_array() : nullptr) {
        for (json::value& each : *tracks) {
            auto* seconds = member(each, "seconds") == nullptr ? nullptr : each.at("seconds").if_object();
            if (seconds != nullptr) {
                seconds->erase("third_octave_difference_db");
            }
        }
    }
    return report;
}

json::array sources_json(const PrintFacts& facts) {
    json::array all;
    for (const PaperTrack& each : facts.tracks) {
        all.push_back(json::object{{"side", facts.sides[each.side].name},
                                   {"title", each.name()},
                                   {"file", each.file},
                                   {"sha256", each.sha256}});
    }
    return all;
}

json::array not_judged_json(const PrintFacts& facts) {
    json::array all;
    for (const NotJudged& each : not_judged(facts)) {
        json::object one{{"side", nullptr},
                         {"track", nullptr},
                         {"figure", each.figure},
                         {"reason", each.reason},
                         {"share", each.share ? json::value(*each.share) : json::value(nullptr)},
                         {"text", each.text}};
        if (each.track) {
            one["side"] = facts.sides[facts.tracks[*each.track].side].name;
            one["track"] = *each.track + 1; // counted over all sides
        }
        all.push_back(std::move(one));
    }
    return all;
}

json::array words_json(const std::vector<std::string>& all) {
    json::array out;
    for (const std::string& each : all) {
        out.push_back(json::string(each));
    }
    return out;
}

json::value alignment_json(const std::optional<AlignmentUsed>& used) {
    if (!used) {
        return nullptr;
    }
    const auto number = [](const std::optional<double>& value) {
        return value ? json::value(*value) : json::value(nullptr);
    };
    json::array values;
    for (const AlignmentFigure& each : used->values) {
        values.push_back(json::object{{"id", each.id},
                                      {"channel", each.channel},
                                      {"reading", each.reading},
                                      {"unit", each.unit},
                                      {"target", number(each.target)},
                                      {"tolerance", number(each.tolerance)}});
    }
    return json::object{{"uuid", used->uuid},
                        {"procedure", used->procedure},
                        {"ended_at", used->ended_at},
                        {"operators", used->operators},
                        {"values", std::move(values)}};
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

/// What is signed: the file without its signature.
Result<std::string> signed_form(const json::value& file) {
    json::object rest = file.as_object();
    rest.erase("signature");
    return canonical_json(rest);
}

/// It begins as one; a parser calls an end within a number or a word an error of syntax.
bool cut_off(std::string_view text, const boost::system::error_code& error) {
    const std::size_t last = text.find_last_not_of(" \r\n\t");
    return error == json::error::incomplete ||
           (error && text.starts_with('{') && last != std::string_view::npos && text[last] != '}');
}

CertificateCheck failed(CertificateCheck check, CertificateCheck::State state, std::string words) {
    check.state = state;
    check.words = std::move(words);
    return check;
}

constexpr const char* kGetAnother = "; get it again from whom you have it, or with 'overbias certificate SESSION'";

} // namespace

Result<Certificate> make_certificate(const CertificateInput& input, const SigningKey& key) {
    boost::system::error_code unreadable;
    json::value report = json::parse(input.report, unreadable);
    if (unreadable) {
        return Error{"certificate: expected a report in JSON, got what is none: " + unreadable.message()};
    }
    const auto facts = read_print_facts(report);
    if (!facts) {
        return Error{"certificate: " + facts.error().message};
    }
    json::value body = json::object{{"kind", kKind},
                                    {"version", kVersion},
                                    {"made_utc", input.made_utc},
                                    {"made_by", input.made_by},
                                    {"session", facts->session},
                                    {"verdict", facts->verdict},
                                    {"reason", text_or_null(facts->reason)},
                                    {"key", json::object{{"algorithm", "Ed25519"},
                                                         {"public_key", key.public_key()},
                                                         {"fingerprint", key_fingerprint(key.public_key())}}},
                                    {"logbook", json::object{{"seq", input.chain.seq}, {"hash", input.chain.hash}}},
                                    {"report_sha256", sha256_hex(input.report)},
                                    {"sources", sources_json(*facts)},
                                    {"not_judged", not_judged_json(*facts)},
                                    {"notes", words_json(input.notes)},
                                    {"alignment", alignment_json(input.alignment)},
                                    {"report", slim(std::move(report.as_object()))}};
    round_numbers(body, kDigits);
    const auto form = canonical_json(body);
    if (!form) {
        return form.error();
    }
    Certificate certificate;
    certificate.sha256 = sha256_hex(*form);
    const auto document = certificate_document(body, certificate.sha256);
    if (!document) {
        return document.error();
    }
    auto pdf = paper::pdf_bytes(*document);
    if (!pdf) {
        return pdf.error();
    }
    certificate.pdf = std::move(*pdf);
    certificate.pdf_sha256 = sha256_hex(certificate.pdf);
    json::object file{
        {"certificate", std::move(body)}, {"sha256", certificate.sha256}, {"pdf_sha256", certificate.pdf_sha256}};
    const auto message = canonical_json(file);
    if (!message) {
        return message.error();
    }
    file["signature"] = key.sign(*message);
    certificate.json = json_indented(file) + "\n";
    return certificate;
}

CertificateCheck check_certificate(std::string_view text) {
    using State = CertificateCheck::State;
    CertificateCheck check;
    boost::system::error_code error;
    const json::value file = json::parse(json::string_view(text.data(), text.size()), error);
    if (cut_off(text, error)) {
        return failed(check, State::CutOff,
                      "the certificate is cut off: it ends after " + std::to_string(text.size()) +
                          " bytes, in the middle" + kGetAnother);
    }
    const json::value* body = error ? nullptr : member(file, "certificate");
    if (body == nullptr || text_at(*body, "kind") != kKind) {
        return failed(check, State::NotOne,
                      std::string("this is no certificate of a print") +
                          (error ? ": it is not JSON (" + error.message() + ")" : "") + kGetAnother);
    }
    check.session = text_at(*body, "session");
    check.report_sha256 = text_at(*body, "report_sha256");
    check.verdict = text_at(*body, "verdict");
    check.made_utc = text_at(*body, "made_utc");
    check.pdf_sha256 = text_at(file, "pdf_sha256");
    if (const json::value* key = member(*body, "key")) {
        check.public_key = text_at(*key, "public_key");
        check.fingerprint = key_fingerprint(check.public_key);
    }
    if (const json::value* head = member(*body, "logbook")) {
        check.chain = {static_cast<std::int64_t>(number_at(*head, "seq").value_or(0.0)), text_at(*head, "hash")};
    }
    const auto form = canonical_json(*body);
    const auto message = signed_form(file);
    if (form) {
        check.sha256 = sha256_hex(*form);
    }
    if (number_at(*body, "version") != kVersion) {
        return failed(check, State::NotOne,
                      "the certificate is of a version that this program does not know: expected " +
                          std::to_string(kVersion) + "; check it with a newer Overbias");
    }
    if (!form || !message || !signature_fits(check.public_key, *message, text_at(file, "signature"))) {
        return failed(check, State::Changed,
                      "the certificate was changed after it was signed, or was never signed with the key it names: "
                      "nothing that it says is proven" +
                          std::string(kGetAnother));
    }
    if (text_at(file, "sha256") != check.sha256 ||
        key_fingerprint(check.public_key) != text_at(body->at("key"), "fingerprint")) {
        return failed(check, State::Changed,
                      "the certificate is signed, but its hash or its key's fingerprint is not that of its content: no "
                      "Overbias has made it" +
                          std::string(kGetAnother));
    }
    if (text != json_indented(file) + "\n") {
        return failed(check, State::LaidOutAnew,
                      "what the certificate says was signed, but its text was written anew by another program, which "
                      "may hide members of the same name" +
                          std::string(kGetAnother));
    }
    check.state = State::Intact;
    check.words = "the certificate is as it was signed";
    return check;
}

} // namespace overbias::mastering
