// SPDX-License-Identifier: Apache-2.0
// The bias monitor as the installation has it: its ring and converters, what the machine does, the jobs, the log, the
// commands `bias` and `bias_set_up`. On a deck whose profile has no [[bias_monitor]] it does nothing but say so.
// Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/bias/bias_converters.hpp"
#include "controller/bias/bias_ears.hpp"
#include "controller/bias/bias_json.hpp"
#include "controller/bias/bias_watch.hpp"
#include "controller/command_registry.hpp"
#include "controller/config.hpp"
#include "controller/identity.hpp"
#include "controller/job_runner.hpp"
#include "controller/log_keeper.hpp"
#include "controller/notices.hpp"
#include "controller/worker.hpp"
#include "transport/transport.hpp"

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

class BiasLink {
  public:
    struct Parts {
        const Config& config;
        const Identity& identity;
        Timeline& timeline;
        const audio::StreamFormat& capture;
        audio::BlockEngine& engine;
        transport::Transport& transport;
        JobRunner& runner;
        LogKeeper& keeper;
        Worker& worker;
        const Notices& notices;
        std::function<void()> changed; ///< status is to be told anew
        /// An operator's command and what was said to it, for the log.
        std::function<void(const std::string& command, const std::string& answer)> commanded;
        std::filesystem::path iio_root = transport::kIioRoot;
    };
    /// Before the engine's first turn. Throws std::runtime_error, with the reason and what to do, for a profile that
    /// asks for what this card can't hear.
    explicit BiasLink(Parts parts);

    /// This must outlive the registry's last call.
    void add_commands(CommandRegistry& registry);
    /// Every control tick.
    void tick();
    /// The machine's state has changed.
    void state(const transport::MachineState& state);
    void job_event(const transport::JobEvent& event);
    void job_ended(const JobEnd& end);
    /// For `status`; null when nothing is watched.
    [[nodiscard]] boost::json::value status() const;
    /// Why a print can't be told to stop on a failure of the bias, or empty.
    [[nodiscard]] std::string stop_obstacle() const;

  private:
    [[nodiscard]] double now_s() const { return seconds(parts_.timeline.now()); }
    [[nodiscard]] BiasWatch::Hooks hooks();
    [[nodiscard]] BiasLosses losses() const;
    [[nodiscard]] double time_of(std::int64_t frame);
    void hear();
    void said(std::size_t source, std::string problem);
    void poll();
    void concern(const BiasConcern& concern);
    void stored(const std::vector<BiasTaken>& taken, const std::string& by);
    [[nodiscard]] Reply set_up(const boost::json::object& given);
    void tell_changes();

    Parts parts_;
    BiasKey key_;                                ///< as the installation is set up; the speed follows the deck's switch
    std::unique_ptr<BiasWatch> watch_;           ///< null: nothing is watched
    std::unique_ptr<BiasEars> ears_;             ///< null: nothing is heard
    std::unique_ptr<BiasConverters> converters_; ///< null: there are none
    std::uint64_t gaps_ = 0;
    double heard_to_s_ = 0.0;
    DeckTime heard_at_{}; ///< when the ears last said something
    DeckTime asked_{};
    calibration::BiasState told_ = calibration::BiasState::NotJudged;
};

[[nodiscard]] BiasKey bias_key(const Config& config, const Identity& identity);

} // namespace overbias::controller
