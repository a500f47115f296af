// SPDX-License-Identifier: Apache-2.0
// From the line input to the tape.
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/motion_curve.hpp"
#include "deck-sim/magnetics/tape_path_impl.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim {

using namespace magnetics;

namespace {
constexpr double kRecordRamp_s = 0.008; // bias comes on gently
constexpr double kOscillator_hz = 1000.0;
} // namespace

void TapePath::Impl::take_input(const MotionStep& step) noexcept {
    if (!card.running()) {
        return;
    }
    if (starts != card.starts()) {
        starts = card.starts();
        for (History& history : input) {
            history.restart(0);
        }
        for (History& history : flux) {
            history.restart(0);
        }
        now->record.reset();
    }
    std::size_t due = card.due(step.t1_s);
    while (due > 0) {
        const std::size_t frames = std::min(due, most_frames);
        float* left = input[0].append(frames);
        float* right = input[1].append(frames);
        card.take(frames, left, right);
        for (std::size_t i = 0; i < frames; ++i) {
            left[i] *= input_gain;
            right[i] *= input_gain;
        }
        if (input_from != InputFrom::Playback || settings.source) {
            replace_input(input[0].end() - static_cast<std::int64_t>(frames), frames, left, right);
        }
        due -= frames;
    }
}

void TapePath::Impl::replace_input(std::int64_t first, std::size_t frames, float* left, float* right) const noexcept {
    const double per_frame = kOscillator_hz / settings.sample_rate_hz; // of a turn
    if (settings.source && input_from != InputFrom::Oscillator) {
        const std::vector<float>& source = *settings.source;
        for (std::size_t i = 0; i < frames; ++i) {
            const std::int64_t at = first + static_cast<std::int64_t>(i) - source_from;
            const bool plays = source_from >= 0 && at >= 0 && at < static_cast<std::int64_t>(source.size() / 2);
            left[i] = plays ? input_gain * source[2 * static_cast<std::size_t>(at)] : 0.0F;
            right[i] = plays ? input_gain * source[2 * static_cast<std::size_t>(at) + 1] : 0.0F;
        }
        return;
    }
    for (std::size_t i = 0; i < frames; ++i) {
        const double turns = static_cast<double>(first + static_cast<std::int64_t>(i)) * per_frame;
        left[i] = right[i] = input_from == InputFrom::Oscillator
                                 ? static_cast<float>(std::sin(2.0 * std::numbers::pi * (turns - std::floor(turns))))
                                 : 0.0F;
    }
}

void TapePath::Impl::record_step(const MotionStep& step) noexcept {
    if (!step.recording || !step.contact || inhibited || !(step.x1_m >= step.x0_m)) {
        was_recording = false;
        return;
    }
    if (!was_recording) {
        was_recording = true;
        source_from = input[0].end() + std::llround(settings.source_after_record_s * settings.sample_rate_hz);
        recorded_s = 0.0;
        erased_from_m = step.x0_m + settings.erase_to_record_m;
        now->record.reset();
        for (History& history : flux) {
            history.restart(input[0].end());
        }
    }
    while (card.running() && flux[0].end() < input[0].end()) {
        const auto frames =
            static_cast<std::size_t>(std::min(input[0].end() - flux[0].end(), static_cast<std::int64_t>(most_frames)));
        const std::int64_t first = flux[0].end();
        for (std::size_t c = 0; c < 2; ++c) {
            float* to = flux[c].append(frames);
            if (timed_faults.record_dead(c)) {
                std::fill_n(to, frames, 0.0F);
            } else {
                std::copy_n(input[c].at(first), frames, to);
            }
        }
        now->record.process(flux[0].at(first), flux[1].at(first), frames);
    }
    const double cell = medium.cell_m();
    const auto first_cell = [&](double place_m) { return static_cast<std::int64_t>(std::ceil(place_m / cell)); };
    const std::int64_t erase_first = first_cell(step.x0_m + settings.erase_to_record_m);
    const std::int64_t erase_last = first_cell(step.x1_m + settings.erase_to_record_m);
    if (erase_last - erase_first <= static_cast<std::int64_t>(most_cells)) {
        medium.erase(erase_first, static_cast<std::size_t>(erase_last - erase_first), step.tracks);
    }
    const std::int64_t first = first_cell(step.x0_m);
    const std::int64_t last = first_cell(step.x1_m);
    if (last > first && last - first <= static_cast<std::int64_t>(most_cells)) {
        write(step, first, last);
    }
    recorded_s += step.t1_s - step.t0_s;
}

