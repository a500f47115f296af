// SPDX-License-Identifier: Apache-2.0
// ReproduceJob's inside. Parts: reproduce_job.cpp (from the start to the end: the rounds), reproduce_thread.cpp (the
// calibration tape comes onto the deck and off it), reproduce_listen.cpp (which tape it is), reproduce_tape.cpp
// (getting to a tone), reproduce_readings.cpp (what is read, stored and shown), reproduce_steps.cpp (one step). Private
// to calibration/. Thread: the timeline's.
#pragma once

#include "calibration/procedure/deck_procedure.hpp"
#include "calibration/reproduce/reproduce_job.hpp"
#include "calibration/reproduce/reproduce_plan.hpp"
#include "calibration/reproduce/reproduce_tones.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

class ReproduceJob final : public DeckProcedure {
  public:
    ReproduceJob(AlignmentContext context, ReproduceSetup setup);

    Task<transport::JobOutcome> run() override;

  private:
    /// How a step ended.
    enum class StepEnd { Accepted, Turned, Skipped, Back, Failed };
    /// The operator has said Abort: thrown wherever the job waits, caught in run().
    struct OperatorEnded {};
    /// Where a tone is on the tape, by the counter; without one `begin_m` and `end_m` mean nothing.
    struct Placed {
        ReproduceTones::Tone heard; ///< as it was heard last
        double begin_m = 0.0, end_m = 0.0;
        bool whole = false; ///< it was heard to its end
        std::optional<std::size_t> tone{};
    };
    /// Levels against what the tape has.
    struct Reading {
        Levels db{};
        double late_us = 0.0, averaging_s = 0.0;
    };

    // reproduce_job.cpp
    void attend() override;
    [[nodiscard]] std::string step_title(const std::string& id) const override;
    void check_adjusters() const;
    Task<void> align();
    Task<bool> one_round();
    Task<void> read_others();

    // reproduce_thread.cpp
    Task<void> listen_for_input();
    void make_safe();
    void must_be_safe() const;
    /// False: the operator has said Skip, where that is allowed.
    Task<bool> thread_tape(std::string instruction, std::string note, bool may_skip);
    Task<void> take_tape_off();

    // reproduce_listen.cpp
    Task<void> identify();
    Task<void> listen_through();
    [[nodiscard]] NamedTape named(bool still_playing) const;
    void take_tape(const NamedTape& named);
    Task<void> play_tape();
    Task<void> rewind_tape();
    /// Returns when this tone of the tape plays and is listened to; false: it does not come.
    Task<bool> come_to(std::size_t tone);
    [[nodiscard]] double before_m(const Placed& tone) const;
    Task<void> play_from(double place_m);
    void give_up(std::size_t tone);
    Task<bool> wait_here(std::size_t tone, double most_s);
    /// A tick while the tape plays.
    Task<void> play_on();
    void note_tones();
    void note_tone(const ReproduceTones::Tone& heard, bool whole);
    void heed(const std::optional<OperatorWord>& word);
    void must_hear_both() const;
    [[noreturn]] static void dead_track(std::size_t track, double hz, double other_dbfs);
    [[nodiscard]] bool tape_is_over() const;
    [[nodiscard]] Placed* placed(std::size_t tone);
    [[nodiscard]] std::optional<std::size_t> tone_of(const ReproduceTones::Tone& heard);
    [[nodiscard]] bool plays(std::size_t tone);
    [[nodiscard]] DeckTime at(std::int64_t frame);
    [[nodiscard]] double place_m(std::int64_t frame);
    void show_listening(const std::string& note);
    /// Stops, says what is wrong, and asks for it to be put right; false: the operator skips that.
    Task<bool> wrong_tape(std::string words, bool may_skip);

    // reproduce_readings.cpp
    [[nodiscard]] Reading reading(const ReproduceStep& step, const StereoTone& tone);
    /// What comes before this is wholly the tone that plays.
    [[nodiscard]] DeckTime certain_until();
    /// While the tone plays; empty: it ended.
    Task<std::optional<Reading>> read_while(const ReproduceStep& step, double averaging_s);
    /// The tape is played again until there is one; empty: the tone does not come.
    Task<std::optional<Reading>> read_tone(const ReproduceStep& step);
    void store(const ReproduceStep& step, const Reading& reading);
    void store_value(const std::string& id, int channel, double value, std::string_view unit,
                     std::optional<double> tolerance, double averaging_s, const std::string& remark);
    [[nodiscard]] static bool within(const ReproduceStep& step, const Reading& reading, double limit);
    [[nodiscard]] AlignmentView view(const ReproduceStep& step, OperatorTask task,
                                     std::vector<TrackReading> tracks) const;
    void show(const AlignmentView& shown);

    // reproduce_steps.cpp
    Task<StepEnd> one_step(std::size_t index);
    Task<StepEnd> guided(const ReproduceStep& step);
    Task<StepEnd> only_read(const ReproduceStep& step);
    Task<StepEnd> set_level(const ReproduceStep& step);
    [[nodiscard]] double position(transport::Adjuster adjuster, std::size_t track) const;
    [[nodiscard]] std::optional<double> step_of(transport::Adjuster adjuster, std::size_t track) const;
    [[nodiscard]] bool can_set(transport::Adjuster adjuster) const;
    void set(transport::Adjuster adjuster, std::size_t track, double position);

    ReproduceSetup setup_;
    ReproduceDeck deck_;
    ReproduceTones tones_;
    std::optional<tape::CalibrationTape> tape_; ///< once it is known
    ReproducePlan plan_;
    std::vector<Placed> map_;
    std::vector<std::size_t> absent_; ///< tones that do not come
    std::size_t noted_ = 0;           ///< of tones_.ended()
    double speed_error_ = 0.0;        ///< of the deck, by this tape
    bool counted_ = false;            ///< the counter was set to 0 where the tape was threaded
    bool rewind_asked_ = false;       ///< by the operator
    bool threaded_ = false;           ///< and not yet taken off
    DeckTime listening_since_;
    DeckTime shown_at_;
    double heard_hz_ = 1000.0;
    double near_us_ = 0.0; ///< the tracks' timing as it was read last: tells the period
    std::string tape_words_, hint_;
    std::size_t step_ = 0;
    int round_ = 1;
    bool gone_back_ = false;
    std::string failure_;
};

} // namespace overbias::calibration
