// SPDX-License-Identifier: Apache-2.0
// DeckWires: the commands that look at the wires to the deck and at its memory: deck_lines (levels and frames, followed
// live on demand), deck_save and deck_restore (what a deck with a serial line keeps in memory). Thread: the timeline's.
#pragma once

#include "controller/back_ends.hpp"
#include "controller/config.hpp"
#include "controller/machine_commands.hpp"
#include "controller/notices.hpp"
#include "transport/drivers/studer_memory.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace overbias::controller {

class DeckWires {
  public:
    DeckWires(const Config& config, BackEnds& back_ends, transport::Transport& transport, Notices& notices);
    ~DeckWires();

    /// The registry keeps a copy of `machine`; this must outlive the registry.
    void add_commands(CommandRegistry& registry, const MachineCommands& machine);

  private:
    void follow();
    void save(const MachineCommands& machine, Answer answer);
    void restore(const MachineCommands& machine, const boost::json::object& given, Answer answer);
    /// Empty, or why the memory can't be looked at now.
    [[nodiscard]] std::string obstacle(const MachineCommands& machine) const;

    BackEnds& back_ends_;
    transport::Transport& transport_;
    Notices& notices_;
    std::vector<transport::StuderMemoryItem> items_;
    std::unique_ptr<transport::StuderMemory> memory_; ///< null: this deck has none that the profile lists
    std::unique_ptr<Spawned> at_work_;                ///< a save or restore
    Timeline::TimerId follow_end_ = 0;
};

} // namespace overbias::controller
