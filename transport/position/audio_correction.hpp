// SPDX-License-Identifier: Apache-2.0
// The tape itself tells where it is: a slate's onset, or a place of the programme that is known, is heard off tape.
// That is an event at a time in the past (the audio has gone through converter, ring and comparison since), so the
// counter's places of the last seconds are kept, and what comes out is a shift of the whole scale:
//   shift = known place - counter's place at that time
//   its uncertainty = sqrt(known place's^2 + (speed x time's)^2)
// Transport::correct_position(state.position_m + shift, uncertainty). Pure. Thread: any, one at a time.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace overbias::transport {

/// The counter's places of the last seconds.
class CounterHistory {
  public:
    struct Place {
        double position_m = 0.0;
        double uncertainty_m = 0.0;
        double speed_m_s = 0.0; ///< signed
    };
    /// Keeps one place every 20 ms. Times must not go back. A place that no tape could have come to since the last one
    /// means that the counter was set: all before is forgotten.
    void note(DeckTime at, double position_m, double uncertainty_m) noexcept;
    /// The counter was zeroed or preset.
    void clear() noexcept { count_ = next_ = 0; }
    /// The counter's scale was shifted: correct_position(), by the shift of the correction.
    void shift(double by_m) noexcept;
    /// Between the two noted places round that time; none when it is older than what is kept (20 s) or not yet reached.
    [[nodiscard]] std::optional<Place> at(DeckTime time) const noexcept;

    static constexpr std::size_t kPlaces = 1024;
    static constexpr double kFastest_m_s = 25.0; ///< 500 ips are 12.7 m/s, and a late reading catches up

  private:
    struct Noted {
        DeckTime at{};
        double position_m = 0.0, uncertainty_m = 0.0;
    };
    [[nodiscard]] const Noted& noted(std::size_t n) const noexcept {
        return places_[(next_ + kPlaces - count_ + n) % kPlaces];
    }
    std::array<Noted, kPlaces> places_{}; ///< ring, newest before next_
    std::size_t count_ = 0, next_ = 0;
};

/// Something known that was heard off tape.
struct HeardPlace {
    std::string what; ///< for messages: "the slate", "track 2"
    DeckTime at{};    ///< when it passed the head
    double time_uncertainty_s = 0.0;
    double tape_m = 0.0; ///< where it lies on the tape, on the counter's scale
    double tape_uncertainty_m = 0.0;
    /// What the counter reads more than the place that the hearing head touches: record_to_reproduce_m where the scale
    /// is the record head's and the reproduce head hears; 0 where the scale is that of the head that hears.
    double head_offset_m = 0.0;
};

struct PositionCorrection {
    double shift_m = 0.0; ///< to be added to the place now
    double uncertainty_m = 0.0;
    double counter_was_uncertain_m = 0.0;
    std::string message; ///< for log and operator
};

/// The correction, or an Error when it is not to be had (no place kept for that time, nonsense), or when it is larger
/// than `most_times` the uncertainties of counter and hearing together: then the programme heard is another one, or the
/// counter has slipped or was set without anybody's saying so, and a person must look. `force` takes it all the same.
[[nodiscard]] Result<PositionCorrection> correct_by_audio(const HeardPlace& heard, const CounterHistory& history,
                                                          bool force = false, double most_times = 3.0);

} // namespace overbias::transport
