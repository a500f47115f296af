// SPDX-License-Identifier: Apache-2.0
// One life of the property test: a deck, a machine, some hundred random actions, and the rules that watch over them.
// The order in which the dice fall is part of a life: what is changed here gives other lives to the same seeds.
#pragma once

#include "property_rules.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace overbias::transport::property {

enum class Kind { Lamps, NoLamps, Linked };

struct Coverage {
    std::map<std::string, long> counts;
    long recordings = 0, hand_recordings = 0, edges = 0;
};

/// One deck, one machine, some hundred actions.
class Life {
  public:
    Life(std::uint64_t seed, Coverage& coverage);
    ~Life();
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;

    /// The violation, or empty.
    std::string run(int actions);

  private:
    [[nodiscard]] Deck& deck() { return linked_ ? static_cast<Deck&>(*linked_) : *remote_; }

    void start();
    void pass(int milliseconds);
    void note(const std::string& what);
    void command(const std::string& name, std::optional<Press> wants, const std::function<CommandResult()>& give);
    void act();
    void give_command();
    void lay_hands_on();
    void go_wrong();
    void act_while_cut();

    Dice dice_;
    Coverage& coverage_;
    Kind kind_;
    std::optional<double> breaks_at_s_;
    sim::Settings settings_;
    Plant plant_;
    SimulatedTimeline timeline_;
    Rules rules_;
    PlantTach tach_{plant_};
    ManualAdjust adjust_;
    TransportConfig config_;
    std::unique_ptr<SocketLines> lines_;
    std::unique_ptr<ParallelRemote> remote_;
    std::unique_ptr<LinkedDeck> linked_;
    std::unique_ptr<Transport> transport_;
    MachineState state_;
    bool sensor_failed_ = false;
    std::deque<std::string> log_;
};

} // namespace overbias::transport::property
