// SPDX-License-Identifier: Apache-2.0
#include "controller/files/panel_uploads.hpp"

#include "controller/files/upload_json.hpp"

#include <boost/json.hpp>
#include <span>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using web_ui::UploadAnswer;

namespace {

int status_of(UploadRefusal refusal) {
    switch (refusal) {
    case UploadRefusal::None:
        return 200;
    case UploadRefusal::Unusable:
        return 400;
    case UploadRefusal::Unknown:
        return 404;
    case UploadRefusal::Conflict:
        return 409;
    case UploadRefusal::TooLarge:
        return 413;
    case UploadRefusal::Damaged:
        return 422;
    case UploadRefusal::Busy:
        return 429;
    case UploadRefusal::NoRoom:
        return 507;
    case UploadRefusal::Disk:
        break;
    }
    return 500;
}

UploadAnswer answer_of(const UploadOutcome& outcome, int good = 200) {
    UploadAnswer answer;
    answer.status = outcome.ok() ? good : status_of(outcome.refusal);
    answer.id = outcome.upload.id;
    const bool there = !answer.id.empty() && outcome.refusal != UploadRefusal::Damaged;
    if (there) {
        answer.offset = outcome.upload.received;
        answer.size = outcome.upload.size;
    }
    if (outcome.ok()) {
        answer.json = json::serialize(upload_json(outcome.upload));
    } else {
        json::object told{{"error", outcome.why}};
        if (there) {
            told["upload"] = upload_json(outcome.upload);
        }
        answer.json = json::serialize(told);
    }
    return answer;
}

UploadOutcome create_from(UploadStore& store, const std::string& body) {
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    const json::object* const given = !error ? value.if_object() : nullptr;
    const auto text = [given](const char* key) {
        const json::value* const one = given != nullptr ? given->if_contains(key) : nullptr;
        return one != nullptr && one->is_string() ? std::optional(std::string(one->as_string())) : std::nullopt;
    };
    const json::value* const size = given != nullptr ? given->if_contains("size") : nullptr;
    if (!text("name") || size == nullptr || !size->is_int64() || (given->contains("sha256") && !text("sha256"))) {
        return {UploadRefusal::Unusable,
                R"(upload: expected {"name": text, "size": bytes, "sha256": text or left out})",
                {}};
    }
    return store.create(*text("name"), size->as_int64(), text("sha256").value_or(""));
}

} // namespace

void PanelUploads::create(std::string body, Done done) {
    worker_.post(
        [this, body = std::move(body), done = std::move(done)] { done(answer_of(create_from(store_, body), 201)); });
}

void PanelUploads::look(std::string id, Done done) {
    worker_.post([this, id = std::move(id), done = std::move(done)] { done(answer_of(store_.find(id))); });
}

void PanelUploads::remove(std::string id, Done done) {
    worker_.post([this, id = std::move(id), done = std::move(done)] {
        const std::string why = in_use_ ? in_use_(id) : "";
        if (UploadOutcome found = store_.find(id); found.ok() && !why.empty()) {
            found.refusal = UploadRefusal::Conflict;
            found.why = "upload: " + why;
            return done(answer_of(found));
        }
        UploadAnswer answer = answer_of(store_.remove(id), 204);
        if (answer.status == 204) {
            answer.json.clear();
        }
        done(std::move(answer));
    });
}

void PanelUploads::begin(std::string id, std::int64_t offset, std::int64_t bytes, Done done) {
    worker_.post([this, id = std::move(id), offset, bytes, done = std::move(done)] {
        done(answer_of(store_.begin(id, offset, bytes)));
    });
}

void PanelUploads::append(std::string id, std::int64_t offset, std::string bytes, Done done) {
    worker_.post([this, id = std::move(id), offset, bytes = std::move(bytes), done = std::move(done)] {
        done(answer_of(store_.append(id, offset, std::as_bytes(std::span(bytes)))));
    });
}

void PanelUploads::end(std::string id, Done done) {
    worker_.post([this, id = std::move(id), done = std::move(done)] { done(answer_of(store_.end(id))); });
}

std::int64_t PanelUploads::part_bytes() const {
    return kUploadPartBytes;
}

} // namespace overbias::controller
