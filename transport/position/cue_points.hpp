// SPDX-License-Identifier: Apache-2.0
// Ten cue points by number (0 ... 9) with a name each, and mark in and mark out. Places are the counter's, metres.
// Pure. Thread: any, one at a time.
#pragma once

#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace overbias::transport {

struct CuePoint {
    std::string name; ///< may be empty: then it is known by its number
    double place_m = 0.0;
    bool operator==(const CuePoint&) const = default;
};

/// All of it as plain data, for storing.
struct StoredCuePoints {
    std::array<std::optional<CuePoint>, 10> points;
    std::optional<double> mark_in_m, mark_out_m;
    bool operator==(const StoredCuePoints&) const = default;
};

struct MarkedRange {
    double in_m = 0.0, out_m = 0.0;
};

class CuePoints {
  public:
    static constexpr int kCount = 10;
    static constexpr std::size_t kLongestName = 40; ///< bytes; a line of the panel

    /// Errors: a number that is none, a place that is no number, a name that is too long, holds control characters, is
    /// a number itself or belongs to another cue point. Nothing changes then.
    Result<void> set(int number, double place_m, std::string_view name = {});
    Result<void> rename(int number, std::string_view name);
    Result<void> clear(int number);
    [[nodiscard]] Result<CuePoint> at(int number) const;
    /// By number ("3") or name; names are compared exactly.
    [[nodiscard]] Result<CuePoint> find(std::string_view number_or_name) const;

    Result<void> mark_in(double place_m);
    Result<void> mark_out(double place_m);
    void clear_marks() noexcept { data_.mark_in_m = data_.mark_out_m = std::nullopt; }
    /// Each alone, or an Error that says to mark it.
    [[nodiscard]] Result<double> in_m() const;
    [[nodiscard]] Result<double> out_m() const;
    /// Both, in lying before out; else an Error that says which is missing or that they are the wrong way round.
    [[nodiscard]] Result<MarkedRange> range() const;

    [[nodiscard]] const StoredCuePoints& stored() const noexcept { return data_; }
    /// Takes all of it over, or nothing with an Error that names the point.
    Result<void> restore(const StoredCuePoints& stored);

  private:
    StoredCuePoints data_;
};

} // namespace overbias::transport
