// SPDX-License-Identifier: Apache-2.0
// TomlSection: a table's values by their keys.
#include "base/toml/message_text.hpp"
#include "base/toml/strict_toml.hpp"
#include "base/toml/strict_toml_state.hpp"

#include <algorithm>

namespace overbias {

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
    TomlAskedTable asked{.table = table,
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
        TomlAskedTable asked{.table = item.as_table(),
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
