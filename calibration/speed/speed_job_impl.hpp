// SPDX-License-Identifier: Apache-2.0
// SpeedJob's inside. Parts: speed_job.cpp (the tapes come and go), speed_job_tone.cpp (the calibration tape's tone),
// speed_job_delay.cpp (the delay between the heads). Private to calibration/. Thread: the timeline's.
#pragma once

#include "calibration/procedure/attended_procedure.hpp"
#include "calibration/procedure/tape_stretch.hpp"
#include "calibration/speed/speed_carrier.hpp"
#include "calibration/speed/speed_job.hpp"
#include "dsp/analysis/tape_tones.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::calibration {

class EchoRun;

class SpeedJob final : public AttendedProcedure {
  public:
    SpeedJob(AlignmentContext context, SpeedSetup setup);

    Task<transport::JobOutcome> run() override;

  private:
    // speed_job.cpp
    void attend() override;
    [[nodiscard]] std::string step_title(const std::string& id) const override;
    void hold_record();
    void must_be_safe() const;
    Task<void> threaded(AlignmentView wanted);
    Task<void> calibration_tape();
    Task<void> tape_off();
    Task<void> measure();
    void hand_over() const;
    void hear(std::int64_t first_frame, std::span<const std::int32_t> interleaved);

    // speed_job_tone.cpp
    [[nodiscard]] const dsp::TapeTone* playing() const;
    /// Any tone of the tape plays.
    [[nodiscard]] bool of_the_tape(double hz) const;
    void tell_foreign(double hz) const;
    Task<void> find_tone();
    Task<void> trim();
    /// False: the tone ended too soon, says why_.
    Task<bool> read_tone();
    [[nodiscard]] double live_ppm(double deviation);
    void store_speed(double error_ppm, double uncertainty_ppm, double clock_ppm, double averaging_s);

    // speed_job_delay.cpp
    /// Nothing of the calibration tape is heard off the tape that is to be recorded on.
    Task<bool> another_tape();
    Task<void> head_delay();
    Task<void> ready_as_before();
    Task<HeadDelay> noise_delay();

    SpeedSetup setup_;
    double tone_hz_ = 0.0;
    std::optional<SpeedError> speed_;
    std::optional<HeadDelay> delay_; ///< at the true speed
    std::string why_;

    bool playing_ = false; ///< the calibration tape: it shall go on, and the deck be safe
    std::array<dsp::TapeTones, kTracks> tones_;
    std::size_t track_ = 0; ///< that is measured
    std::optional<SpeedCarrier> carrier_;
    std::optional<StretchTaker> taker_;
    EchoRun* echo_ = nullptr;
    std::optional<audio::StreamTimestamp> clock_from_; ///< where the tone was found
    std::vector<float> samples_;
    std::uint32_t ready_before_ = 0; ///< tracks, as MachineState has them
    std::uint32_t readied_ = 0;      ///< by this job, and not before
};

} // namespace overbias::calibration
