// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/faults.hpp"

#include "base/nearest_word.hpp"
#include "deck-sim/fault_table.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::deck_sim {

namespace {

using Need = KeyUse::Need;

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

std::string place_key_names(const KindSpec& kind) {
    std::string names;
    for (const KeyUse& use : kind.keys) {
        if (use.need == Need::Place) {
            names.append(names.empty() ? "" : " or ").append(use.key->name);
        }
    }
    return names;
}

/// "there is no kind 'spaceing'; the nearest is 'spacing'", and where none is near, all there are.
std::string unknown(std::string_view what, std::string_view name, const std::vector<std::string>& known) {
    const std::string near = nearest_word(name, known);
    std::string names;
    for (const std::string& one : known) {
        names.append(names.empty() ? "" : ", ").append(one);
    }
    return "there is no " + std::string(what) + " " + quoted(name) +
           (near.empty() ? "; there are: " + names : "; the nearest is " + quoted(near));
}

/// One `key=value` of `kind` into `fault`; `given` remembers which keys came.
Result<void> take_pair(const KindSpec& kind, std::string_view pair, Fault& fault, std::vector<const KeySpec*>& given) {
    const std::string fault_is = "fault " + quoted(kind.name) + ": ";
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        return Error{fault_is + "expected key=value, came " + quoted(pair)};
    }
    const std::string_view name = pair.substr(0, equals);
    const std::string_view text = pair.substr(equals + 1);
    if (kind.keys.empty()) {
        return Error{fault_is + "it has no keys, came " + quoted(name)};
    }
    const auto use =
        std::find_if(kind.keys.begin(), kind.keys.end(), [&](const KeyUse& one) { return one.key->name == name; });
    if (use == kind.keys.end()) {
        std::vector<std::string> keys;
        for (const KeyUse& one : kind.keys) {
            keys.emplace_back(one.key->name);
        }
        return Error{fault_is + unknown("key", name, keys)};
    }
    for (const KeySpec* earlier : given) {
        if (earlier == use->key) {
            return Error{fault_is + quoted(name) + " is given twice"};
        }
    }
    if (use->need == Need::Place) {
        for (const KeyUse& one : kind.keys) {
            if (one.need == Need::Place && std::find(given.begin(), given.end(), one.key) != given.end()) {
                return Error{fault_is + "give only one of " + place_key_names(kind)};
            }
        }
    }
    if (const std::string wrong = use->key->set(fault, text); !wrong.empty()) {
        return Error{fault_is + std::string(name) + ": " + wrong + ", came " + quoted(text)};
    }
    given.push_back(use->key);
    return {};
}

} // namespace

std::optional<double> FaultPlace::time_s(std::optional<double> programme_start_s) const noexcept {
    switch (scale) {
    case Scale::Time:
        return value;
    case Scale::Programme:
        return programme_start_s ? std::optional(*programme_start_s + value) : std::nullopt;
    case Scale::Tape:
        break;
    }
    return std::nullopt;
}

std::string_view fault_name(FaultKind kind) noexcept {
    for (const KindSpec& one : fault_kinds()) {
        if (one.kind == kind) {
            return one.name;
        }
    }
    return "unknown fault";
}

Result<Fault> parse_fault(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    const std::span<const KindSpec> kinds = fault_kinds();
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const KindSpec& one) { return one.name == name; });
    if (kind == kinds.end()) {
        std::vector<std::string> names;
        for (const KindSpec& one : kinds) {
            names.emplace_back(one.name);
        }
        return Error{"fault: " + unknown("kind", name, names)};
    }
    Fault fault;
    fault.kind = kind->kind;
    for (const KeyUse& use : kind->keys) {
        if (!use.default_text.empty()) {
            use.key->set(fault, use.default_text);
        }
    }
    std::vector<const KeySpec*> given;
    std::string_view rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        if (const auto taken = take_pair(*kind, rest.substr(0, comma), fault, given); !taken) {
            return taken.error();
        }
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
    const auto has = [&](const KeyUse& use) { return std::find(given.begin(), given.end(), use.key) != given.end(); };
    bool placed = false;
    for (const KeyUse& use : kind->keys) {
        placed = placed || (use.need == Need::Place && has(use));
        if (use.need == Need::Required && !has(use)) {
            return Error{"fault " + quoted(name) + ": " + quoted(use.key->name) + " is missing (" +
                         std::string(use.key->meaning) + ")"};
        }
    }
    if (kind->place_required && !placed) {
        return Error{"fault " + quoted(name) + ": it does not say where; give " + place_key_names(*kind)};
    }
    return fault;
}

std::string fault_help() {
    std::string help = "KIND or KIND:key=value,key=value; kinds:\n";
    for (const KindSpec& kind : fault_kinds()) {
        help.append("  ").append(kind.name).append(": ").append(kind.meaning).append("\n");
        for (const KeyUse& use : kind.keys) {
            help.append("      ").append(use.key->name).append("=  ").append(use.key->meaning);
            if (use.need == Need::Required) {
                help.append("; required");
            } else if (use.need == Need::Place) {
                help.append(kind.place_required ? "; one of the places is required"
                                                : "; without a place: from the start");
            } else if (!use.default_text.empty()) {
                help.append("; default ").append(use.default_text);
            }
            help.append("\n");
        }
    }
    return help;
}

} // namespace overbias::deck_sim
