// SPDX-License-Identifier: Apache-2.0
#include "controller/files/file_listing.hpp"

#include "audio/sound_probe.hpp"
#include "controller/files/upload_store.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace overbias::controller {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr std::size_t kMostEntries = 20000; ///< of one folder that are looked at

struct DirectoryCloser {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

bool sound_name(std::string_view name) {
    static constexpr std::array<std::string_view, 5> kEndings{".wav", ".wave", ".rf64", ".bwf", ".flac"};
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::ranges::any_of(kEndings, [&lower](std::string_view ending) { return lower.ends_with(ending); });
}

struct Entry {
    bool file = false;
    std::string name;
    friend auto operator<=>(const Entry&, const Entry&) = default;
};

/// Folders and sound files; links count as what they lead to inside the root.
std::vector<Entry> entries_of(DIR* directory) {
    std::vector<Entry> entries;
    while (const dirent* item = ::readdir(directory)) { // NOLINT(concurrency-mt-unsafe): the stream is ours alone
        const std::string name = item->d_name;
        // a name that cannot be shown as it is could not be asked for either
        if (name.starts_with('.') || shown_name(name) != name || entries.size() == kMostEntries) {
            continue;
        }
        struct stat what {};
        if (::fstatat(::dirfd(directory), name.c_str(), &what, 0) != 0) {
            continue;
        }
        if (S_ISDIR(what.st_mode) || (S_ISREG(what.st_mode) && sound_name(name))) {
            entries.push_back({S_ISREG(what.st_mode), name});
        }
    }
    std::ranges::sort(entries);
    return entries;
}

json::object file_json(const FileRoots& roots, std::size_t root, const fs::path& relative) {
    const fs::path whole = roots.roots()[root] / relative;
    json::object told{{"name", relative.filename().string()},
                      {"file", whole.string()},
                      {"bytes", nullptr},
                      {"container", nullptr},
                      {"sample_rate_hz", nullptr},
                      {"channels", nullptr},
                      {"duration_s", nullptr}};
    const auto opened = roots.open_below(root, relative, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    const auto file =
        opened ? audio::SoundDescriptor::adopt(*opened, whole) : Result<audio::SoundDescriptor>(opened.error());
    if (!file) {
        return told; // file_inspect says what is wrong
    }
    told["bytes"] = file->bytes();
    if (const auto probe = audio::probe_sound(*file)) {
        told["container"] = probe->container;
        told["sample_rate_hz"] = probe->sample_rate_hz;
        told["channels"] = probe->channels;
        if (probe->frames > 0) {
            told["duration_s"] = probe->duration_s();
        }
    }
    return told;
}

} // namespace

json::object roots_json(const FileRoots& roots) {
    json::array told;
    for (std::size_t root = 0; root < roots.roots().size(); ++root) {
        const fs::path& path = roots.roots()[root];
        std::error_code error;
        told.push_back({{"root", root},
                        {"name", shown_name(path.string())},
                        {"path", path.string()},
                        {"there", fs::is_directory(path, error)}});
    }
    return {{"roots", std::move(told)}};
}

Result<json::object> folder_json(const FileRoots& roots, std::size_t root, const std::string& path, std::size_t from) {
    const fs::path relative = fs::path(path);
    const auto opened = roots.open_below(root, relative, O_RDONLY | O_DIRECTORY);
    if (!opened) {
        return opened.error();
    }
    const std::unique_ptr<DIR, DirectoryCloser> directory(::fdopendir(*opened));
    if (!directory) {
        ::close(*opened);
        return Error{path + ": cannot be listed; name a folder"};
    }
    const std::vector<Entry> entries = entries_of(directory.get());
    const std::size_t first = std::min(from, entries.size());
    const std::size_t last = std::min(first + kFilesAPage, entries.size());
    json::array folders;
    json::array files;
    for (std::size_t i = first; i < last; ++i) {
        if (entries[i].file) {
            files.push_back(file_json(roots, root, relative / entries[i].name));
        } else {
            folders.push_back(json::string(entries[i].name));
        }
    }
    return json::object{{"root", root},
                        {"path", path},
                        {"folders", std::move(folders)},
                        {"files", std::move(files)},
                        {"from", first},
                        {"of", entries.size()},
                        {"next", last < entries.size() ? json::value(last) : json::value(nullptr)}};
}

} // namespace overbias::controller
