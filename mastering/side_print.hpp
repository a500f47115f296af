// SPDX-License-Identifier: Apache-2.0
// SidePrint: one run of one side of a print, from its beginning or from a track boundary, to its verdict. It keeps the
// side's part of the session up to date. Parts: side_print.cpp (the steps of a run), side_print_going_on.cpp (the way
// to a track boundary and into record there), side_print_listening.cpp (what is heard and counted on the way),
// side_print_record.cpp (what the session and the report get). Private to mastering/. Thread: the timeline's.
#pragma once

#include "audio/tape_return.hpp"
#include "mastering/print_job.hpp"
#include "mastering/print_report.hpp"
#include "mastering/programme_stream.hpp"
#include "mastering/track_end_finder.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// The stretch of a whole side from the gap before a track on. The track's first frame is the stream's frame
/// sections[1].first_frame.
[[nodiscard]] PrintPlan side_from(const PrintPlan& whole, std::size_t track);
/// Seconds from the slate's first frame to a track's, in a whole side.
[[nodiscard]] double track_from_slate_s(const PrintPlan& whole, std::size_t track, double sample_rate_hz);

class SidePrint {
  public:
    struct Owner {
        std::function<void(const transport::JobEvent&)> emit;
        /// Of this side: words, seconds of its stream that are done.
        std::function<void(std::string phase, double done_s)> phase;
        std::function<void()> changed; ///< the side's part of the session has come to a boundary: store it
    };
    /// `whole` and `record` outlive it. Throws std::invalid_argument as make_session_job().
    SidePrint(PrintContext& context, const ReelPlan& reel, const PrintPlan& whole, SessionSide& record,
              std::size_t first_track, Owner owner);

    /// Ends with the tape at rest and the run in the record, or throws JobStopped.
    Task<void> run();
    [[nodiscard]] bool concern(const transport::Concern& concern);
    /// Why it did not come to its end, a reason's word; empty: it did.
    [[nodiscard]] const std::string& ended_by() const noexcept { return ended_by_; }
    [[nodiscard]] double duration_s() const { return plan_.duration_s(context_.installation.sample_rate_hz); }

  private:
    static constexpr std::size_t kDrainFrames = 4800; ///< at a time

    // side_print.cpp
    Task<void> go_to_start();
    Task<void> start_recording();
    Task<void> begin_programme();
    Task<void> play_programme();
    Task<void> finish_on_tape();
    Task<void> locate(double to_m, std::string what);
    Task<void> wait_for(transport::Motion motion, double timeout_s, std::string what);
    Task<void> pass_time(double for_s);
    void fill_queue();
    void follow_sections();
    void watch_limits();
    void live_failure(const std::string& word, const std::string& words);
    void refuse_if(const transport::CommandResult& answer, const std::string& what) const;
    [[noreturn]] void fault(const std::string& what);
    void set_phase(std::string phase, double done_s) { owner_.phase(std::move(phase), done_s); }

    // side_print_going_on.cpp
    Task<void> go_on();
    Task<void> go_near_boundary();
    Task<bool> hear_boundary(bool counter_serves);
    Task<void> punch_in();
    void correct_counter();
    [[nodiscard]] double record_head_at_s() const;
    [[nodiscard]] double press_at_s() const;
    void lay_first_gap(double first_track_at_s);

    // side_print_hearing.cpp
    void hear();
    void look(double end_s, double reach_s);
    [[nodiscard]] double expected_end_s();
    [[noreturn]] void refuse_unmatched();

    // side_print_listening.cpp
    void drop_old_frames();
    void drain();
    void take_xruns();
    void tell_proven();
    void add_sections(std::int64_t from_frame);
    [[nodiscard]] double tape_s(std::int64_t played_frame) const;
    [[nodiscard]] double counter_at(std::int64_t played_frame) const;
    [[nodiscard]] double card_time_s(std::int64_t played_frame) const;
    [[nodiscard]] double now_s() const;

    // side_print_record.cpp
    void note_tracks();
    void keep_tracks(const ComparisonResult& result, std::size_t up_to);
    void keep_run(const ComparisonResult& result);
    void conclude();
    [[nodiscard]] std::size_t tracks_on_tape(std::int64_t judged_to) const;

    PrintContext& context_;
    const ReelPlan& reel_;
    const PrintPlan& whole_;
    SessionSide& record_;
    std::size_t first_track_;
    Owner owner_;
    PrintPlan plan_; ///< what this run plays
    ProgrammeStream stream_;
    std::unique_ptr<OffTapeComparison> comparison_; ///< from the deck at rest on; before that, frames are thrown away
    std::optional<audio::TapeReturn> return_;
    std::vector<std::int32_t> samples_;
    std::vector<float> floats_;
    std::vector<PrintXrun> xruns_;
    std::vector<PrintConcern> concerns_;
    std::string ended_by_;    ///< a reason's word
    std::string ended_words_; ///< the same in words
    bool record_off_ = false; ///< somebody else has made the deck safe already
    std::vector<std::string> warned_;
    std::int64_t played_from_ = -1; ///< playback frame of the stream's frame 0
    std::int64_t played_to_ = 0;    ///< playback frames seen so far
    std::size_t section_now_ = 0;
    std::string phase_told_;
    std::uint64_t dropouts_told_ = 0;
    std::optional<DeckTime> card_lost_;
    DeckTime proven_told_{};
    std::int64_t proven_to_ = 0;            ///< playback frame
    std::vector<double> section_counter_m_; ///< where each began, by the counter
    std::size_t tracks_kept_ = 0;           ///< of this run

    // going on
    std::shared_ptr<TrackEndFinder> finder_; ///< while `looking_` somebody else's thread may be in it
    bool looking_ = false;
    struct Told { ///< what it knew after the last look
        std::optional<TrackEndFinder::Fix> known, last;
        std::string trouble;
    };
    Told told_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::vector<float> heard_; ///< the last seconds off tape, at the playback's rate
    std::int64_t heard_from_ = 0;
    std::int64_t looked_to_ = 0;
    double boundary_end_s_ = 0.0; ///< deck time at which the end of the track before is heard
    double boundary_uncertainty_s_ = 0.0;
    double end_place_m_ = 0.0; ///< of the track before, by the counter of its recording
};

} // namespace overbias::mastering
