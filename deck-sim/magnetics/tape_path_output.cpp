// SPDX-License-Identifier: Apache-2.0
// From the tape, or the line input, to the line output.
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
constexpr float kSyncLeak = 0.2F; // input heard through the record head while it records, -14 dB

/// An audio converter filters what is above this share of its sample rate.
constexpr double kConverterBand = 0.45;

/// Below this angle between gap and record a track loses less than 0.03 dB at 20 kHz and 15 ips, and the loss is left
/// out.
constexpr double kLeastLean = 4e-4;
/// A gap that leans against what was recorded reads the mean across the track: Gauss-Legendre, six points (Abramowitz
/// and Stegun, table 25.4), which is sin X / X within 1e-3 up to X = 6.
struct Across {
    double at; ///< of half the width
    float weight;
};
constexpr std::array<Across, 6> kAcross{{{-0.932469514203152, 0.0856622461895852F},
                                         {-0.661209386466265, 0.180380786524069F},
                                         {-0.238619186083197, 0.233956967286346F},
                                         {0.238619186083197, 0.233956967286346F},
                                         {0.661209386466265, 0.180380786524069F},
                                         {0.932469514203152, 0.0856622461895852F}}};
} // namespace

void TapePath::Impl::make_output(const MotionStep& step) noexcept {
    if (!card.running()) {
        return;
    }
    const Monitor selected = timed_faults.input_held()  ? Monitor::Input
                             : timed_faults.sync_held() ? Monitor::Sync
                                                        : monitor;
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
            output_input(first, frames, output);
        } else if (selected == Monitor::Sync && recording) {
            const bool one_is_safe = !step.tracks[0] || !step.tracks[1];
            const std::size_t safe = step.tracks[0] ? 1 : 0;
            if (one_is_safe) { // it reproduces while the other records
                output_tape(step, first, frames, true);
                now->reproduce.process(left, right, frames, true);
                std::copy_n(output[safe].begin(), frames, made[safe].begin());
            }
            output_input(first, frames, output);
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
        add_bias_leak(frames);
        if (swapped_return && selected != Monitor::Input) {
            std::swap_ranges(left, left + frames, right);
        }
        now->reproduce.add_electronics_noise(left, right, frames);
        timed_faults.add_hum(left, right, frames);
        for (std::size_t i = 0; i < frames; ++i) {
            left[i] *= output_gain * polarity[0];
            right[i] *= output_gain * polarity[1];
        }
        output_bias(frames);
        output_line_input(first, frames);
        card.give(frames, left, right, more_output);
    }
}

void TapePath::Impl::output_input(std::int64_t first_frame, std::size_t frames,
                                  std::span<std::vector<float>> to) noexcept {
    for (std::size_t i = 0; i < frames; ++i) {
        const double at = card.frame_at_output(card.time_of_input(first_frame + static_cast<std::int64_t>(i)));
        const double whole = std::floor(at);
        const auto frame = static_cast<std::int64_t>(whole);
        const bool there =
            frame - static_cast<std::int64_t>(Interpolator::kBefore) >=
                input[0].end() - static_cast<std::int64_t>(input[0].keep()) &&
            frame + static_cast<std::int64_t>(Interpolator::kTaps - Interpolator::kBefore) <= input[0].end();
        for (std::size_t c = 0; c < 2; ++c) {
            to[c][i] = there ? between.at(input[c].at(frame), at - whole) : 0.0F;
        }
    }
}

/// A pair of the card on the deck's line input, before the deck's own inputs.
void TapePath::Impl::output_line_input(std::int64_t first_frame, std::size_t frames) noexcept {
    if (more_output.size() == bias_channels) {
        return;
    }
    const auto pair = std::span(more_output).subspan(bias_channels);
    output_input(first_frame, frames, pair);
    for (std::vector<float>& channel : pair) {
        for (std::size_t i = 0; i < frames; ++i) {
            channel[i] *= output_gain;
        }
    }
}

/// The mixer's product: a sine whose phase runs on while no current flows, as that of its oscillator does.
void TapePath::Impl::output_bias(std::size_t frames) noexcept {
    for (std::size_t c = 0; c < bias_channels; ++c) {
        const double ma = current_flows[c] && !inhibited ? bias_ma(c) : 0.0;
        bias_level[c].set(static_cast<float>(ma / kBiasFullScale_ma));
        const double hz = settings.bias_hz * bias_faults.frequency_ratio(c) - settings.bias_mixer_hz;
        const double a_frame = hz / card.capture_rate_hz();
        double turns = bias_turns[c];
        bias_level[c].over(frames, [&](std::size_t i, float level) {
            more_output[c][i] = level * static_cast<float>(std::sin(2.0 * std::numbers::pi * turns));
            turns += a_frame;
            turns -= std::floor(turns);
        });
        bias_turns[c] = turns;
    }
}

