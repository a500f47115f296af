// SPDX-License-Identifier: Apache-2.0
// ListenDesk: source/tape A/B as operators and doors have it. The command `listen` says what the monitor outputs hear;
// browsers get FLAC of the tape, of the source as it fits the tape, or of what the monitors hear. How the two fit comes
// from the comparison of the print that runs, else from the configuration: heads, converters and the level chart.
//
// Threads: the timeline's; open() on the web server's; sound is brought together and encoded on threads of its own.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/listening/flac_stream.hpp"
#include "audio/listening/listen_path.hpp"
#include "audio/listening/listen_thread.hpp"
#include "controller/command_registry.hpp"
#include "controller/config.hpp"
#include "controller/job_runner.hpp"
#include "transport/job.hpp"
#include "web-ui/server/web_audio_backend.hpp"

#include <array>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace overbias::controller {

class ListenDesk final : public web_ui::AudioBackend {
  public:
    struct Parts {
        const Config& config; ///< as it is now: round trip and head delay may be measured meanwhile
        audio::BlockEngine& engine;
        audio::StreamFormat played, captured; ///< of the card
        const JobRunner& runner;
        std::function<double()> play_speed_ips = {}; ///< that the deck has now; 0 or empty: the configuration's
        /// An operator's command and what was said to it, for the log.
        std::function<void(const std::string& command, const std::string& answer)> commanded = {};
        std::function<void()> changed = {}; ///< what is heard
    };
    /// Before the engine's first turn.
    explicit ListenDesk(Parts parts);
    ~ListenDesk() override;

    /// This must outlive the registry.
    void add_command(CommandRegistry& registry);
    /// Every control tick.
    void tick();
    /// Of the job that runs.
    void job_event(const transport::JobEvent& event);
    /// {"what", "dim", "mono", "mute", "match", "monitor", "browser"}: docs/api.md.
    [[nodiscard]] boost::json::object state() const;

    // --- web_ui::AudioBackend
    [[nodiscard]] web_ui::AudioOpening open(const std::string& what, std::function<void()> wake) override;

  private:
    /// What the comparison of a print said last.
    struct Live {
        double head_delay_s = 0.0;
        std::array<double, 2> re_operating_db{};
    };
    [[nodiscard]] Reply command(const boost::json::object& given);
    [[nodiscard]] audio::ListenMatch match() const;
    [[nodiscard]] std::string obstacle() const;
    void set();

    Parts parts_;
    audio::MonitorFeed* monitor_ = nullptr; ///< null: no monitor outputs
    audio::ListenWanted wanted_;
    std::optional<Live> live_;
    std::array<std::unique_ptr<audio::FlacStream>, 3> streams_; ///< by audio::ListenStream; null: not for browsers
    std::unique_ptr<audio::ListenPath> path_;                   ///< null: nobody can listen
    std::unique_ptr<audio::ListenThread> thread_;               ///< last: the first to go
};

} // namespace overbias::controller
