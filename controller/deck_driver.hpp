// SPDX-License-Identifier: Apache-2.0
// The driver that a profile asks for, on whatever ports the back ends have. Thread: the timeline's.
#pragma once

#include "controller/config.hpp"
#include "controller/deck_trace.hpp"
#include "transport/deck.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/serial_link.hpp"
#include "transport/io/tach.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace overbias::controller {

struct DeckPorts {
    Timeline& timeline;
    transport::Lines& lines;
    transport::Tach* tach = nullptr;                ///< a tape roller's; null: none is wired
    std::vector<transport::SerialLink*> links = {}; ///< as many as serial_settings() says
    DeckTrace* trace = nullptr;                     ///< is shown every frame
};

/// Only to stop a deck, or to run it.
enum class DeckUse { Run, StopOnly };

/// Throws std::invalid_argument naming what does not fit (line, tach, link, setting).
[[nodiscard]] std::unique_ptr<transport::Deck> make_deck(const Config& config, const DeckPorts& ports,
                                                         DeckUse use = DeckUse::Run);

/// Of a deck without GPIO: it has no line at all.
class NoLines final : public transport::Lines {
  public:
    [[nodiscard]] Result<transport::LineId> find_output(std::string_view name) override { return none(name); }
    [[nodiscard]] Result<transport::LineId> find_input(std::string_view name) override { return none(name); }
    void set(transport::LineId, bool) override {}
    [[nodiscard]] bool get(transport::LineId) const override { return false; }
    void on_edge(std::function<void(const transport::LineEdge&)>) override {}

  private:
    static Error none(std::string_view name) {
        return {"there is no line \"" + std::string(name) + "\": the profile names no GPIO line"};
    }
};

} // namespace overbias::controller
