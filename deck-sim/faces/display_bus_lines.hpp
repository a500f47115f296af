// SPDX-License-Identifier: Apache-2.0
// The lines of a simulated deck, and those of its display bus beside them: display_1, display_2, display_4, display_8
// (wired so that a line is active when its bit is one) and display_select_1, display_select_2, display_select_4.
// Thread: the timeline's.
#pragma once

#include "deck-sim/faces/display_bus_face.hpp"
#include "transport/io/lines.hpp"

#include <array>
#include <functional>
#include <string_view>

namespace overbias::deck_sim {

class DisplayBusLines final : public transport::Lines {
  public:
    static constexpr std::array<std::string_view, DisplayBusFace::kLines> kNames{
        "display_1", "display_2", "display_4", "display_8", "display_select_1", "display_select_2", "display_select_4"};

    DisplayBusLines(Timeline& timeline, transport::Lines& others, RemoteDeck& deck,
                    const DisplayBusFaceSettings& settings = {});

    [[nodiscard]] Result<transport::LineId> find_output(std::string_view name) override {
        return others_.find_output(name);
    }
    [[nodiscard]] Result<transport::LineId> find_input(std::string_view name) override;
    void set(transport::LineId output, bool active) override { others_.set(output, active); }
    [[nodiscard]] bool get(transport::LineId input) const override;
    void on_edge(std::function<void(const transport::LineEdge&)> listener) override;

    [[nodiscard]] DisplayBusFace& face() noexcept { return face_; }

  private:
    static constexpr int kFirst = 200; // beyond the ids of the others
    [[nodiscard]] static bool active(DisplayBusFace::Line line, bool high) noexcept {
        return line <= DisplayBusFace::kData8 ? !high : high;
    }
    transport::Lines& others_;
    std::function<void(const transport::LineEdge&)> listener_;
    DisplayBusFace face_;
};

} // namespace overbias::deck_sim
