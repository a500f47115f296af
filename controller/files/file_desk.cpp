// SPDX-License-Identifier: Apache-2.0
#include "controller/files/file_desk.hpp"

#include "audio/sound_file.hpp"
#include "base/host_time.hpp"
#include "controller/files/file_listing.hpp"

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

std::int64_t now_s() {
    return host_now().utc_ns / 1'000'000'000;
}

std::unique_ptr<UploadStore> store_for(const FilesConfig& config, const std::filesystem::path& state_dir) {
    if (!config.uploads) {
        return nullptr;
    }
    return std::make_unique<UploadStore>(state_dir / "uploads",
                                         UploadLimits{.quota_bytes = config.upload_quota_bytes,
                                                      .largest_bytes = config.upload_largest_bytes,
                                                      .keep_free_bytes = config.upload_keep_free_bytes,
                                                      .unfinished_h = config.upload_unfinished_h},
                                         now_s);
}

std::function<Result<std::filesystem::path>(const std::string&)> finder(UploadStore* store) {
    if (store == nullptr) {
        return {};
    }
    return [store](const std::string& id) { return store->file_of(id); };
}

Reply inspected(const Result<std::filesystem::path>& path, const std::string& asked) {
    if (!path) {
        return Reply::error(ErrorCode::UnusableInput, path.error().message);
    }
    const auto info = audio::inspect_sound_file(*path);
    if (!info) {
        return Reply::error(ErrorCode::UnusableInput, info.error().message);
    }
    return Reply::with(json::object{{"file", asked},
                                    {"path", info->path.string()},
                                    {"container", info->container},
                                    {"sample_format", info->sample_format},
                                    {"sample_rate_hz", info->sample_rate_hz},
                                    {"channels", info->channels},
                                    {"frames", info->frames},
                                    {"duration_s", info->duration_s()},
                                    {"bytes", info->identity.bytes},
                                    {"sha256", info->sha256}});
}

} // namespace

FileDesk::FileDesk(Parts parts)
    : parts_(std::move(parts)), store_(store_for(parts_.config, parts_.state_dir)),
      roots_(parts_.config.roots, finder(store_.get())) {
    if (store_) {
        panel_ = std::make_unique<PanelUploads>(*store_, *storing_, parts_.in_use);
    }
}

FileDesk::~FileDesk() = default;

Result<std::filesystem::path> FileDesk::resolve(const std::string& file, bool local) const {
    return roots_.resolve(file, local);
}

void FileDesk::later(Worker& worker, std::function<Reply()> work, const Answer& answer) {
    worker.post([this, work = std::move(work), answer] {
        Reply reply = work();
        parts_.timeline.post([reply = std::move(reply), answer] { answer(reply); });
    });
}

void FileDesk::list(const json::object& given, const Answer& answer) {
    const auto whole = [&given](const char* key) {
        const json::value* const value = given.if_contains(key);
        return value == nullptr ? std::int64_t{0} : value->to_number<std::int64_t>();
    };
    const json::value* const path = given.if_contains("path");
    const std::int64_t root = whole("root");
    const std::int64_t from = whole("from");
    if (root < 0 || from < 0) {
        return answer(Reply::error(ErrorCode::InvalidParams, "files: root and from count from 0"));
    }
    if (!given.contains("root")) {
        if (path != nullptr || from != 0) {
            return answer(Reply::error(ErrorCode::InvalidParams, "files: path and from are those of a root; give it"));
        }
        return later(
            *looking_, [this] { return Reply::with(roots_json(roots_)); }, answer);
    }
    later(
        *looking_,
        [this, root, from, folder = path == nullptr ? std::string() : json::value_to<std::string>(*path)] {
            const auto listed =
                folder_json(roots_, static_cast<std::size_t>(root), folder, static_cast<std::size_t>(from));
            return listed ? Reply::with(*listed)
                          : Reply::error(ErrorCode::UnusableInput, "files: " + listed.error().message);
        },
        answer);
}

void FileDesk::inspect(const std::string& file, bool local, const Answer& answer) {
    later(
        *looking_, [this, file, local] { return inspected(resolve(file, local), file); }, answer);
}

void FileDesk::add_commands(CommandRegistry& registry) {
    registry.add(
        {.name = "files",
         .help = "folders and sound files that may be printed: the roots, or what lies in a folder of one",
         .role = Role::Observe,
         .parameters = {{"root", ParameterType::Integer, false, "number of the root; without it the roots"},
                        {"path", ParameterType::Text, false, "folder in it; its top when absent"},
                        {"from", ParameterType::Integer, false, "go on at this entry"}},
         .handler = [this](const json::object& given, const Caller&, const Answer& answer) { list(given, answer); }});
    registry.add({.name = "file_inspect",
                  .help = "what a sound file is: checked, decoded and hashed as for a print",
                  .role = Role::Observe,
                  .parameters = {{"file", ParameterType::Text, true, "its whole path, or upload:ID"}},
                  .handler = [this](const json::object& given, const Caller& caller, const Answer& answer) {
                      inspect(json::value_to<std::string>(given.at("file")), caller.local, answer);
                  }});
    add_upload_commands(registry);
}

} // namespace overbias::controller
