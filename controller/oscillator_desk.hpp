// SPDX-License-Identifier: Apache-2.0
// OscillatorDesk: the oscillator as operators and doors have it. The command `oscillator` puts a test signal on the
// programme outputs, at a level in dBFS or re operating level by the installation's level chart, and takes it off;
// while a job owns the deck it only takes it off. A job's start and the loss of the card end it, and nothing brings it
// back. What runs in a job uses audio::Oscillator itself. Thread: the timeline's.
#pragma once

#include "audio/oscillator.hpp"
#include "controller/command_registry.hpp"
#include "controller/job_runner.hpp"
#include "tape/level_chart.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace overbias::controller {

class OscillatorDesk {
  public:
    struct Parts {
        audio::Oscillator& oscillator;
        tape::LevelChart levels;
        const JobRunner& runner;
        /// Why nothing can be played now (the card is gone, the daemon ends), or empty.
        std::function<std::string()> obstacle;
        /// An operator's command and what was said to it, for the log.
        std::function<void(const std::string& command, const std::string& answer)> commanded = {};
        /// It plays, plays something else, or has ended.
        std::function<void()> changed = {};
    };
    explicit OscillatorDesk(Parts parts) : parts_(std::move(parts)) {}

    /// This must outlive the registry.
    void add_command(CommandRegistry& registry);
    /// Fades it out; nothing when it is off. `why` goes to the journal.
    void end(const std::string& why);
    /// Every control tick: ends it when the card is gone, and tells what changed by itself.
    void tick();
    /// {"signal", "channel", its figures, "level_re_operating_db", "from_frame", "settled_frame"}; null when off.
    [[nodiscard]] boost::json::value state() const;

  private:
    struct Told {
        bool playing = false;
        std::int64_t from_frame = -1;
        bool operator==(const Told&) const = default;
    };
    [[nodiscard]] Reply command(const boost::json::object& given);
    [[nodiscard]] Reply off(const boost::json::object& given);
    [[nodiscard]] Reply play(const boost::json::object& given);
    [[nodiscard]] Reply answer(const char* status, const std::string& reason) const;
    [[nodiscard]] Result<dsp::Signal> wanted(const boost::json::object& given) const;
    void tell();

    Parts parts_;
    Told told_;
};

} // namespace overbias::controller
