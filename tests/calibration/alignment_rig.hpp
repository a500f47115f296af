// SPDX-License-Identifier: Apache-2.0
// A simulated deck with everything an alignment needs around it, on simulated deck time.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/oscillator.hpp"
#include "base/async/simulated_timeline.hpp"
#include "calibration/record/alignment_job.hpp"
#include "controller/job_runner.hpp"
#include "controller/simulated/simulated_adjust.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "tape/memory_history.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/transport.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::test {

class PulledCard;

class AlignmentRig {
  public:
    explicit AlignmentRig(const deck_sim::Settings& settings, const std::vector<std::string>& faults = {});
    ~AlignmentRig();

    [[nodiscard]] calibration::AlignmentContext context();
    void start(calibration::Procedure procedure) { start(context(), std::move(procedure)); }
    void start(calibration::AlignmentContext context, calibration::Procedure procedure);
    void start(std::unique_ptr<transport::Job> job);
    /// Runs deck time until the job has ended. Throws std::runtime_error when it has not by then.
    controller::JobEnd finish(double limit_s = 400.0);
    [[nodiscard]] const std::optional<controller::JobEnd>& ended() const noexcept { return end_; }
    /// The sound card's cable is pulled.
    void unplug_card();

    SimulatedTimeline timeline;
    std::unique_ptr<deck_sim::SimulatedDeck> deck;
    std::unique_ptr<transport::ParallelRemote> driver;
    std::unique_ptr<controller::SimulatedAdjust> adjust;
    std::unique_ptr<transport::Transport> transport;
    std::unique_ptr<PulledCard> card;
    std::unique_ptr<audio::BlockEngine> engine;
    std::unique_ptr<controller::JobRunner> runner;
    tape::MemoryAlignmentHistory history;
    std::vector<transport::JobEvent> events;

    /// The capture as if lines were plugged wrongly: left and right changed over; with bias_capture, nothing on the
    /// right (a track's bias while it does not record).
    audio::FrameTap* swapped_return = nullptr;
    audio::FrameTap* dead_right_return = nullptr;

    struct Recorded {
        std::array<double, 2> level_db{}; ///< against what was sent
        double late_us = 0.0;             ///< the right track against the left
    };
    /// What a technician's own meter reads off tape while the deck records a tone that this rig sends, the mean of
    /// `seconds`.
    [[nodiscard]] Recorded recorded(double frequency_hz, double level_db, double seconds);

    using Samples = std::array<std::vector<double>, 2>; ///< full scale 1
    /// What a technician's own recorder takes off tape, from the moment on when this comes back.
    [[nodiscard]] Samples taken(const dsp::Signal& signal, audio::OscillatorChannels channels, double seconds);
    /// The deck into record, for taken(); and to rest.
    void into_record();
    void to_rest();

  private:
    deck_sim::Settings settings_;
    audio::Oscillator* oscillator_ = nullptr;
    audio::FrameTap* return_ = nullptr;
    audio::FrameTap* meter_ = nullptr;
    std::unique_ptr<PeriodicTimer> engine_turn_;
    std::optional<controller::JobEnd> end_;
};

/// A deck whose reproduce side somebody has aligned, and whose record side is off by what the seed gives.
[[nodiscard]] deck_sim::Settings deck_off(std::uint64_t seed);
/// The reproduce screws and both heads' azimuth as a technician left them.
void align_reproduce(deck_sim::SimulatedDeck& deck);
/// The tape's bias curve as it was put into the deck: 10 kHz at 15 ips falls by bias^2 / 3 (dB) past the peak.
[[nodiscard]] double injected_drop_db(double bias_ma, double peak_ma);
/// How many decks: 10, or OVERBIAS_ALIGNMENT_SEEDS.
[[nodiscard]] std::uint64_t alignment_seeds();

/// A stock with this overbias at 15 ips.
[[nodiscard]] tape::TapeStock stock_with(double overbias_db);

} // namespace overbias::test
