// SPDX-License-Identifier: Apache-2.0
#include "base/toml/strict_toml.hpp"

#include "base/toml/message_text.hpp"
#include "base/toml/nearest_word.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <toml++/toml.h>

namespace overbias {

namespace {

/// A table that was asked for. `table` is null when the file does not have it.
struct AskedTable {
    const toml::table* table = nullptr;
    std::string path;    ///< "deck.head_block", empty for the root
    std::string pattern; ///< the same with [] for an array's index
    std::int64_t line = 0;
    std::vector<std::string> keys; ///< asked for so far
};

struct Finding {
    std::int64_t line = 0;
    std::string text;
};

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

struct TomlDocument::State {
    std::string name;
    toml::table table;
    std::vector<AskedTable> asked;
    std::vector<Finding> findings;

    void note(std::int64_t line, std::string text) { findings.push_back({line, std::move(text)}); }

    /// Index of an asked table; one that was asked for before keeps its keys.
    std::size_t ask(AskedTable table_asked) {
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
        AskedTable& asked_table = asked[at];
        if (std::find(asked_table.keys.begin(), asked_table.keys.end(), key) == asked_table.keys.end()) {
            asked_table.keys.emplace_back(key);
        }
        return asked_table.table == nullptr ? nullptr : asked_table.table->get(key);
    }
    void missing(std::size_t at, std::string_view key, const std::string& expected) {
        note(asked[at].line,
             joined(asked[at].path, key) + ": expected " + expected + ", got nothing; this key is required");
    }
    void wrong(const toml::node& node, std::size_t at, std::string_view key, const std::string& expected) {
        note(node.source().begin.line, joined(asked[at].path, key) + ": expected " + expected + ", got " + got(node));
    }

