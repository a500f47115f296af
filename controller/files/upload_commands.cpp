// SPDX-License-Identifier: Apache-2.0
// The commands about uploads: what there is, its removal, and sending a file in parts over a door that has lines of
// text only (the UNIX socket). Browsers send theirs by HTTP (panel_uploads.cpp).
#include "base/base64.hpp"
#include "base/host_time.hpp"
#include "base/uuid.hpp"
#include "controller/files/file_desk.hpp"
#include "controller/files/upload_json.hpp"

#include <boost/json.hpp>
#include <cstdint>
#include <span>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

/// Bytes that come part by part are brought to the disk so often.
constexpr std::int64_t kSyncBytes = 8'388'608;

Reply uploads_off() {
    return Reply::error(ErrorCode::Refused, "uploads are off in this configuration (files.uploads)");
}

Reply reply_of(const UploadOutcome& outcome) {
    if (outcome.ok()) {
        return Reply::with(upload_json(outcome.upload));
    }
    const bool refused = outcome.refusal == UploadRefusal::NoRoom || outcome.refusal == UploadRefusal::Busy;
    const bool fault = outcome.refusal == UploadRefusal::Disk;
    return Reply::error(fault     ? ErrorCode::Fault
                        : refused ? ErrorCode::Refused
                                  : ErrorCode::UnusableInput,
                        outcome.why);
}

/// What was sent of the same content before is gone on with; a complete one is answered as it is.
UploadOutcome begun(UploadStore& store, const std::string& name, std::int64_t size, const std::string& sha256) {
    store.expire();
    const UploadOutcome found = store.find_content(size, sha256);
    if (!found.ok()) {
        return store.create(name, size, sha256);
    }
    return found.upload.complete ? found : store.end(found.upload.id); // whoever sent it before has gone
}

UploadOutcome appended(UploadStore& store, const std::string& id, std::int64_t offset, const std::string& bytes) {
    const auto parts = std::as_bytes(std::span(bytes));
    UploadOutcome outcome = store.append(id, offset, parts);
    if (outcome.refusal == UploadRefusal::Conflict && !outcome.upload.complete && outcome.upload.received == offset) {
        outcome = store.begin(id, offset, static_cast<std::int64_t>(bytes.size()));
        if (outcome.ok()) {
            outcome = store.append(id, offset, parts);
        }
    }
    if (outcome.ok() && outcome.upload.received / kSyncBytes != offset / kSyncBytes) {
        return store.end(id);
    }
    return outcome;
}

} // namespace

void FileDesk::list_uploads(const Answer& answer) {
    if (!store_) {
        return answer(uploads_off());
    }
    later(
        *storing_,
        [this] {
            store_->expire();
            json::array told;
            for (const Upload& upload : store_->list()) {
                json::object one = upload_json(upload);
                one["changed"] = utc_text(upload.changed_s * 1'000'000'000);
                told.push_back(std::move(one));
            }
            return Reply::with(json::object{{"uploads", std::move(told)},
                                            {"used_bytes", store_->used_bytes()},
                                            {"quota_bytes", store_->limits().quota_bytes},
                                            {"largest_bytes", store_->limits().largest_bytes},
                                            {"part_bytes", kUploadPartBytes}});
        },
        answer);
}

void FileDesk::remove_upload(const std::string& id, const Answer& answer) {
    if (!store_) {
        return answer(uploads_off());
    }
    if (!is_uuid(id)) {
        return answer(Reply::error(ErrorCode::InvalidParams, "upload_remove: '" + shown_name(id) +
                                                                 "' is not the UUID of an upload; uploads lists them"));
    }
    later(
        *storing_,
        [this, id] {
            if (const std::string why = parts_.in_use ? parts_.in_use(id) : ""; !why.empty()) {
                return Reply::error(ErrorCode::Refused, "upload_remove was refused: " + why);
            }
            const UploadOutcome removed = store_->remove(id);
            return reply_of(removed);
        },
        answer);
}

void FileDesk::begin_upload(const json::object& given, const Answer& answer) {
    if (!store_) {
        return answer(uploads_off());
    }
    later(
        *storing_,
        [this, name = json::value_to<std::string>(given.at("name")), size = given.at("size").to_number<std::int64_t>(),
         sha256 = json::value_to<std::string>(given.at("sha256"))] {
            return reply_of(begun(*store_, name, size, sha256));
        },
        answer);
}

void FileDesk::append_upload(const json::object& given, const Answer& answer) {
    if (!store_) {
        return answer(uploads_off());
    }
    auto bytes = from_base64(json::value_to<std::string>(given.at("bytes")));
    if (!bytes || bytes->empty()) {
        return answer(Reply::error(ErrorCode::InvalidParams, "upload_append: bytes: expected base64 of some bytes"));
    }
    later(
        *storing_,
        [this, id = json::value_to<std::string>(given.at("upload")),
         offset = given.at("offset").to_number<std::int64_t>(),
         bytes = std::move(*bytes)] { return reply_of(appended(*store_, id, offset, bytes)); },
        answer);
}

void FileDesk::add_upload_commands(CommandRegistry& registry) {
    registry.add(
        {.name = "uploads",
         .help = "uploaded sound files, newest first, and the room for more",
         .role = Role::Observe,
         .handler = [this](const json::object&, const Caller&, const Answer& answer) { list_uploads(answer); }});
    registry.add({.name = "upload_remove",
                  .help = "removes an uploaded file",
                  .parameters = {{"upload", ParameterType::Text, true, "its UUID"}},
                  .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
                      remove_upload(json::value_to<std::string>(given.at("upload")), answer);
                  }});
    registry.add({.name = "upload_begin",
                  .help = "begins to send a file, or goes on where the same content was broken off",
                  .parameters = {{"name", ParameterType::Text, true, "what it is called; only shown"},
                                 {"size", ParameterType::Integer, true, "its bytes"},
                                 {"sha256", ParameterType::Text, true, "of the whole file, 64 hexadecimal digits"}},
                  .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
                      begin_upload(given, answer);
                  }});
    registry.add({.name = "upload_append",
                  .help = "the next bytes of a file",
                  .parameters = {{"upload", ParameterType::Text, true, "its UUID"},
                                 {"offset", ParameterType::Integer, true, "bytes that the daemon has"},
                                 {"bytes", ParameterType::Text, true, "base64; a line of this door may have 64 KiB"}},
                  .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
                      append_upload(given, answer);
                  }});
}

} // namespace overbias::controller
