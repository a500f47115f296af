// SPDX-License-Identifier: Apache-2.0
// Strict TOML: every key that a file holds must be one that was asked for, of the right type and within its bounds.
// Nothing is guessed and nothing is ignored: a misspelt key in the configuration of a recorder is an error, not a
// default.
//
//   auto document = TomlDocument::read(path);             // Result: unreadable file, or a syntax error with its line
//   TomlSection audio = document->root().section("audio");
//   const double rate = audio.number("sample_rate_hz", 48000.0, {.min = 44100.0, .max = 192000.0});
//   if (auto ok = document->finish(); !ok) { ... }        // every error, one line each, in the order of the file
//
// A getter that finds something wrong notes it and returns its default (a required one: zero, or the lowest legal
// value), so one run reports all mistakes; nothing that was read may be used before finish() said that all is well. A
// message names file, line, key, what was expected and what came; an unknown key comes with the nearest key there is.
//
// Thread: one thread a document. Sections refer to the document, which must outlive them.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias {

/// Closed interval; by default any finite number.
struct TomlBounds {
    double min = std::numeric_limits<double>::lowest();
    double max = std::numeric_limits<double>::max();
};

class TomlSection;

/// What a key holds, for the few that may be one of several.
enum class TomlType { Missing, Boolean, Integer, Number, Text, Other };

class TomlDocument {
  public:
    /// Reads a file; the error is one line with the file's name.
    [[nodiscard]] static Result<TomlDocument> read(const std::filesystem::path& path);
    /// Parses text; `name` stands for the file in messages.
    [[nodiscard]] static Result<TomlDocument> parse(std::string_view text, std::string name);

    TomlDocument(TomlDocument&&) noexcept;
    TomlDocument& operator=(TomlDocument&&) noexcept;
    ~TomlDocument();

    [[nodiscard]] TomlSection root();
    /// All that is wrong so far, unknown keys included: one line each, in the order of the file.
    [[nodiscard]] Result<void> finish() const;
    /// Every key that was asked for, as "section.key" ("section[].key" in an array of tables); for the test of the
    /// documentation.
    [[nodiscard]] std::vector<std::string> asked_keys() const;
    /// As given to read() or parse().
    [[nodiscard]] const std::string& name() const noexcept;

  private:
    friend class TomlSection;
    struct State;
    explicit TomlDocument(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// One table of a document, or a table that the file does not have (every key of it is then missing).
class TomlSection {
  public:
    [[nodiscard]] bool present() const;
    /// True when the file gives `key`; counts as asking for it.
    [[nodiscard]] bool has(std::string_view key);
    /// Counts as asking for it.
    [[nodiscard]] TomlType type_of(std::string_view key);

    /// The table `key`; not present() when the file has none.
    [[nodiscard]] TomlSection section(std::string_view key);
    /// The array of tables `key`, in order; empty when the file has none.
    [[nodiscard]] std::vector<TomlSection> sections(std::string_view key);

    // A number may be written as an integer; infinities and NaN are refused.
    [[nodiscard]] double number(std::string_view key, double otherwise, TomlBounds bounds = {});
    [[nodiscard]] std::optional<double> optional_number(std::string_view key, TomlBounds bounds = {});
    [[nodiscard]] double required_number(std::string_view key, TomlBounds bounds = {});

    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t otherwise, TomlBounds bounds = {});
    [[nodiscard]] std::int64_t required_integer(std::string_view key, TomlBounds bounds = {});

    [[nodiscard]] bool boolean(std::string_view key, bool otherwise);
    [[nodiscard]] bool required_boolean(std::string_view key);

    // Text: UTF-8, not empty.
    [[nodiscard]] std::string text(std::string_view key, std::string otherwise);
    [[nodiscard]] std::optional<std::string> optional_text(std::string_view key);
    [[nodiscard]] std::string required_text(std::string_view key);
    /// May be empty, and is when missing.
    [[nodiscard]] std::string text_or_empty(std::string_view key);
    /// A list of texts; empty when missing.
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);
    /// A list of numbers; empty when missing.
    [[nodiscard]] std::vector<double> numbers(std::string_view key, TomlBounds bounds = {});

    /// One word out of `words`: its index.
    [[nodiscard]] std::size_t choice(std::string_view key, const std::vector<std::string>& words,
                                     std::size_t otherwise);
    [[nodiscard]] std::size_t required_choice(std::string_view key, const std::vector<std::string>& words);

    /// How many errors the document has so far: unchanged after a getter, what it returned is what the file says (or
    /// the default).
    [[nodiscard]] std::size_t errors_so_far() const;
    /// Notes an error of the caller's own finding at `key` of this table (or at the table when the key is missing).
    void error(std::string_view key, const std::string& text);

  private:
    friend class TomlDocument;
    TomlSection(TomlDocument::State* state, std::size_t table) : state_(state), table_(table) {}
    TomlDocument::State* state_;
    std::size_t table_;
};

} // namespace overbias
