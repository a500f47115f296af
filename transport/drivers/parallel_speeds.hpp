// SPDX-License-Identifier: Apache-2.0
// ParallelSpeeds: the speeds that a deck is switched to by its lines: held ones (closed at one speed, open at the
// others), a key that is pressed, or both. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"
#include "transport/drivers/parallel_lines.hpp"
#include "transport/io/lines.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::transport {

class ParallelSpeeds {
  public:
    struct Speed {
        double ips = 0.0;
        std::vector<LineId> closed{};
        std::optional<LineId> key{};
        DeckDuration pulse{}; ///< of the key
    };

    ParallelSpeeds(Timeline& timeline, Lines& lines) : lines_(lines), key_(timeline, lines) {}
    void add(Speed one) { speeds_.push_back(std::move(one)); }

    [[nodiscard]] bool offers(double ips) const { return find(ips) != nullptr; }
    /// In the order in which they were added.
    [[nodiscard]] std::vector<double> all_ips() const;
    /// An error names the speeds that there are.
    Result<void> select(double ips);
    /// When the key's contact will have opened; the past when it is not closed.
    [[nodiscard]] DeckTime busy_until() const noexcept { return key_.busy_until(); }

    /// The number without noughts at its end.
    [[nodiscard]] static std::string ips_text(double ips);

  private:
    [[nodiscard]] const Speed* find(double ips) const;

    Lines& lines_;
    LonePulse key_;
    std::vector<Speed> speeds_;
};

} // namespace overbias::transport
