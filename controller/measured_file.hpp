// SPDX-License-Identifier: Apache-2.0
// What was measured of the installation, kept in a file of the state directory: one [[measured]] table for each thing
// it was measured on. Thread: any; may wait on the disk.
#pragma once

#include "base/result.hpp"
#include "base/toml/strict_toml.hpp"
#include "controller/report_file.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace overbias::controller {

/// An `Entry` is read by a static `Entry from(TomlSection&)`, written by `std::string toml() const`, a line a key.
template <typename Entry>
class MeasuredFile {
  public:
    explicit MeasuredFile(std::filesystem::path file) : file_(std::move(file)) {}

    /// The first that `fits(entry)`; nothing when there is none, or no file. The error names the file.
    template <typename Fits>
    [[nodiscard]] Result<std::optional<Entry>> find(const Fits& fits) const {
        auto all = read_all();
        if (!all) {
            return all.error();
        }
        const auto found = std::ranges::find_if(*all, fits);
        return found == all->end() ? std::optional<Entry>() : std::optional<Entry>(std::move(*found));
    }

    /// In place of all that `fits(entry)`. `heading`: what the file is, one line.
    template <typename Fits>
    [[nodiscard]] Result<void> replace(const Fits& fits, Entry entry, const std::string& heading) const {
        auto all = read_all();
        if (!all) {
            return all.error();
        }
        std::erase_if(*all, fits);
        all->push_back(std::move(entry));
        std::string text = "# " + heading + "\n";
        for (const Entry& each : *all) {
            text += "\n[[measured]]\n" + each.toml();
        }
        return write_file_atomically(file_, text);
    }

  private:
    [[nodiscard]] Result<std::vector<Entry>> read_all() const {
        std::vector<Entry> all;
        std::error_code failure;
        if (!std::filesystem::exists(file_, failure)) {
            return all;
        }
        auto document = TomlDocument::read(file_);
        if (!document) {
            return document.error();
        }
        for (TomlSection& entry : document->root().sections("measured")) {
            all.push_back(Entry::from(entry));
        }
        if (const auto ok = document->finish(); !ok) {
            return ok.error();
        }
        return all;
    }

    std::filesystem::path file_;
};

} // namespace overbias::controller