void TapePath::Impl::write(const MotionStep& step, std::int64_t first, std::int64_t last) noexcept {
    const auto count = static_cast<std::size_t>(last - first);
    const double cell = medium.cell_m();
    float* left = made[0].data();
    float* right = made[1].data();
    if (card.running()) {
        const Cubic time = time_of_place(step);
        const double per_way = 1.0 / (step.x1_m - step.x0_m);
        // everything that grows by one cell is kept relative, so that the loop has short numbers
        const double s0 = (static_cast<double>(first) * cell - step.x0_m) * per_way;
        const double s_cell = cell * per_way;
        const double base = std::floor(card.frame_at_output(step.t0_s));
        const double rate = card.play_rate_hz();
        const double offset = card.frame_at_output(step.t0_s) - base;
        const auto base_frame = static_cast<std::int64_t>(base);
        const float* from_left = flux[0].at(base_frame);
        const float* from_right = flux[1].at(base_frame);
        const std::int64_t least = flux[0].end() - static_cast<std::int64_t>(flux[0].keep()) +
                                   static_cast<std::int64_t>(Interpolator::kBefore) - base_frame;
        const std::int64_t most =
            flux[0].end() - base_frame - static_cast<std::int64_t>(Interpolator::kTaps - Interpolator::kBefore);
        const double shift_m = azimuth_shift_m(settings.track_spacing_m, screws.record_azimuth_rad);
        if (shift_m == 0.0) {
            for (std::size_t i = 0; i < count; ++i) {
                const double s = s0 + s_cell * static_cast<double>(i);
                const double frame = offset + (time.at(s) - time.c0) * rate;
                const auto whole = static_cast<std::int64_t>(frame + 4096.0) - 4096;
                if (whole < least || whole > most) {
                    left[i] = right[i] = 0.0F; // before the card's first frame
                    continue;
                }
                const float* taps = between.coefficients(frame - static_cast<double>(whole));
                left[i] = dot24(from_left + whole - Interpolator::kBefore, taps);
                right[i] = dot24(from_right + whole - Interpolator::kBefore, taps);
            }
        } else { // the head turns about the track that writes last, so that nothing of the future is wanted
            const std::array<double, 2> earlier{std::max(-shift_m, 0.0) * per_way, std::max(shift_m, 0.0) * per_way};
            for (std::size_t c = 0; c < 2; ++c) {
                const float* from = c == 0 ? from_left : from_right;
                float* to = c == 0 ? left : right;
                for (std::size_t i = 0; i < count; ++i) {
                    const double s = s0 + s_cell * static_cast<double>(i) - earlier[c];
                    const double frame = offset + (time.at(s) - time.c0) * rate;
                    const auto whole = static_cast<std::int64_t>(frame + 4096.0) - 4096;
                    to[i] = whole < least || whole > most
                                ? 0.0F
                                : dot24(from + whole - Interpolator::kBefore,
                                        between.coefficients(frame - static_cast<double>(whole)));
                }
            }
        }
    } else {
        std::fill_n(left, count, 0.0F);
        std::fill_n(right, count, 0.0F);
    }
    float keep = medium.overwrite_gain();
    if (recorded_s < kRecordRamp_s) {
        const auto ramp = static_cast<float>(recorded_s / kRecordRamp_s);
        for (std::size_t i = 0; i < count; ++i) {
            left[i] *= ramp;
            right[i] *= ramp;
        }
        keep = 1.0F - ramp * (1.0F - keep);
    }
    // what the erase head has not reached yet is only overwritten
    const auto border = static_cast<std::int64_t>(std::ceil(erased_from_m / cell));
    const auto unerased = static_cast<std::size_t>(std::clamp<std::int64_t>(border - first, 0, last - first));
    RecordPass pass;
    pass.keep = keep;
    pass.tracks = step.tracks;
    pass.noise = {timed_faults.noise(0, now->record.noise_gain(0)), timed_faults.noise(1, now->record.noise_gain(1))};
    pass.azimuth_tan = static_cast<float>(std::tan(screws.record_azimuth_rad));
    medium.record(first, unerased, left, right, pass);
    pass.keep = 1.0F;
    medium.record(first + static_cast<std::int64_t>(unerased), count - unerased, left + unerased, right + unerased,
                  pass);
}

} // namespace overbias::deck_sim
