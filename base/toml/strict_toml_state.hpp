// SPDX-License-Identifier: Apache-2.0
// What a TOML document has been asked for and what was found wrong with it, shared by TomlDocument and its sections.
// Private to base/toml/: this header includes toml++.
#pragma once

#include "base/toml/strict_toml.hpp"

#include <algorithm>
#include <toml++/toml.h>

namespace overbias {

/// A table that was asked for. `table` is null when the file does not have it.
struct TomlAskedTable {
    const toml::table* table = nullptr;
    std::string path;    ///< "deck.head_block", empty for the root
    std::string pattern; ///< the same with [] for an array's index
    std::int64_t line = 0;
    std::vector<std::string> keys; ///< asked for so far
};

struct TomlFinding {
    std::int64_t line = 0;
    std::string text;
};

struct TomlDocument::State {
    std::string name;
    toml::table table;
    std::vector<TomlAskedTable> asked;
    std::vector<TomlFinding> findings;

    void note(std::int64_t line, std::string text) { findings.push_back({line, std::move(text)}); }

    /// Index of an asked table; one that was asked for before keeps its keys.
    std::size_t ask(TomlAskedTable table_asked) {
        for (std::size_t i = 0; i < asked.size(); ++i) {
            if (asked[i].path == table_asked.path) {
                return i;
            }
        }
        asked.push_back(std::move(table_asked));
        return asked.size() - 1;
    }
    /// The node at `key` of an asked table; remembers that it was asked for.
    const toml::node* find(std::size_t at, std::string_view key) {
        TomlAskedTable& asked_table = asked[at];
        if (std::find(asked_table.keys.begin(), asked_table.keys.end(), key) == asked_table.keys.end()) {
            asked_table.keys.emplace_back(key);
        }
        return asked_table.table == nullptr ? nullptr : asked_table.table->get(key);
    }
    void missing(std::size_t at, std::string_view key, const std::string& expected);
    void wrong(const toml::node& node, std::size_t at, std::string_view key, const std::string& expected);

    // --- values of a kind; what is not one is noted
    std::optional<double> number(const toml::node& node, std::size_t at, std::string_view key,
                                 const TomlBounds& bounds);
    std::optional<std::int64_t> integer(const toml::node& node, std::size_t at, std::string_view key,
                                        const TomlBounds& bounds);
    std::optional<std::string> text(const toml::node& node, std::size_t at, std::string_view key);
    std::optional<std::size_t> choice(const toml::node& node, std::size_t at, std::string_view key,
                                      const std::vector<std::string>& words);
};

} // namespace overbias
