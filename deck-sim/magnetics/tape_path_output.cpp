// SPDX-License-Identifier: Apache-2.0
// From the tape, or the line input, to the line output.
#include "deck-sim/magnetics/motion_curve.hpp"
#include "deck-sim/magnetics/tape_path_impl.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim {

using namespace magnetics;

namespace {
constexpr float kSyncLeak = 0.2F; // input heard through the record head while it records, -14 dB
}

void TapePath::Impl::make_output(const MotionStep& step) noexcept {
    if (!card.running()) {
        return;
    }
    const Monitor selected = held_input ? Monitor::Input : held_sync ? Monitor::Sync : monitor;
    for (;;) {
        const std::int64_t first = card.given();
        const double frames_to_end = std::ceil((step.t1_s - card.time_of_input(first)) * card.capture_rate_hz());
        if (frames_to_end < 1.0) {
            return;
        }
        const auto frames = static_cast<std::size_t>(std::min(frames_to_end, static_cast<double>(most_frames)));
        const bool recording = step.recording && step.contact && !inhibited;
        float* left = output[0].data();
        float* right = output[1].data();
        if (selected == Monitor::Input) {
            output_input(first, frames);
        } else if (selected == Monitor::Sync && recording) {
            const bool one_is_safe = !step.tracks[0] || !step.tracks[1];
            const std::size_t safe = step.tracks[0] ? 1 : 0;
            if (one_is_safe) { // it reproduces while the other records
                output_tape(step, first, frames, true);
                now->reproduce.process(left, right, frames, true);
                std::copy_n(output[safe].begin(), frames, made[safe].begin());
            }
            output_input(first, frames);
            for (std::size_t c = 0; c < 2; ++c) {
                for (std::size_t i = 0; i < frames; ++i) {
                    leak[c] = kSyncLeak * output[c][i] + leak_pole * (leak[c] - kSyncLeak * output[c][i]);
                    output[c][i] = leak[c];
                }
            }
            if (one_is_safe) {
                std::copy_n(made[safe].begin(), frames, output[safe].begin());
            }
        } else {
            const bool sync = selected == Monitor::Sync;
            output_tape(step, first, frames, sync);
            now->reproduce.process(left, right, frames, sync);
        }
        now->reproduce.add_electronics_noise(left, right, frames);
        for (std::size_t i = 0; i < frames; ++i) {
            left[i] *= output_gain;
            right[i] *= output_gain;
        }
        card.give(frames, left, right);
    }
}

void TapePath::Impl::output_input(std::int64_t first_frame, std::size_t frames) noexcept {
    for (std::size_t i = 0; i < frames; ++i) {
        const double at = card.frame_at_output(card.time_of_input(first_frame + static_cast<std::int64_t>(i)));
        const double whole = std::floor(at);
        const auto frame = static_cast<std::int64_t>(whole);
        const bool there =
            frame - static_cast<std::int64_t>(Interpolator::kBefore) >=
                input[0].end() - static_cast<std::int64_t>(input[0].keep()) &&
            frame + static_cast<std::int64_t>(Interpolator::kTaps - Interpolator::kBefore) <= input[0].end();
        for (std::size_t c = 0; c < 2; ++c) {
            output[c][i] = there ? between.at(input[c].at(frame), at - whole) : 0.0F;
        }
    }
}

/// The neighbours of each place in the pack on the take-up reel (stored tails out). The pack is a spiral: one turn
/// further out, at r + t, is pi ((r + t)^2 - r^2) / t = 2 pi r + pi t further on; one turn further in 2 pi r - pi t
/// back.
void TapePath::Impl::add_print(std::int64_t first, std::size_t cells) noexcept {
    const double cell = medium.cell_m();
    const double radius_m = reel.radius_m(std::max(static_cast<double>(first) * cell, 0.0));
    const double turn_m = 2.0 * std::numbers::pi * radius_m;
    const double layer_m = std::numbers::pi * settings.tape_thickness_m;
    for (const double away_m : {turn_m + layer_m, layer_m - turn_m}) {
        medium.read(first + static_cast<std::int64_t>(std::llround(away_m / cell)), cells, printed[0].data(),
                    printed[1].data());
        for (std::size_t c = 0; c < 2; ++c) {
            for (std::size_t i = 0; i < cells; ++i) {
                window[c][i] += print_gain * printed[c][i];
            }
        }
    }
}

