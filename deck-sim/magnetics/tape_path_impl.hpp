// SPDX-License-Identifier: Apache-2.0
// The inside of TapePath: its parts, and the three things it does in a step.
#pragma once

#include "deck-sim/magnetics/bias_faults.hpp"
#include "deck-sim/magnetics/block_math.hpp"
#include "deck-sim/magnetics/card.hpp"
#include "deck-sim/magnetics/fault_schedule.hpp"
#include "deck-sim/magnetics/interpolator.hpp"
#include "deck-sim/magnetics/medium.hpp"
#include "deck-sim/magnetics/record_chain.hpp"
#include "deck-sim/magnetics/reproduce_chain.hpp"
#include "deck-sim/magnetics/tape_defects.hpp"
#include "deck-sim/magnetics/tape_path.hpp"
#include "deck-sim/magnetics/timed_faults.hpp"
#include "deck-sim/magnetics/weave.hpp"
#include "deck-sim/mechanics/reel.hpp"
#include "deck-sim/screws.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace overbias::deck_sim {

/// What depends on the deck's speed.
struct Amplifiers {
    /// The settings are those of the deck.
    Amplifiers(const Settings& settings, std::span<const Fault> faults, std::size_t most_frames);
    double speed_ips;
    Equalisation record_equalisation, reproduce_equalisation;
    magnetics::RecordChain record;
    magnetics::ReproduceChain reproduce;
};

struct TapePath::Impl {
    Impl(const Settings& s, std::span<const Fault> faults, std::function<double()> now_s,
         std::function<void()> advance);

    /// Those of this speed and these switches from now on, with the screws as they stand.
    Amplifiers& amplifiers_at(double speed_ips);
    /// Puts screws and faults of the bias into effect.
    void turn();
    /// Current through a track's record head while it records.
    [[nodiscard]] double bias_ma(std::size_t track) const noexcept;
    void follow_bias(const MotionStep& step) noexcept;

    void take_input(const MotionStep& step) noexcept;
    void replace_input(std::int64_t first, std::size_t frames, float* left, float* right) const noexcept;
    void add_print(std::int64_t first, std::size_t cells) noexcept;
    void record_step(const MotionStep& step) noexcept;
    void write(const MotionStep& step, std::int64_t first, std::int64_t last) noexcept;
    void make_output(const MotionStep& step) noexcept;
    [[nodiscard]] float value_at(const float* cells, double place, double last_cell) const noexcept;
    void output_bias(std::size_t frames) noexcept;
    void add_bias_leak(std::size_t frames) noexcept;
    void output_input(std::int64_t first_frame, std::size_t frames, std::span<std::vector<float>> to) noexcept;
    void output_line_input(std::int64_t first_frame, std::size_t frames) noexcept;
    void output_tape(const MotionStep& step, std::int64_t first_frame, std::size_t frames, bool sync) noexcept;

    Settings settings;
    Screws screws;
    magnetics::BiasFaults bias_faults;
    magnetics::TimedFaults timed_faults;
    std::size_t most_frames;
    std::size_t most_cells;
    magnetics::Interpolator between;
    magnetics::Card card;
    std::vector<Fault> faults;
    std::vector<std::unique_ptr<Amplifiers>> amplifiers; ///< one a speed that was selected
    Amplifiers* now = nullptr;
    magnetics::Medium medium;
    magnetics::TapeDefects defects;
    magnetics::FaultSchedule schedule;
    magnetics::Weave weave;
    std::array<magnetics::History, 2> input; ///< line input by playback frame
    std::array<magnetics::History, 2> flux;  ///< what it becomes on tape; only while recording
    std::uint64_t starts = 0;
    Reel reel;
    std::vector<float> print_shape; ///< from a neighbour in the pack to here, zero phase, by cells; empty: no print
    InputFrom input_from = InputFrom::Playback;
    bool inhibited;
    Monitor monitor = Monitor::Repro;
    bool swapped_return;
    std::array<float, 2> polarity{1.0F, 1.0F}; ///< of the output
    float input_gain, output_gain;
    float leak_pole;
    std::array<float, 2> leak{};
    std::array<bool, 2> current_flows{}; ///< in the last step, by track
    bool was_recording = false;
    double recorded_s = 0;    ///< how long the record head is on
    double erased_from_m = 0; ///< from here on the erase head was there before the record head
    std::array<std::vector<float>, 2> window, made, printed, neighbours, output;
    std::vector<std::vector<float>>
        more_output; ///< the card's channels after the tape return: bias by track, line input
    std::size_t bias_channels = 0;
    std::int64_t source_from = -1; ///< playback frame at which the outside source begins; -1: it has not
    std::array<magnetics::Ramp, 2> bias_level{magnetics::Ramp{0.0F}, magnetics::Ramp{0.0F}};
    std::array<double, 2> bias_turns{};
    std::array<magnetics::Ramp, 2> leak_level{magnetics::Ramp{0.0F}, magnetics::Ramp{0.0F}};
    std::array<double, 2> leak_turns{};
    std::array<double, 2> leak_per_ma{}; ///< of operating level
};

} // namespace overbias::deck_sim
