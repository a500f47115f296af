// SPDX-License-Identifier: Apache-2.0
#include "controller/papers/certificate_store.hpp"

#include "base/host_time.hpp"
#include "base/sha256.hpp"
#include "base/signing/signing_key.hpp"
#include "base/uuid.hpp"
#include "controller/report_file.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::optional<std::string> file_text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Of the report; the job's where it has none that could be a folder's name.
std::string session_of(const logbook::StoredPrint& print) {
    boost::system::error_code error;
    const json::value report = json::parse(print.print.report_json, error);
    const auto* object = error ? nullptr : report.if_object();
    const auto* session = object == nullptr ? nullptr : object->if_contains("session");
    std::string uuid = session != nullptr && session->is_string() ? json::value_to<std::string>(*session) : "";
    return is_uuid(uuid) ? uuid : print.print.uuid;
}

/// The one that the report names, as the logbook has it now; none where it names none.
std::optional<mastering::AlignmentUsed> alignment_of(logbook::Logbook& logbook, const logbook::StoredPrint& print) {
    constexpr std::size_t kMostRead = 10000; // every one that a studio makes in many years
    boost::system::error_code error;
    const json::value report = json::parse(print.print.report_json, error);
    const auto* uuid = error ? nullptr : report.find_pointer("/alignment/uuid", error);
    if (uuid == nullptr || !uuid->is_string()) {
        return std::nullopt;
    }
    const auto all = logbook.alignments(kMostRead);
    if (!all) {
        return std::nullopt;
    }
    for (const logbook::AlignmentEntry& each : *all) {
        if (each.uuid == json::value_to<std::string>(*uuid)) {
            mastering::AlignmentUsed used{.uuid = each.uuid,
                                          .procedure = each.procedure,
                                          .ended_at = each.ended_at,
                                          .operators = each.operators,
                                          .values = {}};
            for (const logbook::AlignmentValue& value : each.values) {
                used.values.push_back({.id = value.id,
                                       .channel = value.channel,
                                       .reading = value.reading,
                                       .unit = value.unit,
                                       .target = value.target,
                                       .tolerance = value.tolerance});
            }
            return used;
        }
    }
    return std::nullopt;
}

/// What was kept for another report, or is no longer as it was signed, goes aside: nothing signed is thrown away.
Result<void> put_aside(const fs::path& folder) {
    const auto text = file_text(folder / "certificate.json");
    if (!text) {
        return {};
    }
    const std::string name = "certificate-" + sha256_hex(*text).substr(0, 12);
    for (const char* ending : {".pdf", ".json"}) {
        std::error_code error;
        fs::rename(folder / (std::string("certificate") + ending), folder / (name + ending), error);
        if (error && error != std::errc::no_such_file_or_directory) {
            return Error{"certificate: an earlier one in '" + folder.string() +
                         "' can't be put aside: " + error.message()};
        }
    }
    return {};
}

} // namespace

CertificateStore::CertificateStore(logbook::Logbook& logbook, fs::path sessions, fs::path key_file)
    : logbook_(logbook), sessions_(std::move(sessions)), key_file_(std::move(key_file)) {
}

Result<std::string> CertificateStore::public_key() const {
    const auto key = SigningKey::load_or_make(key_file_);
    return key ? Result<std::string>(key->public_key()) : Result<std::string>(key.error());
}

Result<StoredCertificate> CertificateStore::certificate(const logbook::StoredPrint& print) {
    if (sha256_hex(print.print.report_json) != print.report_sha256) {
        return Error{"certificate: the report of print " + print.print.uuid +
                     " in the logbook is not the one that was recorded; 'overbias log --verify' says what was changed"};
    }
    const auto key = SigningKey::load_or_make(key_file_);
    if (!key) {
        return key.error();
    }
    const fs::path folder = sessions_ / session_of(print);
    const auto kept = file_text(folder / "certificate.json");
    const auto kept_pdf = file_text(folder / "certificate.pdf");
    if (kept && kept_pdf) {
        const mastering::CertificateCheck check = mastering::check_certificate(*kept);
        if (check.intact() && check.public_key == key->public_key() && check.report_sha256 == print.report_sha256 &&
            check.pdf_sha256 == sha256_hex(*kept_pdf)) {
            return StoredCertificate{*kept, *kept_pdf};
        }
    }
    if (const auto settled = logbook_.flush(); !settled) { // the head is that of everything that was said
        return settled.error();
    }
    const auto head = logbook_.newest_event();
    if (!head || !*head) {
        return head ? Error{"certificate: the logbook is empty"} : head.error();
    }
    std::vector<std::string> notes;
    if (print.simulated) {
        notes.emplace_back("The deck was simulated: nothing was recorded on a real tape.");
    }
    auto made = mastering::make_certificate({.report = print.print.report_json,
                                             .chain = {(*head)->seq, (*head)->hash},
                                             .made_utc = utc_text(host_now().utc_ns),
                                             .made_by = "overbiasd " OVERBIAS_VERSION,
                                             .notes = std::move(notes),
                                             .alignment = alignment_of(logbook_, print)},
                                            *key);
    if (!made) {
        return made.error();
    }
    // logged before it is given away: a certificate that nobody has logged was never out of the house
    if (const auto logged = log(print, *made, key->public_key()); !logged) {
        return logged.error();
    }
    if (const auto aside = put_aside(folder); !aside) {
        return aside.error();
    }
    // the page first: without it the other is not taken for a whole one
    for (const auto& [ending, bytes] : {std::pair(".pdf", &made->pdf), std::pair(".json", &made->json)}) {
        const auto written = write_file_atomically(folder / (std::string("certificate") + ending), *bytes);
        if (!written) {
            return written.error();
        }
    }
    return StoredCertificate{std::move(made->json), std::move(made->pdf)};
}

Result<void> CertificateStore::log(const logbook::StoredPrint& print, const mastering::Certificate& made,
                                   const std::string& public_key) {
    logbook::Event event;
    event.session_uuid = print.print.session_uuid;
    event.kind = "certificate_signed";
    event.detail_json = json::serialize(json::object{{"print", print.print.uuid},
                                                     {"verdict", print.print.verdict},
                                                     {"report_sha256", print.report_sha256},
                                                     {"certificate_sha256", made.sha256},
                                                     {"file_sha256", sha256_hex(made.json)},
                                                     {"pdf_sha256", made.pdf_sha256},
                                                     {"key", key_fingerprint(public_key)}});
    const auto told = std::make_shared<std::string>("the logbook has not answered");
    const auto taken = logbook_.append(std::move(event), [told](const Result<std::int64_t>& seq) {
        *told = seq ? std::string() : seq.error().message;
    });
    if (!taken) {
        return Error{"certificate: it could not be logged: " + taken.error().message};
    }
    if (const auto settled = logbook_.flush(); !settled) {
        return Error{"certificate: it could not be logged: " + settled.error().message};
    }
    return told->empty() ? Result<void>() : Error{"certificate: it could not be logged: " + *told};
}

} // namespace overbias::controller
