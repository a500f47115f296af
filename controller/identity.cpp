// SPDX-License-Identifier: Apache-2.0
#include "controller/identity.hpp"

#include "base/toml/strict_toml.hpp"
#include "base/uuid.hpp"
#include "controller/config.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <map>
#include <system_error>
#include <unistd.h>

namespace overbias::controller {

namespace {

namespace fs = std::filesystem;

using Identities = std::map<std::string, Identity>; // by profile id

Result<Identities> read_identities(const fs::path& file) {
    Identities all;
    auto document = TomlDocument::read(file);
    if (!document) {
        return document.error();
    }
    for (TomlSection& entry : document->root().sections("deck")) {
        Identity identity{.deck_uuid = entry.required_text("uuid"),
                          .head_block_uuid = entry.required_text("head_block_uuid")};
        for (const char* key : {"uuid", "head_block_uuid"}) {
            const std::string text = entry.text(key, "");
            if (!text.empty() && !is_uuid(text)) {
                entry.error(key, "expected a UUID, got \"" + text + "\"");
            }
        }
        all[entry.required_text("profile")] = std::move(identity);
    }
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return all;
}

Error write_failed(const fs::path& file) {
    return Error{file.string() + ": cannot be written: " + std::generic_category().message(errno) +
                 "; the daemon needs a state directory it may write to (daemon.state_dir)"};
}

/// Whole or not at all: written beside, synced, then put in place.
Result<void> write_identities(const fs::path& file, const Identities& all) {
    std::string text = "# Identity of decks and head blocks: measurements and logs are keyed by it. Keep it.\n";
    for (const auto& [profile, identity] : all) {
        text += "\n[[deck]]\nprofile = \"" + profile + "\"\nuuid = \"" + identity.deck_uuid +
                "\"\nhead_block_uuid = \"" + identity.head_block_uuid + "\"\n";
    }
    const fs::path beside = file.string() + ".new";
    const int out = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (out < 0) {
        return write_failed(beside);
    }
    const bool written =
        ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(out) == 0;
    if (::close(out) != 0 || !written || std::rename(beside.c_str(), file.c_str()) != 0) {
        return write_failed(file);
    }
    return {};
}

} // namespace

Result<Identity> load_identity(const Config& config) {
    std::error_code failure;
    fs::create_directories(config.daemon.state_dir, failure);
    if (failure) {
        return Error{config.daemon.state_dir.string() + ": cannot be made: " + failure.message() +
                     "; give a state directory the daemon may write to (daemon.state_dir)"};
    }
    Identity given{.deck_uuid = config.deck.uuid, .head_block_uuid = config.deck.head_block_uuid};
    if (!given.deck_uuid.empty() && !given.head_block_uuid.empty()) {
        return given;
    }
    const fs::path file = config.daemon.state_dir / "identity.toml";
    Identities all;
    if (fs::exists(file, failure)) {
        auto kept = read_identities(file);
        if (!kept) {
            return kept.error();
        }
        all = std::move(kept).value();
    }
    if (!all.contains(config.deck.profile.id)) {
        all[config.deck.profile.id] = {.deck_uuid = new_uuid(), .head_block_uuid = new_uuid()};
        if (const auto written = write_identities(file, all); !written) {
            return written.error();
        }
    }
    const Identity& kept = all[config.deck.profile.id];
    return Identity{.deck_uuid = given.deck_uuid.empty() ? kept.deck_uuid : given.deck_uuid,
                    .head_block_uuid = given.head_block_uuid.empty() ? kept.head_block_uuid : given.head_block_uuid};
}

} // namespace overbias::controller