    std::optional<double> number(const toml::node& node, std::size_t at, std::string_view key,
                                 const TomlBounds& bounds) {
        const std::optional<double> value = node.is_number() ? node.value<double>() : std::nullopt;
        if (!value || !std::isfinite(*value) || *value < bounds.min || *value > bounds.max) {
            wrong(node, at, key, "a number" + range_text(bounds));
            return std::nullopt;
        }
        return value;
    }
    std::optional<std::int64_t> integer(const toml::node& node, std::size_t at, std::string_view key,
                                        const TomlBounds& bounds) {
        const auto* value = node.as_integer();
        if (value == nullptr || static_cast<double>(value->get()) < bounds.min ||
            static_cast<double>(value->get()) > bounds.max) {
            wrong(node, at, key, "an integer" + range_text(bounds));
            return std::nullopt;
        }
        return value->get();
    }
    std::optional<std::string> text(const toml::node& node, std::size_t at, std::string_view key) {
        const auto* value = node.as_string();
        if (value == nullptr || value->get().empty()) {
            wrong(node, at, key, "text that is not empty");
            return std::nullopt;
        }
        return value->get();
    }
    std::optional<std::size_t> choice(const toml::node& node, std::size_t at, std::string_view key,
                                      const std::vector<std::string>& words) {
        const auto* value = node.as_string();
        const auto found = value == nullptr ? words.end() : std::find(words.begin(), words.end(), value->get());
        if (found == words.end()) {
            wrong(node, at, key, "one of " + list_text(words));
            return std::nullopt;
        }
        return static_cast<std::size_t>(found - words.begin());
    }
};

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
    std::vector<Finding> all = state_->findings;
    for (const AskedTable& asked : state_->asked) {
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
    std::stable_sort(all.begin(), all.end(), [](const Finding& a, const Finding& b) { return a.line < b.line; });
    std::string text;
    for (const Finding& finding : all) {
        text += (text.empty() ? "" : "\n") + state_->name + ":";
        text += (finding.line > 0 ? std::to_string(finding.line) + ": " : " ") + finding.text;
    }
    return Error{text};
}

std::vector<std::string> TomlDocument::asked_keys() const {
    std::set<std::string> all;
    for (const AskedTable& asked : state_->asked) {
        for (const std::string& key : asked.keys) {
            all.insert(joined(asked.pattern, key));
        }
    }
    return {all.begin(), all.end()};
}

bool TomlSection::present() const {
    return state_->asked[table_].table != nullptr;
}

bool TomlSection::has(std::string_view key) {
    return state_->find(table_, key) != nullptr;
}

TomlType TomlSection::type_of(std::string_view key) {
    const toml::node* node = state_->find(table_, key);
    switch (node == nullptr ? toml::node_type::none : node->type()) {
    case toml::node_type::none:
        return TomlType::Missing;
    case toml::node_type::boolean:
        return TomlType::Boolean;
    case toml::node_type::integer:
        return TomlType::Integer;
    case toml::node_type::floating_point:
        return TomlType::Number;
    case toml::node_type::string:
        return TomlType::Text;
    default:
        return TomlType::Other;
    }
}

TomlSection TomlSection::section(std::string_view key) {
    const toml::node* node = state_->find(table_, key);
    const toml::table* table = node == nullptr ? nullptr : node->as_table();
    if (node != nullptr && table == nullptr) {
        state_->wrong(*node, table_, key, "a table");
    }
    AskedTable asked{.table = table,
                     .path = joined(state_->asked[table_].path, key),
                     .pattern = joined(state_->asked[table_].pattern, key),
                     .line = node == nullptr ? state_->asked[table_].line
                                             : static_cast<std::int64_t>(node->source().begin.line),
                     .keys = {}};
    return {state_, state_->ask(std::move(asked))};
}

std::vector<TomlSection> TomlSection::sections(std::string_view key) {
    std::vector<TomlSection> all;
    const toml::node* node = state_->find(table_, key);
    if (node == nullptr) {
        return all;
    }
    const toml::array* list = node->as_array();
    if (list == nullptr || !std::all_of(list->begin(), list->end(), [](const toml::node& n) { return n.is_table(); })) {
        state_->wrong(*node, table_, key, "an array of tables");
        return all;
    }
    const std::string path = joined(state_->asked[table_].path, key);
    const std::string pattern = joined(state_->asked[table_].pattern, key) + "[]";
    for (const toml::node& item : *list) {
        AskedTable asked{.table = item.as_table(),
                         .path = path + "[" + std::to_string(all.size()) + "]",
                         .pattern = pattern,
                         .line = static_cast<std::int64_t>(item.source().begin.line),
                         .keys = {}};
        all.push_back(TomlSection(state_, state_->ask(std::move(asked))));
    }
    return all;
}

std::optional<double> TomlSection::optional_number(std::string_view key, TomlBounds bounds) {
    const toml::node* node = state_->find(table_, key);
    return node == nullptr ? std::nullopt : state_->number(*node, table_, key, bounds);
}

double TomlSection::number(std::string_view key, double otherwise, TomlBounds bounds) {
    return optional_number(key, bounds).value_or(otherwise);
}

double TomlSection::required_number(std::string_view key, TomlBounds bounds) {
    if (!has(key)) {
        state_->missing(table_, key, "a number" + range_text(bounds));
    }
    return optional_number(key, bounds).value_or(std::clamp(0.0, bounds.min, bounds.max));
}

std::int64_t TomlSection::integer(std::string_view key, std::int64_t otherwise, TomlBounds bounds) {
    const toml::node* node = state_->find(table_, key);
    return node == nullptr ? otherwise : state_->integer(*node, table_, key, bounds).value_or(otherwise);
}

std::int64_t TomlSection::required_integer(std::string_view key, TomlBounds bounds) {
    if (!has(key)) {
        state_->missing(table_, key, "an integer" + range_text(bounds));
    }
    return integer(key, static_cast<std::int64_t>(std::clamp(0.0, bounds.min, bounds.max)), bounds);
}

bool TomlSection::boolean(std::string_view key, bool otherwise) {
    const toml::node* node = state_->find(table_, key);
    if (node == nullptr) {
        return otherwise;
    }
    if (!node->is_boolean()) {
        state_->wrong(*node, table_, key, "true or false");
        return otherwise;
    }
    return node->as_boolean()->get();
}

bool TomlSection::required_boolean(std::string_view key) {
    if (!has(key)) {
        state_->missing(table_, key, "true or false");
    }
    return boolean(key, false);
}

std::optional<std::string> TomlSection::optional_text(std::string_view key) {
    const toml::node* node = state_->find(table_, key);
    return node == nullptr ? std::nullopt : state_->text(*node, table_, key);
}

std::string TomlSection::text(std::string_view key, std::string otherwise) {
    return optional_text(key).value_or(std::move(otherwise));
}

std::string TomlSection::text_or_empty(std::string_view key) {
    const toml::node* node = state_->find(table_, key);
    if (node == nullptr) {
        return {};
    }
    if (!node->is_string()) {
        state_->wrong(*node, table_, key, "text");
        return {};
    }
    return node->as_string()->get();
}

std::string TomlSection::required_text(std::string_view key) {
    if (!has(key)) {
        state_->missing(table_, key, "text");
    }
    return text(key, "");
}

std::vector<std::string> TomlSection::texts(std::string_view key) {
    std::vector<std::string> all;
    const toml::node* node = state_->find(table_, key);
    if (node != nullptr && !node->is_array()) {
        state_->wrong(*node, table_, key, "a list of texts");
    } else if (node != nullptr) {
        for (const toml::node& item : *node->as_array()) {
            all.push_back(state_->text(item, table_, key).value_or(""));
        }
    }
    return all;
}

std::vector<double> TomlSection::numbers(std::string_view key, TomlBounds bounds) {
    std::vector<double> all;
    const toml::node* node = state_->find(table_, key);
    if (node != nullptr && !node->is_array()) {
        state_->wrong(*node, table_, key, "a list of numbers");
    } else if (node != nullptr) {
        for (const toml::node& item : *node->as_array()) {
            all.push_back(state_->number(item, table_, key, bounds).value_or(0.0));
        }
    }
    return all;
}

std::size_t TomlSection::choice(std::string_view key, const std::vector<std::string>& words, std::size_t otherwise) {
    const toml::node* node = state_->find(table_, key);
    return node == nullptr ? otherwise : state_->choice(*node, table_, key, words).value_or(otherwise);
}

std::size_t TomlSection::required_choice(std::string_view key, const std::vector<std::string>& words) {
    if (!has(key)) {
        state_->missing(table_, key, "one of " + list_text(words));
    }
    return choice(key, words, 0);
}

std::size_t TomlSection::errors_so_far() const {
    return state_->findings.size();
}

void TomlSection::error(std::string_view key, const std::string& text) {
    const toml::node* node = state_->find(table_, key);
    state_->note(node == nullptr ? state_->asked[table_].line : static_cast<std::int64_t>(node->source().begin.line),
                 joined(state_->asked[table_].path, key) + ": " + text);
}

} // namespace overbias
