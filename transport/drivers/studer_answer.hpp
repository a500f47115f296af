// SPDX-License-Identifier: Apache-2.0
// StuderAnswer: how an answer of the deck is read, as the profile's author writes it down from the deck's own manual:
// the text as it comes, with {fields} where something varies.
//
//   {sign}             a minus, a plus, or nothing
//   {h} {m} {s}        digits: hours, minutes, seconds     {f}   digits: hundredths of a second
//   {hex}              hexadecimal digits, for status bits
//   {value}            whatever stands there: what a memory query is asked for
//   {*}                anything, which does not matter
//
// Each field at most once, {*} as often as wanted. Blanks at either end of an answer do not count, and any number of
// blanks between two words is as good as one. Pure.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::transport {

/// What an answer said; absent: the pattern has no such field.
struct StuderFields {
    std::optional<double> time_s;     ///< of {sign}{h}{m}{s}{f}
    std::optional<std::uint64_t> hex; ///< at most 16 digits
    std::optional<std::string> value;
};

class StuderAnswer {
  public:
    /// The error names the field that is not one, stands twice, or stands side by side with one that would take its
    /// digits.
    [[nodiscard]] static Result<StuderAnswer> parse(std::string_view pattern);
    /// Nothing when the answer does not look like that.
    [[nodiscard]] std::optional<StuderFields> read(std::string_view answer) const;
    [[nodiscard]] bool has_time() const noexcept;
    [[nodiscard]] bool has_hex() const noexcept;
    [[nodiscard]] bool has_value() const noexcept;

  private:
    enum class Field { Literal, Any, Sign, Hours, Minutes, Seconds, Hundredths, Hex, Value };
    struct Part {
        Field field = Field::Literal;
        std::string text; ///< of a literal
    };
    struct Found;
    [[nodiscard]] bool has(Field field) const noexcept;
    bool match(std::size_t part, std::string_view rest, Found& found) const;
    std::vector<Part> parts_;
};

} // namespace overbias::transport
