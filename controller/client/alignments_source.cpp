// SPDX-License-Identifier: Apache-2.0
#include "controller/client/alignments_source.hpp"

#include "base/json/json_text.hpp"
#include "calibration/results/alignment_rows.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/words.hpp"
#include "tape/alignment_json.hpp"
#include "tape/calibration_tape.hpp"
#include "tape/profile_path.hpp"
#include "tape/tape_stock.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr int kAll = 1000;            ///< as many as the daemon tells at once
constexpr std::size_t kForDrift = 50; ///< of them, so many newest of the same key

bool is_file(const std::string& which) {
    return which.find('/') != std::string::npos || which.ends_with(".json");
}

std::string text_of_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    if (!in || !(text << in.rdbuf())) {
        throw UnusableArgument(file + ": expected a file with an alignment record, it cannot be read; export one with "
                                      "'overbias alignments export UUID --json FILE'");
    }
    return text.str();
}

bool same_key(const json::value& line, const tape::AlignmentRecord& record) {
    const json::value& key = at(line, "key");
    const json::value& speed = at(key, "speed_ips");
    tape::AlignmentKey its = record.key;
    its.deck_uuid = text(at(key, "deck_uuid"));
    its.head_block_uuid = text(at(key, "head_block_uuid"));
    its.speed_ips = speed.is_number() ? speed.to_number<double>() : 0.0;
    its.stock = text(at(key, "stock"));
    its.batch = text(at(key, "batch"));
    return its == record.key && text(at(key, "equalisation")) == tape::equalisation_name(record.key.equalisation);
}

} // namespace

tape::AlignmentRecord record_of_text(const std::string& file, const std::string& text) {
    boost::system::error_code failure;
    const json::value value = json::parse(text, failure);
    const json::value& inner = failure ? value : at(value, "record");
    auto record = tape::alignment_from_json(inner.is_object() ? json_line(inner) : text);
    if (!record) {
        throw UnusableArgument(file + ": " + record.error().message +
                               "; a record is what 'overbias alignments export UUID --json FILE' writes");
    }
    return std::move(*record);
}

void add_names_of_text(calibration::AlignmentSheet& sheet, const std::string& text_of_file) {
    boost::system::error_code failure;
    const json::value value = json::parse(text_of_file, failure);
    if (!failure) {
        sheet.deck = text(at(value, "deck"));
        sheet.head_block = text(at(value, "head_block"));
        sheet.stock = text(at(value, "stock"));
    }
}

void add_profiles(calibration::AlignmentSheet& sheet) {
    const std::string& stock = sheet.record.key.stock;
    const auto directories = tape::profile_directories({});
    // the id comes from a record, which may be anybody's file: it names a profile, never a place on this disk
    const bool plain = !stock.empty() && stock.find('/') == std::string::npos && !stock.ends_with(".toml");
    const auto path = plain ? tape::find_profile(tape::ProfileKind::Tape, stock, directories)
                            : Result<std::filesystem::path>(Error{"no profile"});
    const auto profile = path ? tape::load_tape_stock(*path) : Result<tape::TapeStock>(path.error());
    if (profile) {
        calibration::add_profile(sheet, *profile);
    } else {
        sheet.notes.push_back("There is no profile of the tape stock '" + printable(stock) +
                              "' on this computer: which of its figures are unsure is not marked.");
    }
    if (const auto tapes = tape::load_calibration_tapes(directories)) {
        for (const tape::CalibrationTape& each : *tapes) {
            calibration::add_profile(sheet, each);
        }
    }
    std::vector<std::string> told;
    for (const tape::AlignmentStep& step : sheet.record.steps) {
        const std::string& id = step.calibration_tape;
        const bool known = std::any_of(sheet.calibration_tapes.begin(), sheet.calibration_tapes.end(),
                                       [&](const auto& each) { return each.first == id; });
        if (!id.empty() && !known && std::find(told.begin(), told.end(), id) == told.end()) {
            told.push_back(id);
            sheet.notes.push_back("There is no profile of the calibration tape '" + printable(id) +
                                  "' on this computer: whether its level is sure is not marked.");
        }
    }
}

RpcClient& AlignmentsSource::daemon() {
    if (daemon_ == nullptr) {
        daemon_.reset(new RpcClient(connect_())); // it can't be moved, so make_unique won't do
    }
    return *daemon_;
}

