// SPDX-License-Identifier: Apache-2.0
#include "controller/transferring/transfer_request_json.hpp"

#include "base/figure.hpp"
#include "controller/tape_position.hpp"
#include "mastering/transfer/transfer_recorder.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>

namespace overbias::controller {

namespace json = boost::json;
namespace fs = std::filesystem;
using mastering::TransferRequest;

namespace {

constexpr double kMostRoll_s = 60.0, kLeastSilence_s = 1.0, kLongest_s = 24.0 * 3600.0;

Error unusable(const std::string& what) {
    return Error{"transfer: " + what};
}

std::string text(const json::object& given, std::string_view name) {
    const json::value* value = given.if_contains(name);
    return value == nullptr ? std::string() : json::value_to<std::string>(*value);
}

/// Empty: not given.
Result<std::optional<double>> place(const json::object& given, std::string_view name, double play_speed_ips) {
    const json::value* value = given.if_contains(name);
    if (value == nullptr) {
        return std::optional<double>();
    }
    if (!value->is_string()) {
        return std::optional(value->to_number<double>());
    }
    const auto parsed = parse_tape_position(std::string_view(value->as_string()), play_speed_ips);
    return parsed ? Result<std::optional<double>>(std::optional(*parsed))
                  : unusable(std::string(name) + ": " + parsed.error().message);
}

Result<std::optional<double>> length(const json::object& given, std::string_view name, double least, double most) {
    const json::value* value = given.if_contains(name);
    if (value == nullptr) {
        return std::optional<double>();
    }
    const double given_s = value->to_number<double>();
    if (!(given_s >= least && given_s <= most)) {
        return unusable(std::string(name) + ": expected " + figure(least, 0) + " to " + figure(most, 0) + " s, got " +
                        figure(given_s, 3));
    }
    return std::optional(given_s);
}

bool taken(const fs::path& file) {
    std::error_code error;
    return fs::exists(fs::symlink_status(file, error)) ||
           fs::exists(fs::symlink_status(mastering::transfer_report_path(file), error)) ||
           fs::exists(fs::symlink_status(mastering::transfer_checksum_path(file), error));
}

/// A name that says what it is, with a number where it is taken.
fs::path free_name(const TransferRequest& request, const TransferPlaces& places) {
    std::string stem = !request.title.empty() ? request.title : !request.tape.empty() ? request.tape : "tape";
    for (char& c : stem) {
        const auto byte = static_cast<unsigned char>(c);
        c = byte < 0x20U || c == '/' || c == '\\' ? '_' : c;
    }
    constexpr std::size_t kLongest = 120; // of the 255 bytes that a name may have
    stem.resize(std::min(stem.size(), kLongest));
    while (!stem.empty() && (static_cast<unsigned char>(stem.back()) & 0xC0U) == 0x80U) {
        stem.pop_back(); // not in the middle of a character
    }
    std::string when = places.now_utc.substr(0, 16); // 2026-11-23T16:30
    when.erase(std::remove(when.begin(), when.end(), ':'), when.end());
    stem = (stem.front() == '.' ? "_" : "") + stem + " " + when;
    fs::path file = places.folder / (stem + ".wav");
    for (int n = 2; taken(file); ++n) {
        file = places.folder / (stem + "-" + std::to_string(n) + ".wav");
    }
    return file;
}

Result<fs::path> file_of(const std::string& given, bool local, const TransferRequest& request,
                         const TransferPlaces& places) {
    if (given.empty()) {
        return free_name(request, places);
    }
    if (std::any_of(given.begin(), given.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U; })) {
        return unusable("file: a name with control characters can't be used");
    }
    const fs::path named(given);
    const fs::path file = (named.is_absolute() ? named : places.folder / named).lexically_normal();
    const bool in_folder = file.parent_path() == places.folder.lexically_normal();
    if (!in_folder && !local) {
        return unusable("file: '" + given + "' is not in " + places.folder.string() +
                        "; name a file without a folder, it is written in there");
    }
    if (!named.is_absolute() && !in_folder) {
        return unusable("file: '" + given + "': give a name without a folder (it is written in " +
                        places.folder.string() + "), or an absolute path");
    }
    return file;
}

} // namespace