void TapePath::Impl::output_tape(const MotionStep& step, std::int64_t first_frame, std::size_t frames,
                                 bool sync) noexcept {
    // the record head stands straight in its own record
    const double behind_m = sync ? 0.0 : settings.record_to_reproduce_m;
    const double shift0_m = sync ? 0.0 : weave.shift_m(step.t0_s);
    const double shift1_m = sync ? 0.0 : weave.shift_m(step.t1_s);
    float* left = output[0].data();
    float* right = output[1].data();
    const double cell = medium.cell_m();
    const double length = step.t1_s - step.t0_s;
    const Cubic place = place_of_time(step);
    // the cubic's control points hold the whole curve between them
    const std::array<double, 4> hull{step.x0_m, step.x0_m + place.c1 / 3.0, step.x1_m - step.v1_m_s * length / 3.0,
                                     step.x1_m};
    const double margin = std::max(std::abs(shift0_m), std::abs(shift1_m)) / 2.0;
    const double least = *std::min_element(hull.begin(), hull.end()) - behind_m - margin;
    const double most = *std::max_element(hull.begin(), hull.end()) - behind_m + margin;
    const auto window_first =
        static_cast<std::int64_t>(std::floor(least / cell)) - static_cast<std::int64_t>(Interpolator::kBefore) - 1;
    const auto window_last = static_cast<std::int64_t>(std::floor(most / cell)) +
                             static_cast<std::int64_t>(Interpolator::kTaps - Interpolator::kBefore) + 1;
    if (!step.contact || window_last - window_first > static_cast<std::int64_t>(most_cells)) {
        std::fill_n(left, frames, 0.0F);
        std::fill_n(right, frames, 0.0F);
        return;
    }
    const auto cells = static_cast<std::size_t>(window_last - window_first);
    medium.read(window_first, cells, window[0].data(), window[1].data());
    if (print_gain > 0.0F && !step.recording) { // it takes time in the pack
        add_print(window_first, cells);
    }
    defects.apply(medium, window_first, cells, window[0].data(), window[1].data());

    const double window_m = static_cast<double>(window_first) * cell;
    const double per_cell = 1.0 / cell;
    Cubic at; // in cells of the window
    at.c0 = (place.c0 - behind_m - window_m) * per_cell;
    at.c1 = place.c1 * per_cell;
    at.c2 = place.c2 * per_cell;
    at.c3 = place.c3 * per_cell;
    const double half0 = 0.5 * shift0_m * per_cell;
    const double half_slope = 0.5 * shift1_m * per_cell - half0;
    const double s0 = (card.time_of_input(first_frame) - step.t0_s) / length;
    const double s_frame = 1.0 / (card.capture_rate_hz() * length);
    const double last_cell = static_cast<double>(cells - (Interpolator::kTaps - Interpolator::kBefore));
    for (std::size_t i = 0; i < frames; ++i) {
        const double s = s0 + s_frame * static_cast<double>(i);
        if (s < 0.0) { // the card started within this step
            left[i] = right[i] = 0.0F;
            continue;
        }
        const double cell_at = at.at(s);
        const double half = half0 + half_slope * s;
        const double at_left = std::clamp(cell_at - half, static_cast<double>(Interpolator::kBefore), last_cell);
        const double at_right = std::clamp(cell_at + half, static_cast<double>(Interpolator::kBefore), last_cell);
        const auto whole_left = static_cast<std::int64_t>(at_left);
        const auto whole_right = static_cast<std::int64_t>(at_right);
        left[i] = between.at(window[0].data() + whole_left, at_left - static_cast<double>(whole_left));
        right[i] = between.at(window[1].data() + whole_right, at_right - static_cast<double>(whole_right));
    }
}

} // namespace overbias::deck_sim
