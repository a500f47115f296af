// SPDX-License-Identifier: Apache-2.0
// The document: reading it, the check of each value, and all that is wrong in one text.
#include "base/toml/strict_toml.hpp"

#include "base/nearest_word.hpp"
#include "base/toml/message_text.hpp"
#include "base/toml/strict_toml_state.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

namespace overbias {

namespace {

const char* type_name(toml::node_type type) {
    switch (type) {
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::string:
        return "text";
    case toml::node_type::integer:
        return "an integer";
    case toml::node_type::floating_point:
        return "a number";
    case toml::node_type::boolean:
        return "true or false";
    case toml::node_type::date:
        return "a date";
    case toml::node_type::time:
        return "a time";
    case toml::node_type::date_time:
        return "a date and time";
    case toml::node_type::none:
        break;
    }
    return "nothing";
}

/// A value as the operator wrote it, shortened.
std::string got(const toml::node& node) {
    std::string text = type_name(node.type());
    if (const auto* value = node.as_string()) {
        text = "\"" + value->get() + "\"";
    } else if (const auto* whole = node.as_integer()) {
        text = std::to_string(whole->get());
    } else if (const auto* real = node.as_floating_point()) {
        text = number_text(real->get());
    } else if (const auto* flag = node.as_boolean()) {
        text = flag->get() ? "true" : "false";
    }
    constexpr std::size_t kLongest = 60;
    if (text.size() > kLongest) {
        text = text.substr(0, kLongest) + "...";
    }
    std::replace(text.begin(), text.end(), '\n', ' '); // one error is one line
    return text;
}

} // namespace

void TomlDocument::State::missing(std::size_t at, std::string_view key, const std::string& expected) {
    note(asked[at].line,
         joined(asked[at].path, key) + ": expected " + expected + ", got nothing; this key is required");
}

void TomlDocument::State::wrong(const toml::node& node, std::size_t at, std::string_view key,
                                const std::string& expected) {
    note(node.source().begin.line, joined(asked[at].path, key) + ": expected " + expected + ", got " + got(node));
}

std::optional<double> TomlDocument::State::number(const toml::node& node, std::size_t at, std::string_view key,
                                                  const TomlBounds& bounds) {
    const std::optional<double> value = node.is_number() ? node.value<double>() : std::nullopt;
    if (!value || !std::isfinite(*value) || *value < bounds.min || *value > bounds.max) {
        wrong(node, at, key, "a number" + range_text(bounds));
        return std::nullopt;
    }
    return value;
}

std::optional<std::int64_t> TomlDocument::State::integer(const toml::node& node, std::size_t at, std::string_view key,
                                                         const TomlBounds& bounds) {
    const auto* value = node.as_integer();
    if (value == nullptr || static_cast<double>(value->get()) < bounds.min ||
        static_cast<double>(value->get()) > bounds.max) {
        wrong(node, at, key, "an integer" + range_text(bounds));
        return std::nullopt;
    }
    return value->get();
}

std::optional<std::string> TomlDocument::State::text(const toml::node& node, std::size_t at, std::string_view key) {
    const auto* value = node.as_string();
    if (value == nullptr || value->get().empty()) {
        wrong(node, at, key, "text that is not empty");
        return std::nullopt;
    }
    return value->get();
}

std::optional<std::size_t> TomlDocument::State::choice(const toml::node& node, std::size_t at, std::string_view key,
                                                       const std::vector<std::string>& words) {
    const auto* value = node.as_string();
    const auto found = value == nullptr ? words.end() : std::find(words.begin(), words.end(), value->get());
    if (found == words.end()) {
        wrong(node, at, key, "one of " + list_text(words));
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - words.begin());
}

TomlDocument::TomlDocument(std::unique_ptr<State> state) : state_(std::move(state)) {
}
TomlDocument::TomlDocument(TomlDocument&&) noexcept = default;
TomlDocument& TomlDocument::operator=(TomlDocument&&) noexcept = default;
TomlDocument::~TomlDocument() = default;

Result<TomlDocument> TomlDocument::read(const std::filesystem::path& path) {
    std::error_code failure;
    if (std::filesystem::is_directory(path, failure)) {
        return Error{path.string() + ": expected a TOML file, got a directory"};
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        const std::string why = std::generic_category().message(errno);
        return Error{path.string() + ": expected a TOML file that can be read, got: " + why};
    }
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (file.bad()) {
        return Error{path.string() + ": reading failed: " + std::generic_category().message(errno)};
    }
    return parse(text, path.string());
}

Result<TomlDocument> TomlDocument::parse(std::string_view text, std::string name) {
    auto state = std::make_unique<State>();
    state->name = std::move(name);
    try {
        state->table = toml::parse(text);
    } catch (const toml::parse_error& failure) {
        std::string why(failure.description());
        std::replace(why.begin(), why.end(), '\n', ' ');
        return Error{state->name + ":" + std::to_string(failure.source().begin.line) + ": not TOML: " + why};
    }
    state->asked.push_back({.table = &state->table, .path = "", .pattern = "", .line = 0, .keys = {}});
    return TomlDocument(std::move(state));
}

TomlSection TomlDocument::root() {
    return {state_.get(), 0};
}

const std::string& TomlDocument::name() const noexcept {
    return state_->name;
}

Result<void> TomlDocument::finish() const {
    std::vector<TomlFinding> all = state_->findings;
    for (const TomlAskedTable& asked : state_->asked) {
        if (asked.table == nullptr) {
            continue;
        }
        for (const auto& [key, node] : *asked.table) {
            if (std::find(asked.keys.begin(), asked.keys.end(), key.str()) != asked.keys.end()) {
                continue;
            }
            const std::string near = nearest_word(key.str(), asked.keys);
            const std::string where = asked.path.empty() ? "the file" : "[" + asked.path + "]";
            std::vector<std::string> keys = asked.keys;
            std::sort(keys.begin(), keys.end());
            all.push_back({key.source().begin.line, joined(asked.path, key.str()) + ": unknown key; " +
                                                        (near.empty() ? where + " knows " + list_text(keys)
                                                                      : "did you mean \"" + near + "\"?")});
        }
    }
    if (all.empty()) {
        return {};
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const TomlFinding& a, const TomlFinding& b) { return a.line < b.line; });
    std::string text;
    for (const TomlFinding& finding : all) {
        text += (text.empty() ? "" : "\n") + state_->name + ":";
        text += (finding.line > 0 ? std::to_string(finding.line) + ": " : " ") + finding.text;
    }
    return Error{text};
}

std::vector<std::string> TomlDocument::asked_keys() const {
    std::set<std::string> all;
    for (const TomlAskedTable& asked : state_->asked) {
        for (const std::string& key : asked.keys) {
            all.insert(joined(asked.pattern, key));
        }
    }
    return {all.begin(), all.end()};
}

} // namespace overbias
