// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/tape_path.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/fir_design.hpp"
#include "deck-sim/magnetics/old_print.hpp"
#include "deck-sim/magnetics/tape_path_impl.hpp"
#include "deck-sim/magnetics/tone_tape.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace overbias::deck_sim {

using namespace magnetics;

namespace {

constexpr double kLongestStep_s = 2.1e-3;
constexpr double kFastestTape_m_s = 12.0; // on the heads; faster than any wind
constexpr double kSyncLeak_hz = 3000.0;   // the leak of the input through the record head is dull
constexpr double kButterflyWidth_m = 2.775e-3;
constexpr double kButterflySpacing_m = 3.5e-3;
constexpr double kWidestAngle_rad = 0.05;
constexpr double kPrintReach_m = 1e-3; // how far along the tape a print is smeared, either way

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
        } else if (fault.kind == FaultKind::ReproduceEq) {
            settings.reproduce_equalisation = fault.standard;
        } else if (fault.kind == FaultKind::HeadBlock) {
            settings.record_to_reproduce_m = fault.distance_mm * 1e-3;
            // a wider track reads more flux, of its own recordings too
            for (double& error_db : settings.reproduce_gain_error_db) {
                error_db += amplitude_db(kButterflyWidth_m / settings.track_width_m);
            }
            settings.track_width_m = kButterflyWidth_m;
            settings.track_spacing_m = kButterflySpacing_m;
        }
    }
    return settings;
}

