// SPDX-License-Identifier: Apache-2.0
// PositionMatch: the tape itself tells where it is. While the tape plays some seconds of what comes off it are compared
// with a programme whose place is known (mastering/known_programme.hpp) round where the counter believes the tape to
// be; a match that is sure corrects the counter. An operator asks for it; and where the place is doubtful and what
// plays was printed on this tape in this run of the daemon, it is done without being asked. Reading files and comparing
// are the worker's. Thread: the timeline's.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/async/timeline.hpp"
#include "controller/worker.hpp"
#include "mastering/known_programme.hpp"
#include "mastering/programme_match.hpp"
#include "transport/position/audio_correction.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::controller {

class PositionMatch {
  public:
    struct Parts {
        Timeline& timeline;
        transport::Transport& transport;
        Worker& worker; ///< must outlive what is posted to it; this need not
        double return_rate_hz = 48000.0;
        /// Newest timestamp of the tape return.
        std::function<audio::StreamTimestamp()> return_clock;
        /// What the counter reads more when a place of the tape is heard than when it was recorded: the distance of the
        /// heads, and what passes while the converters are at it.
        std::function<double()> heard_later_m;
    };
    explicit PositionMatch(Parts parts);

    struct Request {
        /// Worker's thread: what is known, with the places at which it was recorded (`heard` false) or is heard.
        std::function<Result<mastering::KnownProgramme>()> programme;
        bool heard = false;
        std::optional<double> within_s; ///< of tape either way; by default 10 s, or three times the uncertainty
        bool force = false;             ///< take a correction that the counter's uncertainty does not allow for
    };
    struct Corrected {
        std::string text; ///< for log and operator
        std::string what; ///< "track 2 of the print of ..., side-a.wav"
        double programme_s = 0.0;
        double old_tape_m = 0.0, tape_m = 0.0, uncertainty_m = 0.0; ///< now: before and after
        mastering::ProgrammeMatch match;
        bool unasked = false;
    };
    using Done = std::function<void(const Result<Corrected>&)>;
    /// Answers once: now when it can't begin, else when it has compared, or been let go. The error says why the counter
    /// was not corrected.
    void begin(Request request, Done done);

    /// A print has ended: what it put on this tape, as recorded. Heard while the place is doubtful it corrects by
    /// itself, and `done` hears of it.
    void printed(mastering::KnownProgramme programme) { on_this_tape_ = std::move(programme); }
    void on_unasked(Done done) { unasked_done_ = std::move(done); }
    /// An operator's command or a fault: what is under way ends, and the counter may have been set.
    void let_go(const std::string& why);
    /// Every control tick.
    void tick();
    /// What came off tape, left and right side by side, full scale 2^31; its frame number.
    void heard(std::int64_t first_frame, std::span<const std::int32_t> frames);

    static constexpr double kListen_s = 6.0;
    static constexpr double kLeastReach_s = 10.0, kMostReach_s = 300.0;

  private:
    enum class Phase { Idle, Preparing, Listening, Comparing };
    /// What the worker is given to compare, and what it makes of it.
    struct Heard {
        std::vector<float> stereo;
        double rate_hz = 0.0;
        DeckTime from{}; ///< of the first frame
        mastering::KnownProgramme programme;
        double from_m = 0.0, to_m = 0.0;
        transport::CounterHistory history; ///< while it was heard
    };
    struct Found {
        mastering::ProgrammeMatch match;
        mastering::ProgrammeStretch::Place place;
    };
    void start(Request request, Done done, bool unasked);
    void prepared(Result<mastering::KnownProgramme> programme);
    void compare();
    void compared(const Result<Found>& found, const Heard& heard);
    [[nodiscard]] static Result<Found> look_for(const Heard& heard);
    void end(const Result<Corrected>& result);
    void refuse(const std::string& why) { end(Error{why}); }
    [[nodiscard]] std::string not_playing();
    void begin_unasked(const transport::MachineState& state);
    /// Runs on the timeline if what is under way is still the same.
    [[nodiscard]] std::function<void(std::function<void()>)> back_here();

    Parts parts_;
    Phase phase_ = Phase::Idle;
    std::uint64_t run_ = 0;
    Request request_;
    Done done_, unasked_done_;
    bool unasked_ = false;
    std::string monitor_; ///< why the deck's output could not be switched to REPRO
    mastering::KnownProgramme programme_;
    transport::CounterHistory history_;
    std::vector<float> stereo_;
    std::int64_t first_frame_ = 0;
    DeckTime give_up_at_{};
    std::optional<mastering::KnownProgramme> on_this_tape_;
    DeckTime try_unasked_at_{};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); ///< last
};

} // namespace overbias::controller
