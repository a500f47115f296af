// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/tape_path.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/block_math.hpp"
#include "deck-sim/magnetics/card.hpp"
#include "deck-sim/magnetics/fault_schedule.hpp"
#include "deck-sim/magnetics/interpolator.hpp"
#include "deck-sim/magnetics/medium.hpp"
#include "deck-sim/magnetics/motion_curve.hpp"
#include "deck-sim/magnetics/old_print.hpp"
#include "deck-sim/magnetics/record_chain.hpp"
#include "deck-sim/magnetics/reproduce_chain.hpp"
#include "deck-sim/magnetics/tape_defects.hpp"
#include "deck-sim/magnetics/weave.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim {

using namespace magnetics;

namespace {

constexpr double kLongestStep_s = 2.1e-3;
constexpr double kFastestTape_m_s = 12.0; // on the heads; faster than any wind
constexpr double kRecordRamp_s = 0.008;   // bias comes on gently
constexpr float kSyncLeak = 0.2F;         // input heard through the record head while it records, -14 dB ...
constexpr double kSyncLeak_hz = 3000.0;   // ... and dull

/// The reproduce side works at the rate of the capture.
Settings at_capture_rate(Settings settings) {
    settings.sample_rate_hz = settings.capture_rate_hz();
    return settings;
}

bool any(std::span<const Fault> faults, FaultKind kind) {
    return std::any_of(faults.begin(), faults.end(), [&](const Fault& fault) { return fault.kind == kind; });
}

MediumConfig medium_config(const Settings& settings, std::span<const Fault> faults, double noise_flux_rms) {
    MediumConfig config;
    const double speed = metres_per_second(settings.play_speed_ips);
    config.length_m = settings.tape_length_m;
    config.cell_m = speed / settings.sample_rate_hz;
    config.noise_flux_rms = noise_flux_rms;
    config.erase_gain = amplitude_from_db(settings.erase_depth_db);
    config.seed = settings.seed;
    if (any(faults, FaultKind::OldProgrammePlaying)) {
        config.old_record = [cell = config.cell_m, speed](std::int64_t first, std::span<std::int16_t> cells) {
            add_old_print(first, cell, speed, 32767.0 / kFullScaleFlux, cells);
        };
    }
    return config;
}

} // namespace

struct TapePath::Impl {
    Impl(const Settings& s, std::span<const Fault> faults, std::function<double()> now_s, std::function<void()> advance)
        : settings(s),
          most_frames(static_cast<std::size_t>(std::max(s.sample_rate_hz, s.capture_rate_hz()) * kLongestStep_s) + 8),
          most_cells(static_cast<std::size_t>(kFastestTape_m_s * kLongestStep_s * s.sample_rate_hz /
                                              metres_per_second(s.play_speed_ips)) +
                     64),
          card(s, std::move(now_s), std::move(advance)), record(s, faults, most_frames),
          reproduce(at_capture_rate(s), most_frames), medium(medium_config(s, faults, reproduce.noise_flux_rms())),
          defects(s.play_speed_ips, medium.cell_m(), 64, most_cells), schedule(s, faults),
          weave(s), input{History(keep(s), most_frames), History(keep(s), most_frames)},
          flux{History(keep(s), most_frames), History(keep(s), most_frames)},
          inhibited(any(faults, FaultKind::OldProgrammePlaying)), held_input(any(faults, FaultKind::MonitorInput)),
          held_sync(any(faults, FaultKind::MonitorSync)),
          input_gain(static_cast<float>(1.0 / amplitude_from_db(s.play_dbfs_at_operating_level))),
          output_gain(static_cast<float>(amplitude_from_db(s.capture_dbfs_at_operating_level))),
          leak_pole(static_cast<float>(std::exp(-2.0 * std::numbers::pi * kSyncLeak_hz / s.capture_rate_hz()))) {
        schedule.prepare(defects);
        for (std::size_t c = 0; c < 2; ++c) {
            window[c].resize(most_cells);
            made[c].resize(std::max(most_cells, most_frames));
            output[c].resize(most_frames);
        }
    }
    // frames between the queue and the line output, the interpolator's reach and two steps
    static std::size_t keep(const Settings& s) {
        return static_cast<std::size_t>(std::max(s.round_trip_frames, 32.0)) + 64 +
               2 * static_cast<std::size_t>(s.sample_rate_hz * kLongestStep_s);
    }

    void take_input(const MotionStep& step) noexcept;
    void record_step(const MotionStep& step) noexcept;
    void write(const MotionStep& step, std::int64_t first, std::int64_t last) noexcept;
    void make_output(const MotionStep& step) noexcept;
    void output_input(std::int64_t first_frame, std::size_t frames) noexcept;
    void output_tape(const MotionStep& step, std::int64_t first_frame, std::size_t frames, bool sync) noexcept;

