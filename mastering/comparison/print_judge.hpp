// SPDX-License-Identifier: Apache-2.0
// The comparison as it runs: takes both streams, walks through the plan's sections frame by frame as far as both have
// come, and hands slate, gaps and tracks to those who judge them. Memory is bounded by a few seconds of each stream.
#pragma once

#include "mastering/comparison/clock_map.hpp"
#include "mastering/comparison/delay_track.hpp"
#include "mastering/comparison/energy_track.hpp"
#include "mastering/comparison/frame_analyser.hpp"
#include "mastering/comparison/frame_ring.hpp"
#include "mastering/comparison/input_watch.hpp"
#include "mastering/comparison/off_tape_proof.hpp"
#include "mastering/comparison/programme_delay.hpp"
#include "mastering/comparison/slate_finder.hpp"
#include "mastering/comparison/track_judge.hpp"
#include "mastering/off_tape_comparison.hpp"

#include <string>
#include <vector>

namespace overbias::mastering {

/// Upper end of the band that all converters share.
[[nodiscard]] double highest_compared_hz(const ComparisonConfig& config) noexcept;

class PrintJudge {
  public:
    explicit PrintJudge(const ComparisonConfig& config);

    std::size_t add_section(SectionKind kind, std::string name, std::int64_t first_frame, std::int64_t frames);
    void set_clocks(ClockPoint reference, ClockPoint tape_return);
    void push_reference(std::int64_t first_frame, std::span<const float> interleaved);
    void push_return(std::int64_t first_frame, std::span<const float> interleaved);
    void exclude(std::int64_t first_frame, std::int64_t frames, std::string reason);
    [[nodiscard]] LiveComparison live() const;
    [[nodiscard]] ComparisonResult so_far() const;
    [[nodiscard]] ComparisonResult finish();

  private:
    struct Section {
        SectionKind kind = SectionKind::Gap;
        TrackPlan plan;
    };
    /// Sums over the slate's steady part.
    struct SlateSums {
        std::array<double, 2> sent{}, came{}, third_harmonic{}, whole{};
        int frames = 0;
    };
    struct NoiseSums {
        std::array<BandPowers, 2> bands{};
        std::array<FinePowers, 2> fine{};
        LaneEnergies hop{};
        int frames = 0;
        std::int64_t hops = 0;
        std::int64_t first_frame = 0, end_frame = 0; ///< of the return: what was measured
    };
    /// Sums over a further tone's steady part.
    struct ToneSums {
        std::array<double, 2> sent{}, came{};
        double frequency_hz = 0.0;
        std::vector<double> phase_rad; ///< one a frame
        int frames = 0;
    };
    struct VoiceSums {
        int programme = 0, missing = 0; ///< frames
    };

    void note_rest();
    void advance(bool last_call);
    bool search_slate(bool last_call);
    void seed_noise(std::int64_t due_return_frame);
    bool step(const Section& section, bool last_call);
    void open_section(const Section& section);
    bool close_section(const Section& section, bool last_call);
    void process(const Section& section, std::int64_t frame, double place, std::int64_t cut);
    void note_noise(std::int64_t return_frame, double place);
    void take_noise();
    void assume_noise(std::array<double, 2> dbfs);
    void add_gap_frame(std::int64_t frame, const Section& section, double place, std::int64_t cut);
    void tell_gap(const Section& section);
    void add_tone_frame(std::int64_t frame, const Section& section);
    void end_tone(const Section& section);
    void end_voice(const Section& section);
    void begin_without_slate(bool last_call);
    [[nodiscard]] bool look_for_programme(const Section& section, bool last_call);
    [[nodiscard]] bool silent_before(std::int64_t frame) const;
    void note_rest_level(double before_frame);
    /// Lag by which what came is cut out: as tracked, else as expected.
    [[nodiscard]] double lag_now() const noexcept;
    [[nodiscard]] double tape_start_s(const Section& section) const noexcept;
    void add_slate_frame(std::int64_t frame, const Section& section, double base);
    void end_slate();
    void end_gap();
    void update_proof();
    void judge_print(ComparisonResult& result) const;
    void judge_slate(ComparisonResult& result) const;
    void judge_noise(ComparisonResult& result) const;
    [[nodiscard]] bool excluded(std::int64_t first_frame, std::int64_t frames) const noexcept;
    [[nodiscard]] std::int64_t frames_of(double seconds) const noexcept;
    [[nodiscard]] double band_dbfs(const BandPowers& powers) const noexcept;
    [[nodiscard]] double lanes_dbfs(const LaneEnergies& mean_hop, std::size_t channel) const noexcept;
    [[nodiscard]] double whole_noise_dbfs(std::size_t channel) const noexcept;
    void tell_losses(TrackResult& result, const TrackPlan& plan) const;
    [[nodiscard]] PrintFacts facts() const;

    ComparisonConfig config_;
    double rate_hz_;
    dsp::BandEnergyConfig energy_config_;
    ClockMap clocks_;
    FrameRing sent_, came_;
    EnergyTrack sent_energy_, came_energy_;
    FrameAnalyser analyser_;
    DelayTrack delay_;
    TrackJudge track_;
    InputWatch input_;
    FrameFigures figures_;
    std::vector<float> sent_cut_, came_cut_;

    std::vector<Section> sections_;
    std::size_t section_ = 0;
    bool section_open_ = false;
    std::int64_t cursor_ = 0;
    std::vector<Excluded> lost_;    ///< as told
    std::vector<Excluded> avoided_; ///< the same with room for filters and windows

    // deck at rest: mean energy of 100 ms blocks of the return until the slate is searched
    struct RestBlock {
        std::int64_t first_hop;
        LaneEnergies mean;
    };
    std::vector<RestBlock> rest_;
    std::int64_t rest_next_hop_ = -1;

    bool replay_;
    bool with_slate_ = false;     ///< the plan has one
    bool from_programme_ = false; ///< the delay is to be found in the programme
    std::int64_t look_from_ = 0;  ///< where it is looked for next
    int looks_ = 0;
    bool slate_searched_ = false;
    std::int64_t slate_frame_ = -1;
    std::array<SlateChannel, 2> slate_{};
    SlateSums slate_sums_;
    NoiseSums noise_sums_;
    ToneSums tone_sums_;
    VoiceSums voice_sums_;
    std::vector<ToneResult> tones_;
    std::vector<VoiceResult> voices_;
    std::vector<GapResult> gaps_;
    bool noise_from_gap_ = false;
    LevelReference reference_;
    LaneEnergies noise_hop_{};
    double tone_hz_ = 1000.0;
    std::array<std::optional<double>, 2> slate_difference_db_;
    std::array<double, 2> third_harmonic_{};
    std::optional<double> slate_lag_;
    OffTapeEvidence evidence_;
    OffTapeVerdict proof_;
    bool proof_complete_ = false;

    std::vector<TrackResult> results_;
    std::uint64_t dropouts_before_ = 0;
    bool dropout_over_limit_ = false; ///< in a track that is done
    std::int64_t judged_to_ = 0;
};

} // namespace overbias::mastering