/// What a layer of the pack leaves on the next, by cells: level_db at the wavelength of 1 kHz at 15 ips, greatest where
/// the wavelength is 2 pi times the thickness of a layer.
std::vector<float> print_shape_of(std::span<const Fault> faults, double thickness_m, double cell_m) {
    std::vector<float> shape;
    for (const Fault& fault : faults) {
        if (fault.kind == FaultKind::PrintThrough) {
            const double gain = amplitude_from_db(fault.level_db) / print_through(thickness_m, 381e-6);
            const auto half = static_cast<std::size_t>(kPrintReach_m / cell_m);
            // cells are samples of 1 / cell_m a metre: "frequency" is waves a metre
            shape = zero_phase_fir(
                [&](double waves) { return waves <= 0.0 ? 0.0 : gain * print_through(thickness_m, 1.0 / waves); },
                1.0 / cell_m, 2 * half + 1);
        }
    }
    return shape;
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

Amplifiers::Amplifiers(const Settings& settings, std::span<const Fault> faults, std::size_t most_frames)
    : speed_ips(settings.play_speed_ips), record_equalisation(settings.equalisation),
      reproduce_equalisation(settings.reproduce_equalisation.value_or(settings.equalisation)),
      record(settings, faults, most_frames), reproduce(at_capture_rate(settings), most_frames) {
}

TapePath::Impl::Impl(const Settings& s, std::span<const Fault> given, std::function<double()> now_s,
                     std::function<void()> advance)
    : settings(s), screws(initial_screws(s)), bias_faults(s, given), timed_faults(s, given),
      most_frames(static_cast<std::size_t>(std::max(s.sample_rate_hz, s.capture_rate_hz()) * kLongestStep_s) + 8),
      most_cells(static_cast<std::size_t>(kFastestTape_m_s * kLongestStep_s / cell_length_m(s)) + 64),
      card(s, std::move(now_s), std::move(advance)), faults(given.begin(), given.end()),
      medium(medium_config(s, faults, amplifiers_at(s.play_speed_ips).reproduce.noise_flux_rms())),
      defects(s.play_speed_ips, medium.cell_m(), 64, most_cells), schedule(s, faults),
      weave(s), input{History(keep(s), most_frames), History(keep(s), most_frames)}, flux{History(keep(s), most_frames),
                                                                                          History(keep(s),
                                                                                                  most_frames)},
      reel(s), print_shape(print_shape_of(faults, s.tape_thickness_m, medium.cell_m())),
      inhibited(any(faults, FaultKind::OldProgrammePlaying)), swapped_return(any(faults, FaultKind::SwappedReturn)),
      input_gain(static_cast<float>(1.0 / amplitude_from_db(s.play_dbfs_at_operating_level))),
      output_gain(static_cast<float>(amplitude_from_db(s.capture_dbfs_at_operating_level))),
      leak_pole(static_cast<float>(std::exp(-2.0 * std::numbers::pi * kSyncLeak_hz / s.capture_rate_hz()))) {
    schedule.prepare(defects);
    more_output.resize(card.capture_channels() - 2, std::vector<float>(most_frames));
    bias_channels = settings.bias_capture ? 2 : 0;
    for (const Fault& fault : faults) {
        for (std::size_t c = 0; fault.kind == FaultKind::ReproducePolarity && c < 2; ++c) {
            polarity[c] *= fault.touches(c) ? -1.0F : 1.0F;
        }
    }
    const double comes_with_db = bias_from_overbias_db(s.bias_db_over_peak, s.bias_slope);
    for (std::size_t c = 0; c < 2; ++c) {
        leak_per_ma[c] = amplitude_from_db(s.bias_leak_db - comes_with_db) / s.bias_peak_ma[c];
        window[c].resize(most_cells);
        made[c].resize(std::max(most_cells, most_frames));
        printed[c].resize(print_shape.empty() ? 0 : most_cells + print_shape.size());
        neighbours[c].resize(printed[c].size());
        output[c].resize(most_frames);
    }
}

Amplifiers& TapePath::Impl::amplifiers_at(double speed_ips) {
    const Equalisation reproduce = settings.reproduce_equalisation.value_or(settings.equalisation);
    const auto known = std::find_if(amplifiers.begin(), amplifiers.end(), [&](const auto& one) {
        return one->speed_ips == speed_ips && one->record_equalisation == settings.equalisation &&
               one->reproduce_equalisation == reproduce;
    });
    if (known == amplifiers.end()) {
        amplifiers.push_back(std::make_unique<Amplifiers>(at_speed(settings, speed_ips), faults, most_frames));
        now = amplifiers.back().get();
    } else {
        now = known->get();
    }
    turn();
    now->record.reset();
    now->reproduce.reset();
    return *now;
}

void TapePath::Impl::turn() {
    for (std::size_t c = 0; c < 2; ++c) {
        const TrackScrews& track = screws.tracks[c];
        now->reproduce.trim(c, {track.reproduce_level_db, track.reproduce_high_db, track.reproduce_low_db});
        const double ratio = std::max(bias_ma(c), 1e-9) / settings.bias_peak_ma[c];
        now->record.trim(c, {track.record_level_db, track.record_high_db, track.record_low_db, amplitude_db(ratio)});
    }
}

double TapePath::Impl::bias_ma(std::size_t track) const noexcept {
    return bias_faults.current_ma(track, screws.tracks[track].bias_ma);
}

void TapePath::Impl::follow_bias(const MotionStep& step) noexcept {
    current_flows = {step.recording && step.tracks[0], step.recording && step.tracks[1]};
    if (bias_faults.step(step)) {
        turn();
    }
}

TapePath::TapePath(const Settings& settings, std::span<const Fault> faults, std::function<double()> now_s,
                   std::function<void()> advance)
    : impl_(std::make_unique<Impl>(with_faults(settings, faults), faults, std::move(now_s), std::move(advance))) {
    if (settings.tape) {
        if (const auto mounted = mount(*settings.tape); !mounted) {
            throw std::invalid_argument(mounted.error().message);
        }
    }
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
    const RecordChain& before = impl_->now->record;
    impl_->amplifiers_at(speed_ips).record.take_over(before);
}

Result<void> TapePath::select_equalisation(Equalisation record, Equalisation reproduce) {
    const double speed_ips = impl_->now->speed_ips;
    try {
        (void)flux_standard(record, speed_ips);
        (void)flux_standard(reproduce, speed_ips);
    } catch (const std::invalid_argument& wrong) {
        return Error{wrong.what()};
    }
    impl_->settings.equalisation = record;
    impl_->settings.reproduce_equalisation = reproduce;
    select_speed(speed_ips);
    return {};
}

void TapePath::turn(const Screws& screws) {
    impl_->screws = screws;
    for (double* angle : {&impl_->screws.reproduce_azimuth_rad, &impl_->screws.record_azimuth_rad}) {
        *angle = std::clamp(*angle, -kWidestAngle_rad, kWidestAngle_rad);
    }
    impl_->turn();
}
const Screws& TapePath::screws() const noexcept {
    return impl_->screws;
}
double TapePath::bias_ma(std::size_t track) const noexcept {
    return impl_->current_flows[track] && !impl_->inhibited ? impl_->bias_ma(track) : 0.0;
}

Result<void> TapePath::mount(const TapeContent& content) {
    try {
        const auto tape = std::make_shared<const ToneTape>(content, impl_->medium.cell_m());
        impl_->medium.mount([tape](std::int64_t first, std::span<std::int16_t> cells) { tape->add(first, cells); },
                            std::tan(content.azimuth_rad));
    } catch (const std::invalid_argument& wrong) {
        return Error{wrong.what()};
    }
    return {};
}
void TapePath::mount_blank() {
    impl_->medium.mount({}, 0.0);
}
std::uint64_t TapePath::altered_cells() const noexcept {
    return impl_->medium.written_cells();
}

void TapePath::programme_starts(double time_s) noexcept {
    impl_->schedule.programme_starts(time_s);
    impl_->bias_faults.programme_starts(time_s);
    impl_->timed_faults.programme_starts(time_s);
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
    impl_->follow_bias(step);
    impl_->timed_faults.step(step);
    impl_->take_input(step);
    impl_->record_step(step);
    impl_->make_output(step);
}

} // namespace overbias::deck_sim
