// SPDX-License-Identifier: Apache-2.0
#include "transport/position/audio_correction.hpp"

#include "transport/position/figures.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::transport {

namespace {
constexpr auto kEvery = std::chrono::milliseconds(20);
}

void CounterHistory::note(DeckTime at, double position_m, double uncertainty_m) noexcept {
    if (count_ > 0) {
        const Noted& last = noted(count_ - 1);
        const double could_m = kFastest_m_s * seconds(at - last.at) + uncertainty_m;
        if (at < last.at || std::abs(position_m - last.position_m) > could_m) {
            clear();
        } else if (at - last.at < kEvery) {
            return;
        }
    }
    places_[next_] = {at, position_m, uncertainty_m};
    next_ = (next_ + 1) % kPlaces;
    count_ = std::min(count_ + 1, kPlaces);
}

void CounterHistory::shift(double by_m) noexcept {
    for (Noted& place : places_) {
        place.position_m += by_m;
    }
}

std::optional<CounterHistory::Place> CounterHistory::at(DeckTime time) const noexcept {
    if (count_ < 2 || time < noted(0).at || time > noted(count_ - 1).at) {
        return std::nullopt;
    }
    std::size_t low = 0, high = count_ - 1; // noted(low).at <= time <= noted(high).at
    while (high - low > 1) {
        const std::size_t middle = (low + high) / 2;
        (noted(middle).at <= time ? low : high) = middle;
    }
    const Noted& before = noted(low);
    const Noted& after = noted(high);
    const double span_s = seconds(after.at - before.at);
    const double part = seconds(time - before.at) / span_s;
    return Place{.position_m = before.position_m + part * (after.position_m - before.position_m),
                 .uncertainty_m = std::max(before.uncertainty_m, after.uncertainty_m),
                 .speed_m_s = (after.position_m - before.position_m) / span_s};
}

Result<PositionCorrection> correct_by_audio(const HeardPlace& heard, const CounterHistory& history, bool force,
                                            double most_times) {
    const auto refused = [&heard](const std::string& why) {
        return Error{"position by audio (" + heard.what + "): " + why};
    };
    if (!std::isfinite(heard.tape_m) || !std::isfinite(heard.head_offset_m) || !(heard.time_uncertainty_s >= 0.0) ||
        !(heard.tape_uncertainty_m >= 0.0)) {
        return refused("place and uncertainties must be numbers, the uncertainties not below 0");
    }
    const std::optional<CounterHistory::Place> counter = history.at(heard.at);
    if (!counter) {
        return refused("the counter's place at that time is not kept (it was set since, or the event is too old): the "
                       "next one will do");
    }
    const double place_m = heard.tape_m + heard.head_offset_m;
    PositionCorrection out;
    out.shift_m = place_m - counter->position_m;
    out.uncertainty_m = std::hypot(heard.tape_uncertainty_m, std::abs(counter->speed_m_s) * heard.time_uncertainty_s);
    out.counter_was_uncertain_m = counter->uncertainty_m;
    const double together_m = std::hypot(out.uncertainty_m, counter->uncertainty_m);
    const std::string found = heard.what + " heard at " + length_text(place_m) + " where the counter said " +
                              length_text(counter->position_m) + " +- " + length_text(counter->uncertainty_m) + ": ";
    if (std::abs(out.shift_m) > most_times * together_m && !force) {
        return refused(
            found + "off by " + signed_length_text(out.shift_m) + ", " + figure(std::abs(out.shift_m) / together_m, 1) +
            " times what both may be off (limit " + figure(most_times, 1) +
            "). Is it this programme? Does the roller slip, was the counter set? Zero the counter at a known "
            "place, or force this correction");
    }
    out.message = found + "the counter is shifted by " + signed_length_text(out.shift_m) + ", and known to +- " +
                  length_text(out.uncertainty_m);
    return out;
}

} // namespace overbias::transport