std::vector<Parameter> transfer_parameters() {
    return {{"file", ParameterType::Text, false,
             "a name (in the folder for transfers) or, over the socket, an absolute path; a name is made when absent"},
            {"from", ParameterType::Position, false, "where it begins, by the counter; else where the tape stands"},
            {"to", ParameterType::Position, false, "where it ends, by the counter"},
            {"length_s", ParameterType::Number, false, "how much of the tape, from where it begins"},
            {"until_silence", ParameterType::Flag, false, "ends when programme was heard, and then silence"},
            {"silence_s", ParameterType::Number, false, "how much of it"},
            {"pre_roll_s", ParameterType::Number, false, "in the file before 'from'"},
            {"post_roll_s", ParameterType::Number, false, "in the file after 'to' or the length"},
            {"library_wind", ParameterType::Flag, false, "winds slowly to the tape's end when all is in the file"},
            {"format", ParameterType::Text, false, "bits of a sample", {"24", "32", "float"}},
            {"gap_s", ParameterType::Number, false, "a shorter silence is part of the programme"},
            {"title", ParameterType::Text, false, "of what is on the tape; for the file"},
            {"tape", ParameterType::Text, false, "the reel's name or number"},
            {"project", ParameterType::Text, false, "what it belongs to"},
            {"note", ParameterType::Text, false, "whatever else the file should say"},
            {"operator", ParameterType::Text, false, "who transfers it"}};
}

Result<TransferRequest> read_transfer_request(const json::object& given, bool local, const TransferConfig& config,
                                              const TransferPlaces& places) {
    TransferRequest request;
    request.title = text(given, "title");
    request.tape = text(given, "tape");
    request.project = text(given, "project");
    request.note = text(given, "note");
    request.operator_name = text(given, "operator");
    if (request.operator_name.empty()) {
        request.operator_name = config.operator_name;
    }
    const std::string format = text(given, "format");
    request.samples = audio::BroadcastWaveFormat::samples_of(format.empty() ? config.format : format)
                          .value_or(audio::BroadcastWaveFormat::Samples::Int24);
    const json::value* wind = given.if_contains("library_wind");
    request.library_wind = wind != nullptr && wind->as_bool();

    const auto from = place(given, "from", places.play_speed_ips), to = place(given, "to", places.play_speed_ips);
    const auto length_s = length(given, "length_s", 1.0, kLongest_s);
    const auto silence_s = length(given, "silence_s", kLeastSilence_s, 600.0);
    const auto pre_roll_s = length(given, "pre_roll_s", 0.0, kMostRoll_s);
    const auto post_roll_s = length(given, "post_roll_s", 0.0, kMostRoll_s);
    const auto gap_s = length(given, "gap_s", 0.0, kMostRoll_s);
    for (const auto* one : {&from, &to, &length_s, &silence_s, &pre_roll_s, &post_roll_s, &gap_s}) {
        if (!*one) {
            return one->error();
        }
    }
    request.from_m = *from;
    request.to_m = *to;
    request.length_s = *length_s;
    const json::value* until_silence = given.if_contains("until_silence");
    if (until_silence != nullptr && until_silence->as_bool()) {
        request.until_silence_s = silence_s->value_or(config.silence_s);
    } else if (*silence_s) {
        return unusable("silence_s goes with until_silence");
    }
    if ((request.to_m ? 1 : 0) + (request.length_s ? 1 : 0) + (request.until_silence_s ? 1 : 0) > 1) {
        return unusable("'to', 'length_s' and 'until_silence' exclude each other; give one end");
    }
    if (request.from_m && request.to_m && !(*request.to_m > *request.from_m)) {
        return unusable("it ends at " + figure(*request.to_m, 2) + " m, before it begins at " +
                        figure(*request.from_m, 2) + " m");
    }
    if (*pre_roll_s && !request.from_m) {
        return unusable("a pre-roll goes with 'from': without it the file begins with the play key");
    }
    if (*post_roll_s && !request.to_m && !request.length_s) {
        return unusable("a post-roll goes with 'to' or 'length_s'");
    }
    request.pre_roll_s = pre_roll_s->value_or(config.pre_roll_s);
    request.post_roll_s = post_roll_s->value_or(config.post_roll_s);
    request.gaps.least_s = std::max(0.1, gap_s->value_or(config.gap_s));

    auto file = file_of(text(given, "file"), local, request, places);
    if (!file) {
        return file.error();
    }
    request.file = std::move(file).value();
    return request;
}

} // namespace overbias::controller