/// What the deck's traps leave of the bias that flows in this track's record head.
void TapePath::Impl::add_bias_leak(std::size_t frames) noexcept {
    for (std::size_t c = 0; c < 2; ++c) {
        const double hz = settings.bias_hz * bias_faults.frequency_ratio(c);
        const bool heard = hz <= kConverterBand * settings.capture_rate_hz() && current_flows[c] && !inhibited;
        leak_level[c].set(heard ? static_cast<float>(leak_per_ma[c] * bias_ma(c)) : 0.0F);
        if (leak_level[c].at_rest(0.0F)) {
            continue;
        }
        const double a_frame = hz / card.capture_rate_hz();
        double turns = leak_turns[c];
        leak_level[c].over(frames, [&](std::size_t i, float level) {
            output[c][i] += level * static_cast<float>(std::sin(2.0 * std::numbers::pi * turns));
            turns += a_frame;
            turns -= std::floor(turns);
        });
        leak_turns[c] = turns;
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
    const std::size_t half = print_shape.size() / 2;
    const std::size_t wide = cells + 2 * half;
    for (std::vector<float>& sum : neighbours) {
        std::fill_n(sum.begin(), wide, 0.0F);
    }
    for (const double away_m : {turn_m + layer_m, layer_m - turn_m}) {
        medium.read(first + static_cast<std::int64_t>(std::llround(away_m / cell)) - static_cast<std::int64_t>(half),
                    wide, printed[0].data(), printed[1].data());
        for (std::size_t c = 0; c < 2; ++c) {
            for (std::size_t i = 0; i < wide; ++i) {
                neighbours[c][i] += printed[c][i];
            }
        }
    }
    for (std::size_t c = 0; c < 2; ++c) {
        std::size_t i = 0;
        for (; i + 4 <= cells; i += 4) {
            Float4 sum{};
            for (std::size_t t = 0; t < print_shape.size(); ++t) {
                sum += print_shape[t] * load4(neighbours[c].data() + i + t);
            }
            store4(window[c].data() + i, load4(window[c].data() + i) + sum);
        }
        for (; i < cells; ++i) {
            for (std::size_t t = 0; t < print_shape.size(); ++t) {
                window[c][i] += print_shape[t] * neighbours[c][i + t];
            }
        }
    }
}

void TapePath::Impl::output_tape(const MotionStep& step, std::int64_t first_frame, std::size_t frames,
                                 bool sync) noexcept {
    // the record head stands straight in its own record, and weave is felt where the tape has gone on since
    const double behind_m = sync ? 0.0 : settings.record_to_reproduce_m;
    const double angle0 = sync ? screws.record_azimuth_rad
                               : screws.reproduce_azimuth_rad + timed_faults.tilt0_rad() + weave.angle_rad(step.t0_s);
    const double angle1 = sync ? screws.record_azimuth_rad
                               : screws.reproduce_azimuth_rad + timed_faults.tilt1_rad() + weave.angle_rad(step.t1_s);
    const double shift0_m = azimuth_shift_m(settings.track_spacing_m, angle0);
    const double shift1_m = azimuth_shift_m(settings.track_spacing_m, angle1);
    const double recorded_tan =
        static_cast<double>(medium.azimuth_tan(static_cast<std::int64_t>((step.x0_m - behind_m) / medium.cell_m())));
    const double lean = std::tan(0.5 * (angle0 + angle1)) - recorded_tan;
    const double half_width_m = std::abs(lean) < kLeastLean ? 0.0 : 0.5 * settings.track_width_m * lean;
    float* left = output[0].data();
    float* right = output[1].data();
    const double cell = medium.cell_m();
    const double length = step.t1_s - step.t0_s;
    const Cubic place = place_of_time(step);
    // the cubic's control points hold the whole curve between them
    const std::array<double, 4> hull{step.x0_m, step.x0_m + place.c1 / 3.0, step.x1_m - step.v1_m_s * length / 3.0,
                                     step.x1_m};
    const double margin = std::max(std::abs(shift0_m), std::abs(shift1_m)) / 2.0 + std::abs(half_width_m);
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
    if (!print_shape.empty() && !step.recording) { // it takes time in the pack
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
        if (half_width_m == 0.0) {
            left[i] = value_at(window[0].data(), cell_at - half, last_cell);
            right[i] = value_at(window[1].data(), cell_at + half, last_cell);
            continue;
        }
        float sum_left = 0.0F;
        float sum_right = 0.0F;
        for (const Across& point : kAcross) {
            const double off = half_width_m * per_cell * point.at;
            sum_left += point.weight * value_at(window[0].data(), cell_at - half + off, last_cell);
            sum_right += point.weight * value_at(window[1].data(), cell_at + half + off, last_cell);
        }
        left[i] = sum_left;
        right[i] = sum_right;
    }
}

float TapePath::Impl::value_at(const float* cells, double place, double last_cell) const noexcept {
    const double inside = std::clamp(place, static_cast<double>(Interpolator::kBefore), last_cell);
    const auto whole = static_cast<std::int64_t>(inside);
    return between.at(cells + whole, inside - static_cast<double>(whole));
}

} // namespace overbias::deck_sim