json::value AlignmentsSource::list(int last) {
    return daemon().call("alignments", json::object{{"last", last}});
}

tape::AlignmentRecord AlignmentsSource::fetched(const std::string& uuid) {
    const json::value answer = daemon().call("alignment_record", json::object{{"uuid", uuid}});
    auto record = tape::alignment_from_json(json_line(answer));
    if (!record) {
        throw UnusableArgument("the daemon's alignment " + uuid + ": " + record.error().message +
                               "; are daemon and command of one version?");
    }
    return std::move(*record);
}

std::string AlignmentsSource::uuid_of(const std::string& which) {
    if (all_.is_null()) {
        all_ = list(kAll);
    }
    const json::array& all = controller::list(at(all_, "alignments"));
    if (which == "latest") {
        if (all.empty()) {
            throw UnusableArgument("latest: no alignment is stored yet; 'overbias align' makes one");
        }
        return text(at(all.front(), "uuid"));
    }
    std::vector<std::string> found;
    for (const json::value& each : all) {
        if (std::string uuid = text(at(each, "uuid")); !which.empty() && uuid.starts_with(which)) {
            found.push_back(std::move(uuid));
        }
    }
    if (found.empty()) {
        throw UnusableArgument("'" + printable(which) +
                               "': expected the UUID of a stored alignment, its beginning, 'latest' or a "
                               "file; 'overbias alignments' lists them");
    }
    if (found.size() > 1) {
        throw UnusableArgument(printable(which) + ": " + std::to_string(found.size()) +
                               " alignments begin so; give more of the UUID");
    }
    return found.front();
}

tape::AlignmentRecord AlignmentsSource::record(const std::string& which) {
    return is_file(which) ? record_of_text(which, text_of_file(which)) : fetched(uuid_of(which));
}

std::string AlignmentsSource::previous_of(const tape::AlignmentRecord& record) {
    if (all_.is_null()) {
        all_ = list(kAll);
    }
    for (const json::value& each : controller::list(at(all_, "alignments"))) { // newest first
        if (same_key(each, record) && text(at(each, "procedure")) == record.procedure &&
            at(each, "ended_at").is_string() && text(at(each, "begun_at")) < record.begun_at) {
            return text(at(each, "uuid"));
        }
    }
    throw UnusableArgument("--against previous: there is none before " + calibration::time_text(record.begun_at) +
                           " with this deck, head block, speed, equalisation, stock, batch and procedure");
}

void AlignmentsSource::add_drift(calibration::AlignmentSheet& sheet) {
    std::size_t taken = 0;
    for (const json::value& each : controller::list(at(all_, "alignments"))) {
        const std::string uuid = text(at(each, "uuid"));
        if (taken < kForDrift && same_key(each, sheet.record) && at(each, "ended_at").is_string() &&
            uuid != sheet.record.uuid && text(at(each, "begun_at")) <= sheet.record.begun_at) {
            calibration::add_values(sheet, fetched(uuid));
            ++taken;
        }
    }
}

void AlignmentsSource::add_names(calibration::AlignmentSheet& sheet) {
    const json::value status = daemon().call("status");
    const json::value& deck = at(status, "deck");
    if (text(at(deck, "uuid")) == sheet.record.key.deck_uuid) {
        sheet.deck = text(at(deck, "name"));
    }
}

calibration::AlignmentSheet AlignmentsSource::sheet(const std::string& which, const std::string& against) {
    calibration::AlignmentSheet sheet{.record = record(which), .earlier = {}};
    if (against == "previous") {
        sheet.earlier = fetched(previous_of(sheet.record));
    } else if (!against.empty()) {
        sheet.earlier = record(against);
    }
    if (sheet.earlier && !(sheet.earlier->key == sheet.record.key)) {
        sheet.notes.emplace_back("The earlier record is of another deck, head block, speed, equalisation, stock or "
                                 "batch: its differences are not a drift.");
    }
    calibration::add_values(sheet, sheet.record);
    if (is_file(which)) {
        add_names_of_text(sheet, text_of_file(which));
        if (sheet.earlier) {
            calibration::add_values(sheet, *sheet.earlier);
        }
    } else {
        add_drift(sheet);
        add_names(sheet);
    }
    add_profiles(sheet);
    return sheet;
}

} // namespace overbias::controller
