// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/tape_path.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/old_print.hpp"
#include "deck-sim/magnetics/tape_path_impl.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace overbias::deck_sim {

using namespace magnetics;

namespace {

constexpr double kLongestStep_s = 2.1e-3;
constexpr double kFastestTape_m_s = 12.0; // on the heads; faster than any wind
constexpr double kSyncLeak_hz = 3000.0;   // the leak of the input through the record head is dull

/// The reproduce side works at the rate of the capture.
Settings at_capture_rate(Settings settings) {
    settings.sample_rate_hz = settings.capture_rate_hz();
    return settings;
}

Settings at_speed(Settings settings, double speed_ips) {
    settings.play_speed_ips = speed_ips;
    return settings;
}

bool any(std::span<const Fault> faults, FaultKind kind) {
    return std::any_of(faults.begin(), faults.end(), [&](const Fault& fault) { return fault.kind == kind; });
}

Settings with_faults(Settings settings, std::span<const Fault> faults) {
    for (const Fault& fault : faults) {
        if (fault.kind == FaultKind::Crosstalk) {
            settings.crosstalk_db = fault.level_db;
        }
    }
    return settings;
}

float print_gain_of(std::span<const Fault> faults) {
    float gain = 0.0F;
    for (const Fault& fault : faults) {
        if (fault.kind == FaultKind::PrintThrough) {
            gain = static_cast<float>(amplitude_from_db(fault.level_db));
        }
    }
    return gain;
}

/// Fine enough for the slowest speed.
double cell_length_m(const Settings& settings) {
    double slowest_ips = settings.play_speed_ips;
    for (const double speed_ips : settings.speeds_ips) {
        slowest_ips = std::min(slowest_ips, speed_ips);
    }
    return metres_per_second(slowest_ips) / settings.sample_rate_hz;
}

MediumConfig medium_config(const Settings& settings, std::span<const Fault> faults, double noise_flux_rms) {
    MediumConfig config;
    const double speed = metres_per_second(settings.play_speed_ips);
    config.length_m = settings.tape_length_m;
    config.cell_m = cell_length_m(settings);
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

// frames between the queue and the line output, the interpolator's reach and two steps
std::size_t keep(const Settings& s) {
    return static_cast<std::size_t>(std::max(s.round_trip_frames, 32.0)) + 64 +
           2 * static_cast<std::size_t>(s.sample_rate_hz * kLongestStep_s);
}

} // namespace

Amplifiers::Amplifiers(const Settings& settings, std::span<const Fault> faults, double speed, std::size_t most_frames)
    : speed_ips(speed), record(at_speed(settings, speed), faults, most_frames),
      reproduce(at_capture_rate(at_speed(settings, speed)), most_frames) {
}

TapePath::Impl::Impl(const Settings& s, std::span<const Fault> given, std::function<double()> now_s,
                     std::function<void()> advance)
    : settings(s),
      most_frames(static_cast<std::size_t>(std::max(s.sample_rate_hz, s.capture_rate_hz()) * kLongestStep_s) + 8),
      most_cells(static_cast<std::size_t>(kFastestTape_m_s * kLongestStep_s / cell_length_m(s)) + 64),
      card(s, std::move(now_s), std::move(advance)), faults(given.begin(), given.end()),
      medium(medium_config(s, faults, amplifiers_at(s.play_speed_ips).reproduce.noise_flux_rms())),
      defects(s.play_speed_ips, medium.cell_m(), 64, most_cells), schedule(s, faults),
      weave(s), input{History(keep(s), most_frames), History(keep(s), most_frames)}, flux{History(keep(s), most_frames),
                                                                                          History(keep(s),
                                                                                                  most_frames)},
      reel(s), print_gain(print_gain_of(faults)), inhibited(any(faults, FaultKind::OldProgrammePlaying)),
      held_input(any(faults, FaultKind::MonitorInput)), held_sync(any(faults, FaultKind::MonitorSync)),
      input_gain(static_cast<float>(1.0 / amplitude_from_db(s.play_dbfs_at_operating_level))),
      output_gain(static_cast<float>(amplitude_from_db(s.capture_dbfs_at_operating_level))),
      leak_pole(static_cast<float>(std::exp(-2.0 * std::numbers::pi * kSyncLeak_hz / s.capture_rate_hz()))) {
    schedule.prepare(defects);
    for (std::size_t c = 0; c < 2; ++c) {
        window[c].resize(most_cells);
        made[c].resize(std::max(most_cells, most_frames));
        printed[c].resize(print_gain > 0.0F ? most_cells : 0);
        output[c].resize(most_frames);
    }
}

Amplifiers& TapePath::Impl::amplifiers_at(double speed_ips) {
    for (const auto& one : amplifiers) {
        if (one->speed_ips == speed_ips) {
            return *(now = one.get());
        }
    }
    amplifiers.push_back(std::make_unique<Amplifiers>(settings, faults, speed_ips, most_frames));
    return *(now = amplifiers.back().get());
}

TapePath::TapePath(const Settings& settings, std::span<const Fault> faults, std::function<double()> now_s,
                   std::function<void()> advance)
    : impl_(std::make_unique<Impl>(with_faults(settings, faults), faults, std::move(now_s), std::move(advance))) {
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
void TapePath::select_input(InputFrom from) noexcept {
    impl_->input_from = from;
}
void TapePath::select_speed(double speed_ips) {
    RecordChain& before = impl_->now->record;
    RecordChain& chain = impl_->amplifiers_at(speed_ips).record;
    chain.take_over(before);
    chain.reset();
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
    impl_->schedule.process(step, impl_->card, impl_->now->record, impl_->defects);
    impl_->take_input(step);
    impl_->record_step(step);
    impl_->make_output(step);
}

} // namespace overbias::deck_sim
