// SPDX-License-Identifier: Apache-2.0
// DeckProcedure: what every alignment procedure does with a deck: into play or record through the machine's interlocks,
// tones from the oscillator, the proof that what is heard comes off tape, readings by deck time, questions to the
// operator, values into the record, and the end. A procedure (alignment_job, reproduce_job ...) is derived from it and
// writes run(). Private to calibration/. Thread: the timeline's.
#pragma once

#include "calibration/procedure/alignment_context.hpp"
#include "calibration/procedure/tape_listener.hpp"
#include "calibration/procedure/tape_stretch.hpp"
#include "transport/job.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace overbias::calibration {

class DeckProcedure : public transport::Job {
  public:
    [[nodiscard]] std::string name() const final { return "align"; }
    [[nodiscard]] transport::JobProgress progress() const final { return progress_; }

  protected:
    static constexpr std::size_t kTracks = 2;
    using Levels = std::array<double, kTracks>;

    /// `name` as in the record ("record"), `title` for people ("record alignment").
    DeckProcedure(AlignmentContext context, const std::string& name, std::string title)
        : context_(std::move(context)), title_(std::move(title)) {
        context_.record.procedure = name;
        progress_.phase = "ready";
    }

    /// Ends the tone however the job ends.
    class ToneGuard {
      public:
        explicit ToneGuard(audio::Oscillator& oscillator) : oscillator_(oscillator) {}
        ToneGuard(const ToneGuard&) = delete;
        ToneGuard& operator=(const ToneGuard&) = delete;
        ~ToneGuard() { oscillator_.stop(); }

      private:
        audio::Oscillator& oscillator_;
    };
    /// The first thing in run(): keep what it returns until its end. The listener is there from now on.
    [[nodiscard]] ToneGuard begin();

    // The deck.
    /// Monitor to REPRO where there is a relay for it, and still. Remembers where it began, where that is known.
    Task<void> stand_ready();
    /// From standing ready.
    Task<void> start_playing();
    /// All of it: stand ready, play, arm, record.
    Task<void> start_recording();
    /// While recording: refuses, in words, when what comes back does not come off tape, from the right track, in phase.
    Task<void> prove_off_tape();
    /// Tone off, record off, stop, and still.
    Task<void> stop_on_tape();
    Task<void> wind_to(double place_m);
    /// stop_on_tape(), then back to where it began.
    Task<void> finish_on_tape();
    /// Since start_recording().
    [[nodiscard]] bool recording() const noexcept { return recording_; }
    /// By the counter, where it was known when the deck first stood ready.
    [[nodiscard]] const std::optional<double>& begun_m() const noexcept { return begun_m_; }
    Task<void> wait_for(transport::Motion motion, double timeout_s, std::string what);
    [[nodiscard]] double head_delay_s() const;

    // Tones and readings.
    /// Returns when the tone, and nothing else, comes off tape.
    Task<void> play(dsp::Signal signal, audio::OscillatorChannels channels);
    /// Returns when no tone comes off tape any more.
    Task<void> play_silence();
    /// When what is on the record head at `at` has come back to the converter.
    [[nodiscard]] DeckTime back_at(DeckTime at) const;
    /// The tone that is listened to, from now on, averaged so long.
    Task<StereoTone> read(double averaging_s);
    /// What comes back from now on; needed from the tap at once, so nothing else may wait for frames meanwhile.
    Task<TapeStretch> take_stretch(double duration_s);
    /// Long work of its own (context.run_elsewhere): returns when it is done, throws what it throws. It must own
    /// whatever it touches: it goes on when the job is cancelled.
    template <typename Figure>
    Task<Figure> calculated(std::function<Figure()> work) {
        const auto figure = std::make_shared<std::optional<Figure>>();
        std::function<void()> into = [figure, work = std::move(work)] { figure->emplace(work()); };
        co_await calculate(std::move(into));
        co_return std::move(**figure);
    }
    /// Called with every tick, before anything else: what the operator says while a long reading goes on. May throw.
    virtual void attend() {}
    /// One turn of the job: 10 ms; takes what was captured, sees that record and card are still there.
    Task<void> tick();
    Task<void> tick_until(DeckTime when);

    // The operator and the record.
    /// Shows it and waits for an answer (for Enter: one with a value). Refused where nobody could answer.
    Task<OperatorWord> ask(AlignmentView view);
    /// Takes what was said; true when the procedure shall end.
    [[nodiscard]] bool aborted();
    /// Hands the record over for keeping.
    void keep();
    /// What the newest alignment that has this step says; empty: none has.
    [[nodiscard]] std::optional<double> last_alignment(const std::string& id, int channel) const;
    /// Of a step's id, for messages.
    [[nodiscard]] virtual std::string step_title(const std::string& id) const { return id; }
    /// How a value that is not within its limits is told.
    [[nodiscard]] virtual std::string failure_words(const tape::AlignmentStep& step) const;
    /// The end: with an empty reason the verdict is the record's own (tape::verdict_of). `ended`: it was not broken
    /// off, so it can't be gone on with.
    transport::JobOutcome outcome(std::string reason, bool ended);

    void refuse_if(const transport::CommandResult& answer, const std::string& what) const;
    [[noreturn]] static void refuse(const std::string& why);
    [[noreturn]] static void fault(const std::string& why);

    AlignmentContext context_;
    std::string title_;
    std::optional<TapeListener> listener_; ///< from begin() on
    transport::JobProgress progress_;

  private:
    void must_record();
    Task<void> calculate(std::function<void()> work);

    std::optional<double> begun_m_;
    bool recording_ = false;
};

} // namespace overbias::calibration
