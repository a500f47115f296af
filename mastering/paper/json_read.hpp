// SPDX-License-Identifier: Apache-2.0
// Fields of a report that may be there or not, read without a word where they are not. Private to mastering/paper/.
#pragma once

#include <array>
#include <boost/json.hpp>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::mastering {

/// Null where there is none, or `in` is no object.
inline const boost::json::value* member(const boost::json::value& in, std::string_view name) {
    const auto* object = in.if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

inline std::string text_at(const boost::json::value& in, std::string_view name) {
    const auto* found = member(in, name);
    return found != nullptr && found->is_string() ? std::string(std::string_view(found->get_string())) : std::string();
}

inline std::optional<double> number_at(const boost::json::value& in, std::string_view name) {
    const auto* found = member(in, name);
    return found != nullptr && found->is_number() ? std::optional(found->to_number<double>()) : std::nullopt;
}

inline std::optional<bool> flag_at(const boost::json::value& in, std::string_view name) {
    const auto* found = member(in, name);
    return found != nullptr && found->is_bool() ? std::optional(found->get_bool()) : std::nullopt;
}

inline const boost::json::array& list_at(const boost::json::value& in, std::string_view name) {
    static const boost::json::array none;
    const auto* found = member(in, name);
    return found != nullptr && found->is_array() ? found->get_array() : none;
}

inline std::vector<std::optional<double>> numbers_of(const boost::json::value& list) {
    std::vector<std::optional<double>> out;
    if (const auto* array = list.if_array()) {
        for (const auto& each : *array) {
            out.push_back(each.is_number() ? std::optional(each.to_number<double>()) : std::nullopt);
        }
    }
    return out;
}

inline std::vector<std::optional<double>> numbers_at(const boost::json::value& in, std::string_view name) {
    const auto* found = member(in, name);
    return found == nullptr ? std::vector<std::optional<double>>{} : numbers_of(*found);
}

/// Of left and right.
inline std::array<std::optional<double>, 2> pair_at(const boost::json::value& in, std::string_view name) {
    const auto all = numbers_at(in, name);
    return {all.empty() ? std::nullopt : all[0], all.size() < 2 ? std::nullopt : all[1]};
}

inline std::array<std::vector<std::optional<double>>, 2> lists_at(const boost::json::value& in, std::string_view name) {
    const auto& all = list_at(in, name);
    return {all.empty() ? std::vector<std::optional<double>>{} : numbers_of(all[0]),
            all.size() < 2 ? std::vector<std::optional<double>>{} : numbers_of(all[1])};
}

} // namespace overbias::mastering
