// SPDX-License-Identifier: Apache-2.0
// The off-tape comparison: what was sent to the deck against what came back off tape, while it runs.
//
// Shapes: stereo, interleaved floats, full scale 1.0, both streams at the same nominal rate (each has its own clock;
// set_clocks() ties frame numbers to time, so a difference between crystals is never taken for tape speed). Thread: one
// thread (the meter worker, in simulation the timeline's); nothing here waits for another. Memory is taken by the
// constructor and when sections are added; feeding takes some only at rare events: a block longer than any before, the
// search for the slate (once), the end of a section, and the entries of each drop-out, lost or quiet stretch.
// What it may claim: docs/proof.md.
#pragma once

#include "mastering/off_tape_result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace overbias::mastering {

/// Frame number `frame` was at the converter at `time_s` of deck time.
struct ClockPoint {
    std::int64_t frame = 0;
    double time_s = 0;
};

/// Live: while the deck records, head to head. Replay: the reel is played later and the return has been brought to the
/// reference's time base by whoever feeds it, so that its lag is nearly constant and near zero; nothing is then said
/// of head delay, and speed, wow and azimuth are figures that fail nothing.
enum class ComparisonMode { Live, Replay };

struct ComparisonConfig {
    ComparisonMode mode = ComparisonMode::Live;
    /// Live, a run without a slate of its own: what the side's earlier run left. Empty and no Slate section: the delay
    /// is found from the programme, and level_re_slate_db is null.
    std::optional<EarlierRun> earlier = {};
    double sample_rate_hz = 48000.0; ///< of both streams as they are pushed
    /// Rates at which the converters run, where a stream was brought to sample_rate_hz on its way here; 0: the same.
    /// Nothing above 0.45 times the lower of all three is compared (compared_band_hz).
    double reference_rate_hz = 0.0, return_rate_hz = 0.0;
    double tape_speed_ips = 15.0;
    double record_to_reproduce_m = 0.0;           ///< deck profile, head block
    double round_trip_s = 0.0;                    ///< of the converters, measured by a loop
    double play_dbfs_at_operating_level = 0.0;    ///< sine peak dBFS sent to the deck for operating level
    double capture_dbfs_at_operating_level = 0.0; ///< sine peak dBFS that comes back from operating level
    double calibrated_head_delay_s = 0.0;         ///< stored when speed was set by calibration tape; 0 = unknown
    /// Time constant of the standard's boost of low frequencies in recording (NAB: 3180 us); 0: it has none, or
    /// unknown.
    double low_emphasis_s = 0.0;
    VerdictLimits limits;
};

/// Slate: the reference tone of the proof, once, first. Tone: a further tone of the slate. Voice: a spoken slate.
enum class SectionKind { Slate, Gap, Track, Tone, Voice };

class OffTapeComparison {
  public:
    explicit OffTapeComparison(ComparisonConfig config);
    ~OffTapeComparison();

    /// The plan, in playback frame numbers, in order, before the frames come. Returns the section's index.
    std::size_t add_section(SectionKind kind, std::string name, std::int64_t first_frame, std::int64_t frames);
    /// Newest clock points of both streams; called as often as known, at least once a second of deck time.
    void set_clocks(ClockPoint reference, ClockPoint tape_return);
    /// Frames as played. Numbers rise; a jump is a stretch that was not seen and becomes not_proven.
    void push_reference(std::int64_t first_frame, std::span<const float> interleaved);
    /// Frames as captured, from before record is on (the deck at rest is the noise floor of the electronics) to after
    /// the last section has passed the reproduce head.
    void push_return(std::int64_t first_frame, std::span<const float> interleaved);
    /// A stretch of played frames that is not to be judged (xrun), with the reason.
    void mark_not_proven(std::int64_t first_reference_frame, std::int64_t frames, std::string reason);

    /// How far the judgement has come, in playback frames, and what it found so far.
    [[nodiscard]] LiveComparison live() const;
    /// What is judged by now, as finish() would say it: slate, gaps and tracks that have come to their end. What is
    /// told late of a track (lost frames) may still be added to it.
    [[nodiscard]] ComparisonResult so_far() const;
    /// Judges what is left. Call once, at the end.
    [[nodiscard]] ComparisonResult finish();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::mastering
