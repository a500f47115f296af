// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/alignment_documents.hpp"

#include "base/base64.hpp"
#include "base/result.hpp"
#include "calibration/results/alignment_sheet.hpp"
#include "tape/calibration_tape.hpp"
#include "tape/profile_path.hpp"
#include "tape/tape_stock.hpp"

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace overbias::controller {

namespace fs = std::filesystem;
namespace json = boost::json;
using calibration::AlignmentSheet;

namespace {

/// What the profiles say about it; what is not there is told with it.
void add_profiles(AlignmentSheet& sheet, const std::vector<fs::path>& directories) {
    const std::string& stock = sheet.record.key.stock;
    const auto file = tape::find_profile(tape::ProfileKind::Tape, stock, directories);
    if (const auto profile = file ? tape::load_tape_stock(*file) : Result<tape::TapeStock>(file.error()); profile) {
        calibration::add_profile(sheet, *profile);
    } else {
        sheet.notes.push_back("There is no profile of the tape stock '" + stock +
                              "' any more: which of its figures are unsure is not marked.");
    }
    if (const auto tapes = tape::load_calibration_tapes(directories)) {
        for (const tape::CalibrationTape& each : *tapes) {
            calibration::add_profile(sheet, each);
        }
    } else {
        sheet.notes.push_back("The profiles of the calibration tapes can't be read: whether their levels are sure is "
                              "not marked.");
    }
}

struct File {
    const char* type = "";
    Result<std::string> bytes;
};

File file_of(const AlignmentSheet& sheet, std::string_view form) {
    if (form == "pdf") {
        return {.type = "application/pdf", .bytes = calibration::alignment_pdf(sheet)};
    }
    if (form == "csv") {
        return {.type = "text/csv; charset=utf-8", .bytes = calibration::alignment_csv(sheet)};
    }
    return {.type = "application/json", .bytes = calibration::alignment_sheet_json(sheet) + "\n"};
}

/// Any thread.
Reply document(AlignmentSheet sheet, const std::string& form, const std::vector<fs::path>& directories) {
    add_profiles(sheet, directories);
    const File file = file_of(sheet, form);
    if (!file.bytes) {
        return Reply::error(ErrorCode::Fault, "alignment_document: " + file.bytes.error().message);
    }
    return Reply::with(json::object{
        {"name", "alignment-" + sheet.record.uuid + "." + form}, {"type", file.type}, {"base64", base64(*file.bytes)}});
}

/// The facts, as the history has them now; an Error names what is not there.
Result<AlignmentSheet> sheet_of(const AlignmentDocuments& documents, const json::object& given) {
    const auto find = [&](const char* name) -> Result<tape::AlignmentRecord> {
        const auto uuid = json::value_to<std::string>(given.at(name));
        const tape::AlignmentRecord* const record = documents.find(uuid);
        if (record == nullptr) {
            return Error{"alignment_document: there is no alignment " + uuid + "; 'alignments' lists them"};
        }
        return *record;
    };
    auto record = find("uuid");
    if (!record) {
        return record.error();
    }
    AlignmentSheet sheet{.record = std::move(*record), .earlier = {}};
    if (given.contains("against")) {
        auto earlier = find("against");
        if (!earlier) {
            return earlier.error();
        }
        sheet.earlier = std::move(*earlier);
    }
    sheet.written_by = "overbiasd " OVERBIAS_VERSION;
    calibration::add_values(sheet, documents.history);
    if (sheet.record.key.deck_uuid == documents.deck_uuid) {
        sheet.deck = documents.deck_name;
    }
    return sheet;
}

} // namespace

void add_alignment_document(CommandRegistry& registry, AlignmentDocuments documents) {
    registry.add(
        {.name = "alignment_document",
         .help = "a stored alignment as a file",
         .role = Role::Observe,
         .parameters = {{"uuid", ParameterType::Text, true, "of the record"},
                        {"form", ParameterType::Text, true, "which file", {"pdf", "csv", "json"}},
                        {"against", ParameterType::Text, false, "the earlier one that it is compared with"}},
         .handler = [documents = std::move(documents)](const json::object& given, const Caller&, const Answer& answer) {
             auto sheet = sheet_of(documents, given);
             if (!sheet) {
                 return answer(Reply::error(ErrorCode::UnusableInput, sheet.error().message));
             }
             documents.worker.post([sheet = std::move(*sheet), form = json::value_to<std::string>(given.at("form")),
                                    directories = documents.profile_directories, timeline = &documents.timeline,
                                    answer]() mutable {
                 Reply reply = document(std::move(sheet), form, directories);
                 timeline->post([reply = std::move(reply), answer] { answer(reply); });
             });
         }});
}

} // namespace overbias::controller
