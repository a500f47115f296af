// SPDX-License-Identifier: Apache-2.0
#include "transport/position/cue_points.hpp"

#include "transport/position/figures.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::transport {

namespace {

std::string point_text(int number) {
    return "cue point " + std::to_string(number);
}

Result<std::size_t> index_of(int number) {
    if (number < 0 || number >= CuePoints::kCount) {
        return Error{point_text(number) + ": there are the numbers 0 to 9"};
    }
    return static_cast<std::size_t>(number);
}

std::optional<int> as_number(std::string_view text) {
    if (text.size() == 1 && text[0] >= '0' && text[0] <= '9') {
        return text[0] - '0';
    }
    return std::nullopt;
}

Result<void> check_place(const std::string& what, double place_m) {
    if (!std::isfinite(place_m)) {
        return Error{what + ": the place must be a number of metres"};
    }
    return {};
}

Result<void> check_name(int number, std::string_view name) {
    if (name.size() > CuePoints::kLongestName) {
        return Error{point_text(number) + ": a name has at most " + std::to_string(CuePoints::kLongestName) +
                     " bytes, this one has " + std::to_string(name.size())};
    }
    const bool control =
        std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (control) {
        return Error{point_text(number) + ": a name is one line of text without control characters"};
    }
    if (!name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return Error{point_text(number) + ": the name \"" + std::string(name) +
                     "\" is a number, and points are also called by their numbers: choose a word"};
    }
    return {};
}

/// The number of another point of that name.
std::optional<int> taken_by(const StoredCuePoints& data, int number, std::string_view name) {
    for (int other = 0; other < CuePoints::kCount && !name.empty(); ++other) {
        const auto& point = data.points[static_cast<std::size_t>(other)];
        if (other != number && point && point->name == name) {
            return other;
        }
    }
    return std::nullopt;
}

Result<void> check_point(const StoredCuePoints& data, int number, double place_m, std::string_view name) {
    if (auto index = index_of(number); !index) {
        return index.error();
    }
    if (auto place = check_place(point_text(number), place_m); !place) {
        return place;
    }
    if (auto fine = check_name(number, name); !fine) {
        return fine;
    }
    if (const auto other = taken_by(data, number, name)) {
        return Error{point_text(number) + ": " + point_text(*other) + " is already called \"" + std::string(name) +
                     "\": choose another name or clear that one"};
    }
    return {};
}

} // namespace

Result<void> CuePoints::set(int number, double place_m, std::string_view name) {
    if (auto fine = check_point(data_, number, place_m, name); !fine) {
        return fine;
    }
    data_.points[static_cast<std::size_t>(number)] = CuePoint{std::string(name), place_m};
    return {};
}

Result<void> CuePoints::rename(int number, std::string_view name) {
    const Result<CuePoint> point = at(number);
    if (!point) {
        return point.error();
    }
    return set(number, point->place_m, name);
}

Result<void> CuePoints::clear(int number) {
    const Result<std::size_t> index = index_of(number);
    if (!index) {
        return index.error();
    }
    data_.points[*index].reset();
    return {};
}

Result<CuePoint> CuePoints::at(int number) const {
    const Result<std::size_t> index = index_of(number);
    if (!index) {
        return index.error();
    }
    if (!data_.points[*index]) {
        return Error{point_text(number) + " is not set: go there and set it"};
    }
    return *data_.points[*index];
}

Result<CuePoint> CuePoints::find(std::string_view number_or_name) const {
    if (const auto number = as_number(number_or_name)) {
        return at(*number);
    }
    for (const auto& point : data_.points) {
        if (point && !number_or_name.empty() && point->name == number_or_name) {
            return *point;
        }
    }
    std::string known;
    for (const auto& point : data_.points) {
        if (point && !point->name.empty()) {
            known += (known.empty() ? "\"" : ", \"") + point->name + "\"";
        }
    }
    return Error{"no cue point is called \"" + std::string(number_or_name) +
                 "\": " + (known.empty() ? "none has a name; call it by its number, 0 to 9" : "there are " + known)};
}

Result<void> CuePoints::mark_in(double place_m) {
    if (auto fine = check_place("mark in", place_m); !fine) {
        return fine;
    }
    data_.mark_in_m = place_m;
    return {};
}

Result<void> CuePoints::mark_out(double place_m) {
    if (auto fine = check_place("mark out", place_m); !fine) {
        return fine;
    }
    data_.mark_out_m = place_m;
    return {};
}

Result<double> CuePoints::in_m() const {
    if (!data_.mark_in_m) {
        return Error{"mark in is not set: go there and mark it"};
    }
    return *data_.mark_in_m;
}

Result<double> CuePoints::out_m() const {
    if (!data_.mark_out_m) {
        return Error{"mark out is not set: go there and mark it"};
    }
    return *data_.mark_out_m;
}

Result<MarkedRange> CuePoints::range() const {
    const Result<double> in = in_m();
    if (!in) {
        return in.error();
    }
    const Result<double> out = out_m();
    if (!out) {
        return out.error();
    }
    if (!(*in < *out)) {
        return Error{"mark in (" + length_text(*in) + ") does not lie before mark out (" + length_text(*out) +
                     "): mark them anew"};
    }
    return MarkedRange{*in, *out};
}

Result<void> CuePoints::restore(const StoredCuePoints& stored) {
    CuePoints read;
    for (int number = 0; number < kCount; ++number) {
        if (const auto& point = stored.points[static_cast<std::size_t>(number)]) {
            if (auto fine = read.set(number, point->place_m, point->name); !fine) {
                return fine;
            }
        }
    }
    if (stored.mark_in_m) {
        if (auto fine = read.mark_in(*stored.mark_in_m); !fine) {
            return fine;
        }
    }
    if (stored.mark_out_m) {
        if (auto fine = read.mark_out(*stored.mark_out_m); !fine) {
            return fine;
        }
    }
    data_ = std::move(read.data_);
    return {};
}

} // namespace overbias::transport