    Settings settings;
    std::size_t most_frames;
    std::size_t most_cells;
    Interpolator between;
    Card card;
    RecordChain record;
    ReproduceChain reproduce;
    Medium medium;
    TapeDefects defects;
    FaultSchedule schedule;
    Weave weave;
    std::array<History, 2> input; ///< line input by playback frame
    std::array<History, 2> flux;  ///< what it becomes on tape; only while recording
    std::uint64_t starts = 0;
    bool inhibited, held_input, held_sync;
    Monitor monitor = Monitor::Repro;
    float input_gain, output_gain;
    float leak_pole;
    std::array<float, 2> leak{};
    bool was_recording = false;
    double recorded_s = 0;    ///< how long the record head is on
    double erased_from_m = 0; ///< from here on the erase head was there before the record head
    std::array<std::vector<float>, 2> window, made, output;
};

TapePath::TapePath(const Settings& settings, std::span<const Fault> faults, std::function<double()> now_s,
                   std::function<void()> advance)
    : impl_(std::make_unique<Impl>(settings, faults, std::move(now_s), std::move(advance))) {
}
TapePath::~TapePath() = default;

audio::Pcm& TapePath::pcm() noexcept {
    return impl_->card;
}
void TapePath::select_monitor(Monitor monitor) noexcept {
    impl_->monitor = monitor;
}
void TapePath::inhibit_record(bool inhibit) noexcept {
    impl_->inhibited = inhibit;
}

void TapePath::programme_starts(double time_s) noexcept {
    impl_->schedule.programme_starts(time_s);
}
double TapePath::cell_m() const noexcept {
    return impl_->medium.cell_m();
}
void TapePath::copy_tape(std::int64_t first, std::span<std::int16_t> cells) noexcept {
    impl_->medium.copy(first, cells);
}
std::size_t TapePath::tape_bytes() const noexcept {
    return impl_->medium.touched_bytes();
}

void TapePath::process(const MotionStep& step) noexcept {
    impl_->schedule.process(step, impl_->card, impl_->record, impl_->defects);
    impl_->take_input(step);
    impl_->record_step(step);
    impl_->make_output(step);
}

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
        record.reset();
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
        due -= frames;
    }
}

void TapePath::Impl::record_step(const MotionStep& step) noexcept {
    if (!step.recording || !step.contact || inhibited || !(step.x1_m >= step.x0_m)) {
        was_recording = false;
        return;
    }
    if (!was_recording) {
        was_recording = true;
        recorded_s = 0.0;
        erased_from_m = step.x0_m + settings.erase_to_record_m;
        record.reset();
        for (History& history : flux) {
            history.restart(input[0].end());
        }
    }
    while (card.running() && flux[0].end() < input[0].end()) {
        const auto frames =
            static_cast<std::size_t>(std::min(input[0].end() - flux[0].end(), static_cast<std::int64_t>(most_frames)));
        const std::int64_t first = flux[0].end();
        for (std::size_t c = 0; c < 2; ++c) {
            std::copy_n(input[c].at(first), frames, flux[c].append(frames));
        }
        record.process(flux[0].at(first), flux[1].at(first), frames);
    }
    const double cell = medium.cell_m();
    const auto first_cell = [&](double place_m) { return static_cast<std::int64_t>(std::ceil(place_m / cell)); };
    const std::int64_t erase_first = first_cell(step.x0_m + settings.erase_to_record_m);
    const std::int64_t erase_last = first_cell(step.x1_m + settings.erase_to_record_m);
    if (erase_last - erase_first <= static_cast<std::int64_t>(most_cells)) {
        medium.erase(erase_first, static_cast<std::size_t>(erase_last - erase_first));
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
    medium.record(first, unerased, left, right, keep);
    medium.record(first + static_cast<std::int64_t>(unerased), count - unerased, left + unerased, right + unerased,
                  1.0F);
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
            output_input(first, frames);
            for (std::size_t c = 0; c < 2; ++c) {
                for (std::size_t i = 0; i < frames; ++i) {
                    leak[c] = kSyncLeak * output[c][i] + leak_pole * (leak[c] - kSyncLeak * output[c][i]);
                    output[c][i] = leak[c];
                }
            }
        } else {
            const bool sync = selected == Monitor::Sync;
            output_tape(step, first, frames, sync);
            reproduce.process(left, right, frames, sync);
        }
        reproduce.add_electronics_noise(left, right, frames);
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
