// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/panel_files.hpp"

#include "base/sha256.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace overbias::web_ui {

namespace {

/// The same table as in cmake/EmbedFiles.cmake.
std::string_view content_type(std::string_view extension) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kTypes{
        {{".html", "text/html; charset=utf-8"},
         {".js", "text/javascript; charset=utf-8"},
         {".css", "text/css; charset=utf-8"},
         {".json", "application/json"},
         {".webmanifest", "application/manifest+json"},
         {".svg", "image/svg+xml"},
         {".png", "image/png"},
         {".ico", "image/x-icon"},
         {".woff2", "font/woff2"},
         {".txt", "text/plain; charset=utf-8"},
         {".map", "application/json"}}};
    const auto found = std::ranges::find(kTypes, extension, &std::pair<std::string_view, std::string_view>::first);
    return found == kTypes.end() ? "application/octet-stream" : found->second;
}

/// Letters, digits and .-_ between single slashes, no part beginning with a dot: nothing that could leave the folder.
bool plain_path(std::string_view path) {
    char before = 0;
    for (const char c : path) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && std::string_view("/.-_").find(c) == std::string_view::npos) {
            return false;
        }
        if (before == '/' && (c == '.' || c == '/')) {
            return false;
        }
        before = c;
    }
    return path.starts_with('/');
}

} // namespace

PanelFiles::PanelFiles(std::filesystem::path folder) : folder_(std::move(folder)) {
    if (!folder_.empty() && !std::filesystem::is_regular_file(folder_ / "index.html")) {
        throw std::runtime_error("web: '" + folder_.string() +
                                 "' has no index.html; build the panel first, or serve the built-in one");
    }
}

std::optional<PanelFile> PanelFiles::find(std::string_view path) const {
    if (path == "/") {
        path = "/index.html";
    }
    const bool immutable = path.starts_with("/assets/");
    if (folder_.empty()) {
        const auto files = embedded_panel();
        const auto found = std::ranges::find(files, path, &EmbeddedFile::path);
        if (found == files.end()) {
            return std::nullopt;
        }
        return PanelFile{.bytes = std::string(reinterpret_cast<const char*>(found->bytes), found->size),
                         .content_type = std::string(found->content_type),
                         .etag = std::string(found->etag),
                         .immutable = immutable};
    }
    if (!plain_path(path)) {
        return std::nullopt;
    }
    // a link in the folder may point out of it: what counts is where the file really is
    std::error_code error;
    const auto real = std::filesystem::canonical(folder_ / path.substr(1), error);
    const auto root = std::filesystem::canonical(folder_, error);
    if (error || !std::filesystem::is_regular_file(real, error) ||
        std::ranges::mismatch(root, real).in1 != root.end()) {
        return std::nullopt;
    }
    std::ifstream file(real, std::ios::binary);
    PanelFile result;
    result.bytes.assign(std::istreambuf_iterator<char>(file), {});
    result.content_type = content_type(real.extension().string());
    result.etag = "\"" + sha256_hex(result.bytes).substr(0, 32) + "\"";
    return result; // while it is being written a name may keep its content: never immutable
}

} // namespace overbias::web_ui
