// SPDX-License-Identifier: Apache-2.0
// A simulated deck with the transfer desk, on simulated deck time: records a programme on its tape by hand, without any
// of what prints, and transfers it back.
#pragma once

#include "audio/block_engine.hpp"
#include "base/async/simulated_timeline.hpp"
#include "controller/command_registry.hpp"
#include "controller/job_runner.hpp"
#include "controller/transferring/transfer_desk.hpp"
#include "controller/worker.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/drivers/relay_adjust.hpp"
#include "transport/transport.hpp"

#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::test {

class TransferRig {
  public:
    explicit TransferRig(const std::vector<std::string>& faults = {}, deck_sim::Settings settings = {},
                         bool zero_counter = true);
    ~TransferRig();
    TransferRig(const TransferRig&) = delete;
    TransferRig& operator=(const TransferRig&) = delete;

    /// Records from where the tape stands; returns what the counter read when each of `frames` left the card.
    std::vector<double> record(const std::vector<std::int32_t>& programme, const std::vector<std::int64_t>& frames);
    /// Back to a place, standing still.
    void locate(double place_m);
    /// The command's answer; the job runs by then when it is ok().
    controller::Reply transfer(const boost::json::object& given, bool local = true);
    /// Its end, with the file finished.
    controller::JobEnd finish(double limit_s = 4000.0);
    /// Until so much is in the file.
    void capture(double length_s);
    void run_until(const std::function<bool()>& there, double limit_s, const std::string& what);

    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
    [[nodiscard]] boost::json::value report(const std::string& name = "reel.json") const;
    [[nodiscard]] double metres_a_second() const { return settings_.play_speed_ips * 0.0254; }

    SimulatedTimeline timeline;
    std::unique_ptr<deck_sim::SimulatedDeck> deck;
    std::unique_ptr<transport::ParallelRemote> driver;
    std::unique_ptr<transport::RelayAdjust> adjust;
    std::unique_ptr<transport::Transport> transport;
    std::unique_ptr<audio::BlockEngine> engine;
    std::unique_ptr<controller::JobRunner> runner;
    std::unique_ptr<controller::Worker> worker;
    std::unique_ptr<controller::TransferDesk> desk;
    std::vector<transport::JobEvent> events; ///< of the job, and of the desk
    std::vector<std::string> told;           ///< of the topic "transfer"
    bool recorded_while_transferring = false;

  private:
    deck_sim::Settings settings_;
    std::filesystem::path folder_;
    controller::CommandRegistry registry_;
    std::unique_ptr<PeriodicTimer> engine_turn_, tick_;
    std::optional<controller::JobEnd> end_;
};

} // namespace overbias::test
