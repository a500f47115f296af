// SPDX-License-Identifier: Apache-2.0
// The panel's files: built into the program (cmake/EmbedFiles.cmake), or from a folder while it is being written.
// Thread: any.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace overbias::web_ui {

/// One built-in file, as the generated source lists it.
struct EmbeddedFile {
    std::string_view path; ///< "/index.html"
    std::string_view content_type;
    std::string_view etag; ///< with its quotes
    const unsigned char* bytes;
    std::size_t size;
};
[[nodiscard]] std::span<const EmbeddedFile> embedded_panel();

struct PanelFile {
    std::string bytes, content_type, etag;
    bool immutable = false; ///< its name changes with its content: everything in /assets/
};

class PanelFiles {
  public:
    /// Empty: the built-in ones. Throws std::runtime_error when the folder has no index.html.
    explicit PanelFiles(std::filesystem::path folder);
    /// `path` as in a request, undecoded, without a query; "/" is index.html. Nothing for whatever is not one of the
    /// panel's files.
    [[nodiscard]] std::optional<PanelFile> find(std::string_view path) const;

  private:
    std::filesystem::path folder_;
};

} // namespace overbias::web_ui
