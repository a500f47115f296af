// SPDX-License-Identifier: Apache-2.0
#include "tape/profile_path.hpp"

#include <cstdlib>
#include <set>
#include <system_error>

namespace overbias::tape {

namespace fs = std::filesystem;

namespace {

const char* kind_name(ProfileKind kind) noexcept {
    return kind == ProfileKind::Deck ? "deck" : kind == ProfileKind::Tape ? "tape" : "calibration tape";
}

} // namespace

const char* profile_folder(ProfileKind kind) noexcept {
    return kind == ProfileKind::Deck ? "decks" : kind == ProfileKind::Tape ? "tapes" : "calibration-tapes";
}

std::vector<fs::path> profile_directories(const fs::path& configured) {
    if (!configured.empty()) {
        return {configured};
    }
    std::vector<fs::path> all;
    const char* given = std::getenv("OVERBIAS_PROFILES"); // NOLINT(concurrency-mt-unsafe): at start-up
    if (given != nullptr && *given != '\0') {
        all.emplace_back(given);
    }
    std::error_code failure;
    const fs::path program = fs::read_symlink("/proc/self/exe", failure);
    if (!failure) {
        all.push_back(program.parent_path().parent_path() / "share" / "overbias" / "profiles");
    }
    all.emplace_back(OVERBIAS_SOURCE_PROFILES);
    return all;
}

Result<fs::path> find_profile(ProfileKind kind, const std::string& name, const std::vector<fs::path>& directories) {
    const std::string called = kind_name(kind);
    std::error_code failure;
    if (name.find('/') != std::string::npos || name.ends_with(".toml")) {
        if (fs::is_regular_file(name, failure)) {
            return fs::path(name);
        }
        return Error{name + ": expected a " + called + " profile, found no such file"};
    }
    std::set<std::string> known;
    std::string looked_in;
    for (const fs::path& directory : directories) {
        const fs::path folder = directory / profile_folder(kind);
        const fs::path file = folder / (name + ".toml");
        if (fs::is_regular_file(file, failure)) {
            return file;
        }
        for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
            if (entry.path().extension() == ".toml") {
                known.insert(entry.path().stem().string());
            }
        }
        looked_in += (looked_in.empty() ? "" : ", ") + folder.string();
    }
    std::string names;
    for (const std::string& one : known) {
        names += (names.empty() ? "\"" : ", \"") + one + "\"";
    }
    return Error{called + " profile \"" + name + "\" not found in " + looked_in + "; " +
                 (names.empty() ? "there are none there" : "there are " + names)};
}

} // namespace overbias::tape
