// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/studer_answer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace overbias::transport {

namespace {

constexpr std::size_t kMostDigits = 6; ///< of hours, minutes, seconds
constexpr std::size_t kMostHexDigits = 16;

/// One blank between words, none at the ends.
std::string tidy(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ' && c != '\t') {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (out.ends_with(' ')) {
        out.pop_back();
    }
    return out;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_hex_digit(char c) {
    return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

std::size_t count_leading(std::string_view text, bool (*fits)(char), std::size_t most) {
    std::size_t count = 0;
    while (count < std::min(text.size(), most) && fits(text[count])) {
        ++count;
    }
    return count;
}

} // namespace

struct StuderAnswer::Found {
    std::string_view sign, hours, minutes, seconds, hundredths, hex, value;
    std::string_view& of(Field field) {
        switch (field) {
        case Field::Sign:
            return sign;
        case Field::Hours:
            return hours;
        case Field::Minutes:
            return minutes;
        case Field::Seconds:
            return seconds;
        case Field::Hundredths:
            return hundredths;
        case Field::Hex:
            return hex;
        default:
            return value;
        }
    }
};

Result<StuderAnswer> StuderAnswer::parse(std::string_view pattern) {
    static constexpr std::array<std::pair<std::string_view, Field>, 8> kNames{{{"*", Field::Any},
                                                                               {"sign", Field::Sign},
                                                                               {"h", Field::Hours},
                                                                               {"m", Field::Minutes},
                                                                               {"s", Field::Seconds},
                                                                               {"f", Field::Hundredths},
                                                                               {"hex", Field::Hex},
                                                                               {"value", Field::Value}}};
    const std::string text = tidy(pattern);
    const std::string whole = "answer pattern \"" + text + "\": ";
    StuderAnswer answer;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t open = text.find('{', at);
        if (open != at) {
            answer.parts_.push_back({Field::Literal, text.substr(at, open - at)});
        }
        if (open == std::string::npos) {
            break;
        }
        const std::size_t close = text.find('}', open);
        if (close == std::string::npos) {
            return Error{whole + "a { has no }"};
        }
        const std::string name = text.substr(open + 1, close - open - 1);
        const auto* const found =
            std::ranges::find_if(kNames, [&](const auto& entry) { return entry.first == std::string_view(name); });
        if (found == kNames.end()) {
            return Error{whole + "expected {sign}, {h}, {m}, {s}, {f}, {hex}, {value} or {*}, got {" + name + "}"};
        }
        const Field field = found->second;
        if (field != Field::Any && answer.has(field)) {
            return Error{whole + "{" + name + "} stands twice"};
        }
        if (!answer.parts_.empty()) {
            const Field before = answer.parts_.back().field;
            if (before != Field::Literal && before != Field::Sign) {
                return Error{whole + "nothing stands between {" + name +
                             "} and the field before it, so that nobody knows where one ends"};
            }
        }
        answer.parts_.push_back({field, {}});
        at = close + 1;
    }
    if (answer.parts_.empty()) {
        return Error{"answer pattern: expected the answer's text, got nothing"};
    }
    return answer;
}

bool StuderAnswer::has(Field field) const noexcept {
    return std::ranges::any_of(parts_, [field](const Part& part) { return part.field == field; });
}

bool StuderAnswer::has_time() const noexcept {
    return has(Field::Hours) || has(Field::Minutes) || has(Field::Seconds) || has(Field::Hundredths);
}
bool StuderAnswer::has_hex() const noexcept {
    return has(Field::Hex);
}
bool StuderAnswer::has_value() const noexcept {
    return has(Field::Value);
}

bool StuderAnswer::match(std::size_t part, std::string_view rest, Found& found) const {
    if (part == parts_.size()) {
        return rest.empty();
    }
    const auto take = [&](std::size_t count) {
        found.of(parts_[part].field) = rest.substr(0, count);
        return match(part + 1, rest.substr(count), found);
    };
    switch (parts_[part].field) {
    case Field::Literal:
        return rest.starts_with(parts_[part].text) && match(part + 1, rest.substr(parts_[part].text.size()), found);
    case Field::Sign:
        return take(rest.starts_with('-') || rest.starts_with('+') ? 1 : 0);
    case Field::Hours:
    case Field::Minutes:
    case Field::Seconds:
    case Field::Hundredths: {
        const std::size_t count = count_leading(rest, is_digit, kMostDigits);
        return count > 0 && take(count);
    }
    case Field::Hex: {
        const std::size_t count = count_leading(rest, is_hex_digit, kMostHexDigits);
        return count > 0 && take(count);
    }
    case Field::Any:
    case Field::Value:
        break;
    }
    // the shortest that lets the rest fit
    const bool must_be_something = parts_[part].field == Field::Value;
    for (std::size_t count = must_be_something ? 1 : 0; count <= rest.size(); ++count) {
        if (must_be_something ? take(count) : match(part + 1, rest.substr(count), found)) {
            return true;
        }
    }
    return false;
}

std::optional<StuderFields> StuderAnswer::read(std::string_view answer) const {
    const std::string text = tidy(answer);
    Found found;
    if (!match(0, text, found)) {
        return std::nullopt;
    }
    const auto number = [](std::string_view digits) { return digits.empty() ? 0.0 : std::stod(std::string(digits)); };
    StuderFields out;
    if (has_time()) {
        const double magnitude = number(found.hours) * 3600.0 + number(found.minutes) * 60.0 + number(found.seconds) +
                                 number(found.hundredths) / 100.0;
        out.time_s = found.sign == "-" ? -magnitude : magnitude;
    }
    if (has_hex()) {
        out.hex = std::stoull(std::string(found.hex), nullptr, 16);
    }
    if (has_value()) {
        out.value = std::string(found.value);
    }
    return out;
}

} // namespace overbias::transport
