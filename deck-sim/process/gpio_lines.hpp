// SPDX-License-Identifier: Apache-2.0
// GpioLines: the lines of one chip, who holds them, and what level each has. No sockets here. Thread: its owner's.
//
// An open-drain or open-source output has the level it is set to: the resistor that the other level needs is taken to
// be there.
#pragma once

#include "deck-sim/process/gpio_requests.hpp"
#include "deck-sim/process/gpio_server.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace overbias::deck_sim {

struct GpioEdge {
    std::size_t index = 0;         ///< of the line in its request
    unsigned offset = 0;           ///< of the line on the chip
    bool active = false;           ///< to active ("rising"), or from it
    bool realtime = false;         ///< the time is wanted in CLOCK_REALTIME
    std::chrono::nanoseconds at{}; ///< CLOCK_MONOTONIC
};

class GpioLines {
  public:
    /// Who has requested lines. `edge` is called from inside drive().
    class Holder {
      public:
        virtual void edge(const GpioEdge& edge) = 0;

      protected:
        ~Holder() = default;
    };
    struct Change {
        unsigned offset = 0;
        bool high = false;
    };
    using Changes = std::vector<Change>; ///< levels that have changed by what a client did

    explicit GpioLines(const GpioChip& chip);

    /// 0 or an errno (EBUSY: somebody has one of them).
    [[nodiscard]] int request(Holder& holder, const GpioRequest& request, Changes& changes);
    void configure(const Holder& holder, const std::vector<GpioLineSetup>& setups, Changes& changes);
    /// Sets those of the holder's lines that `mask` names, by their index in the request. EPERM: one is not an output.
    [[nodiscard]] int set(const Holder& holder, std::uint64_t mask, std::uint64_t bits, Changes& changes);
    [[nodiscard]] std::uint64_t get(const Holder& holder) const;
    /// The lines that were held, by offset.
    std::vector<unsigned> release(const Holder& holder, Changes& changes);

    void drive(unsigned offset, bool high, std::chrono::nanoseconds at);
    [[nodiscard]] bool level(unsigned offset) const;
    /// As the kernel tells it; nothing when there is no such line.
    [[nodiscard]] std::optional<gpio_v2_line_info> info(unsigned offset) const;
    [[nodiscard]] std::size_t size() const noexcept { return lines_.size(); }

  private:
    struct Line {
        std::string name;
        std::string consumer;
        std::uint64_t flags = GPIO_V2_LINE_FLAG_INPUT;
        Holder* holder = nullptr;
        std::size_t index = 0;
        bool driving = false; ///< the chip drives it, to `out`
        bool out = false;
        bool outside = false; ///< what it is driven to from outside, or pulled to
        [[nodiscard]] bool level() const noexcept { return driving ? out : outside; }
        [[nodiscard]] bool active_low() const noexcept { return (flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW) != 0; }
    };
    static void apply(Line& line, const GpioLineSetup& setup);
    /// Calls `act` on the line and notes whether its level has changed.
    template <typename Act>
    void changing(std::size_t offset, Changes& changes, Act act);

    std::vector<Line> lines_;
    GpioChip::OnRelease on_release_;
};

} // namespace overbias::deck_sim
