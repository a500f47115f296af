// SPDX-License-Identifier: Apache-2.0
#include "transport/states_doc.hpp"

#include "transport/machine.hpp"

#include <string_view>

namespace overbias::transport {

namespace {

template <typename State>
void render_table(std::string& out, std::span<const Row<State>> table, unsigned state_count) {
    out += "| state | event | when | next | actions | answer | interlock |\n|---|---|---|---|---|---|---|\n";
    const auto all = static_cast<std::uint16_t>((1U << state_count) - 1U);
    for (const Row<State>& row : table) {
        out += "| ";
        if (row.from == all) {
            out += "any";
        } else {
            bool first = true;
            for (unsigned state = 0; state < state_count; ++state) {
                if ((row.from >> state & 1U) != 0) {
                    out.append(first ? "" : ", ").append(name_of(static_cast<State>(state)));
                    first = false;
                }
            }
        }
        out.append(" | ").append(name_of(row.event)).append(" | ").append(name_of(row.guard)).append(" | ");
        out.append(row.next ? name_of(*row.next) : "stays").append(" | ");
        bool first = true;
        for (const Action action : row.actions) {
            out.append(first ? "" : ", ").append(name_of(action));
            first = false;
        }
        out.append(" | ").append(name_of(row.status));
        if (!row.reason.empty()) {
            out.append(": ").append(row.reason);
        }
        out.append(" | ").append(name_of(row.interlock)).append(" |\n");
    }
}

constexpr std::string_view kHead = R"(# States of the transport

Generated from the tables in `transport/machine_tables.cpp`; a test fails when this file differs. To write it anew:
`OVERBIAS_UPDATE=1 ctest -R transport_tests`.

Four small tables run side by side: motion, record arm, knowledge of position, lifters. A row reads: in one of these states, on this
event, when this holds, go there, do this, answer so. The first row that fits counts, and every state has an answer to every event. A row
that belongs to a command another table answers says `Unchanged`.

Time enters only as events: `TapeStill` and `Settled` come from the motion sensor, the timeouts from the control tick. `RecordOffAndStop`
is the driver's own active stop, begun before anybody hears of the cause: released is not stopped, since decks latch.

Before the deck is touched a last gate asks once more whether an interlock forbids it, whoever asked for it (the locator's keys too).
Never two motion contacts at once (`one-motion-line`) is kept by the driver, where the contacts are.

The rules follow what is published of real transports: record off before stop, wind and locate, play after wind only when the motion
sensor says still and after a settle time of 800 ms, giving up after 60 s (RTZ Digital Transport Controller); the play tally before
record (AMS Neve Logic MMC); braking to a stop before a locate turns (RTZ Search-to-Cue); lifters defeated only in stop or slow cue, and a low tension to thread by while the tape is out
(RTZ). Shuttle may turn the tape round without a stop, since there the deck itself holds the tape's speed.
)";

} // namespace

std::string render_states_doc() {
    std::string out(kHead);
    out += "\n## Motion\n\n";
    render_table(out, motion_table(), kMotionCount);
    out += "\n## Record arm\n\n";
    render_table(out, arm_table(), 2);
    out += "\n## Knowledge of position\n\n";
    render_table(out, position_table(), 2);
    out += "\n## Lifters\n\n";
    render_table(out, lifter_table(), 2);
    return out;
}

} // namespace overbias::transport
