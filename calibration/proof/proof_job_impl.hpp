// SPDX-License-Identifier: Apache-2.0
// ProofJob's inside. Parts: proof_job.cpp (the order of things, and what is stored), proof_response.cpp (tones, sweep,
// timing), proof_levels.cpp (distortion, MOL), proof_silence.cpp (noise, crosstalk, bias residual), proof_erase.cpp,
// proof_print.cpp. Private to calibration/. Thread: the timeline's.
#pragma once

#include "base/result.hpp"
#include "calibration/procedure/deck_procedure.hpp"
#include "calibration/proof/proof_job.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

/// What a reading is held against.
struct ProofLimit {
    std::optional<double> target{};
    std::optional<double> tolerance{}; ///< empty: the target is only shown
    tape::Bound bound = tape::Bound::BothSides;
    std::string remark{};
};
[[nodiscard]] ProofLimit proof_limit(const std::optional<tape::Figure>& figure, tape::Bound bound,
                                     std::string_view unit);
/// The tightest at this frequency; where all of them are unsure the tightest of those, shown.
[[nodiscard]] ProofLimit response_limit(std::span<const tape::ResponseLimit> limits, double frequency_hz);

/// As ids have it: "31.5", "1000", "18246".
[[nodiscard]] std::string hz_id(double frequency_hz);

/// What an analyser finds, or why it finds nothing.
template <typename Work>
[[nodiscard]] auto tried(Work work) -> Result<decltype(work())> {
    try {
        return work();
    } catch (const std::invalid_argument& why) {
        return Error{why.what()};
    }
}

class ProofJob final : public DeckProcedure {
  public:
    ProofJob(AlignmentContext context, ProofSetup setup);

    Task<transport::JobOutcome> run() override;

  private:
    struct Reading {
        std::string id;
        int channel = 0;
        double value = 0.0;
        std::string unit = "dB";
        double averaging_s = 0.0;
        ProofLimit limit{};
        /// What the analyser found is not told from noise: the deck is better than `value`.
        bool better_than = false;
    };
    struct EndedByOperator {};

    // proof_job.cpp
    Task<void> measure();
    void attend() override;
    [[nodiscard]] std::string step_title(const std::string& id) const override;
    void begin_part(std::string title, std::string id);
    /// What is done now, within the part.
    void say(std::string phase) { progress_.phase = part_title_ + ": " + std::move(phase); }
    /// Puts it into the record; keep() is the caller's.
    void store(Reading reading);
    void not_measured(const std::string& id, std::string reason);
    [[nodiscard]] bool has(const std::string& id, int channel) const;
    [[nodiscard]] bool has_both(const std::string& id) const { return has(id, 1) && has(id, 2); }
    /// In record, off tape: where it is not yet, that is seen to first.
    Task<void> be_recording();
    [[nodiscard]] double metres(double deck_s) const;
    [[nodiscard]] double place_m() const;
    Task<void> tick_until_place(double place_m);
    [[nodiscard]] double play_dbfs(double level_db) const { return context_.installation.chart.play_dbfs(level_db); }
    [[nodiscard]] double re_operating(double dbfs) const {
        return context_.installation.chart.captured_re_operating_db(dbfs);
    }
    /// As much of it as both converters have room for.
    [[nodiscard]] double fitting(double level_db) const;
    /// A fault, in words, when a tone in the middle of the band has not come back.
    void must_come_back(std::size_t track, double level_db, double sent_db) const;
    [[nodiscard]] static bool overloaded(const TapeStretch& stretch);

    // proof_response.cpp
    [[nodiscard]] std::vector<double> tones_hz() const;
    Task<void> tones();
    Task<void> sweep();
    Task<void> timing();

    // proof_levels.cpp
    Task<void> distortion();
    Task<void> mol();

    // proof_silence.cpp
    Task<void> noise();
    void store_noise_re_mol();
    Task<void> crosstalk();
    Task<void> bias_residual();
    /// Why the bias can't be heard on the line; empty: it can.
    [[nodiscard]] std::string bias_out_of_reach() const;

    // proof_erase.cpp
    Task<void> erase();
    // proof_print.cpp
    Task<void> print_through();

    ProofSetup setup_;
    std::string part_title_, part_id_;
    std::vector<TrackReading> shown_;
    double whole_s_ = 0.0; ///< of deck time, as announced
    DeckTime begun_at_{};
    bool proven_ = false; ///< what comes back comes off tape
    bool ending_ = false;
    /// From here on this job has recorded the tape itself, by the counter.
    std::optional<double> own_from_m_{};
};

/// Of the response, in the order in which they are read, without the 1 kHz that comes first.
[[nodiscard]] std::vector<double> proof_tones_hz(const ProofSetup& setup, double rate_hz);
/// Averaging time of a tone of the response: windows of ten periods, a good number of them.
[[nodiscard]] double proof_tone_s(double frequency_hz);

} // namespace overbias::calibration
