// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/stereo_meters.hpp"

#include "dsp/meters/k_weighting.hpp"
#include "dsp/meters/vu_meter.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kLeastVu = -60.0, kSilence_dbfs = -200.0;

double db_of(double amplitude, double silence_db) {
    return amplitude > 0.0 ? std::max(silence_db, 20.0 * std::log10(amplitude)) : silence_db;
}

template <std::size_t N>
double highest_of(const std::array<float, N>& lanes) {
    return static_cast<double>(*std::max_element(lanes.begin(), lanes.end()));
}

template <class T, std::size_t N>
void let_silence_be(std::array<T, N>& values) {
    for (T& value : values) {
        value = std::abs(value) < static_cast<T>(1e-30) ? T{} : value;
    }
}

void weighting_tables(StereoPassTables& t, double rate_hz) {
    const KWeightingCoefficients k = k_weighting(rate_hz);
    const auto lanes = [&](double BiquadCoefficients::*figure, double sign) {
        const double shelf = sign * k.shelf.*figure, high_pass = sign * k.high_pass.*figure;
        return std::array<double, 4>{shelf, shelf, high_pass, high_pass};
    };
    t.k_a1 = lanes(&BiquadCoefficients::a1, -1.0);
    t.k_a2 = lanes(&BiquadCoefficients::a2, -1.0);
    t.k_b0 = lanes(&BiquadCoefficients::b0, 1.0);
    t.k_b1 = lanes(&BiquadCoefficients::b1, 1.0);
    t.k_b2 = lanes(&BiquadCoefficients::b2, 1.0);
}

/// One sample takes (place, speed) to M (place, speed) + b |x|; a group to M^32 (place, speed) + sum of M^(31-k) b
/// |x_k|.
void vu_tables(StereoPassTables& t, double rate_hz) {
    const VuCoefficients c = vu_coefficients(rate_hz);
    double place = 1.0 - c.position_from_position, speed = -c.velocity_from_position;
    for (std::size_t back = 1; back <= kStereoGroup; ++back) {
        const std::size_t frame = kStereoGroup - back;
        t.vu_place[frame / kStereoHalf][frame % kStereoHalf] = static_cast<float>(place);
        t.vu_speed[frame / kStereoHalf][frame % kStereoHalf] = static_cast<float>(speed);
        const double moved = c.position_from_position * place + c.position_from_velocity * speed;
        speed = c.velocity_from_position * place + c.velocity_from_velocity * speed;
        place = moved;
    }
    const VuCoefficients group = vu_coefficients(rate_hz / static_cast<double>(kStereoGroup));
    t.vu_same = {group.position_from_position, group.position_from_position, group.velocity_from_velocity,
                 group.velocity_from_velocity};
    t.vu_other = {group.position_from_velocity, group.position_from_velocity, group.velocity_from_position,
                  group.velocity_from_position};
}

void ppm_tables(StereoPassTables& t, const PpmCoefficients& type_i, const PpmCoefficients& type_ii) {
    for (std::size_t lane = 0; lane < kHolders; ++lane) {
        const PpmCoefficients& c = lane < 4 ? type_i : type_ii;
        const std::size_t holder = lane % 4 / 2; // slow, fast
        const double keep = 1.0 - c.take[holder];
        t.ppm_keep[lane] = static_cast<float>(keep);
        t.ppm_keep_twice[lane] = static_cast<float>(keep * keep);
        t.ppm_fall[lane] = static_cast<float>(std::pow(c.fall, static_cast<double>(kStereoHalf)));
        for (std::size_t frame = 0; frame < kStereoHalf; ++frame) {
            t.ppm_take[frame][lane] =
                static_cast<float>(c.take[holder] / std::pow(c.fall, static_cast<double>(frame + 1)));
        }
    }
}

std::size_t true_peak_tables(StereoPassTables& t, double rate_hz) {
    const TruePeakFilter filter = true_peak_filter(rate_hz);
    for (std::size_t k = 0; k < kTruePeakPairs; ++k) {
        t.half[k] = static_cast<float>(filter.half[k]);
        t.quarter_even[k] = static_cast<float>((filter.near[k] + filter.far[k]) / 2.0);
        t.quarter_odd[k] = static_cast<float>((filter.near[k] - filter.far[k]) / 2.0);
    }
    return filter.oversampling;
}

} // namespace

StereoMeters::StereoMeters(const StereoMeterConfig& config)
    : rate_hz_(config.sample_rate_hz), vu_unit_(config.vu_reference * 2.0 / std::numbers::pi),
      ppm_reference_(config.ppm_reference), ppm_i_(ppm_coefficients(PpmScale::din, config.sample_rate_hz)),
      ppm_ii_(ppm_coefficients(PpmScale::ebu, config.sample_rate_hz)),
      correlation_(correlation_coefficients(config.sample_rate_hz, config.correlation_s)),
      loudness_(config.sample_rate_hz) {
    if (!(config.vu_reference > 0.0) || !(config.ppm_reference > 0.0) ||
        !std::isfinite(config.vu_reference + config.ppm_reference)) {
        throw std::invalid_argument("stereo meters: VU reference " + std::to_string(config.vu_reference) +
                                    ", PPM reference " + std::to_string(config.ppm_reference) +
                                    ": both amplitudes must be positive");
    }
    (void)PeakMeter(config.clip); // says what is wrong with the rule
    weighting_tables(tables_, rate_hz_);
    vu_tables(tables_, rate_hz_);
    ppm_tables(tables_, ppm_i_, ppm_ii_);
    oversampling_ = true_peak_tables(tables_, rate_hz_);
    tables_.correlation_keep = static_cast<float>(std::pow(correlation_.keep, static_cast<double>(kStereoHalf)));
    tables_.full_scale = config.clip.full_scale;
    tables_.below_full_scale = std::nextafter(config.clip.full_scale, 0.0F);
    tables_.clip_run = config.clip.run;
    groups_left_ = groups_in_tick_ = groups_of_tick(0);
}

std::size_t StereoMeters::groups_of_tick(std::uint64_t tick) const noexcept {
    const double groups_per_tick = rate_hz_ / static_cast<double>(ProgrammeLoudness::kTicksPerSecond * kStereoGroup);
    const auto group_at = [&](std::uint64_t t) { return std::llround(static_cast<double>(t) * groups_per_tick); };
    return static_cast<std::size_t>(group_at(tick + 1) - group_at(tick));
}

void StereoMeters::process(std::span<const float> interleaved) noexcept {
    process(interleaved.data(), nullptr, 2, interleaved.size() / 2);
}

void StereoMeters::process(std::span<const float> left, std::span<const float> right) noexcept {
    process(left.data(), right.data(), 1, std::min(left.size(), right.size()));
}

void StereoMeters::process(const float* first, const float* second, std::size_t step, std::size_t frames) noexcept {
    while (frames > 0) {
        const std::size_t now = std::min(frames, kStrip - staged_);
        stereo_stage(first, second, now,
                     {strip_.interleaved.data() + 2 * staged_, strip_.left.data() + kPast + staged_,
                      strip_.right.data() + kPast + staged_});
        staged_ += now;
        first += step * now;
        second = second == nullptr ? nullptr : second + step * now;
        frames -= now;
        pass_strip();
    }
}

void StereoMeters::pass_strip() noexcept {
    std::size_t at = 0; // frame of the strip
    for (std::size_t groups = staged_ / kStereoGroup; groups > 0;) {
        const std::size_t now = std::min(groups, groups_left_);
        stereo_pass(tables_, state_, strip_.interleaved.data() + 2 * at, strip_.left.data() + kPast + at,
                    strip_.right.data() + kPast + at, now, oversampling_);
        groups -= now;
        at += now * kStereoGroup;
        groups_left_ -= now;
        if (groups_left_ == 0) {
            end_tick();
        }
    }
    if (at == 0) {
        return;
    }
    staged_ -= at;
    std::memmove(strip_.interleaved.data(), strip_.interleaved.data() + 2 * at, 2 * staged_ * sizeof(float));
    for (auto* const channel : {&strip_.left, &strip_.right}) {
        std::memmove(channel->data(), channel->data() + at, (kPast + staged_) * sizeof(float));
    }
}

void StereoMeters::end_tick() noexcept {
    const std::size_t frames = groups_in_tick_ * kStereoGroup;
    loudness_.add_tick(state_.k_energy[2] + state_.k_energy[3], frames);
    state_.k_energy = {};
    running_.momentary = std::max(running_.momentary, loudness_.momentary_power());
    running_.short_term = std::max(running_.short_term, loudness_.short_term_power());
    running_.lowest_correlation = std::min(running_.lowest_correlation, correlation_now());

    Squares& squares = squares_[ticks_ % kRmsTicks];
    squares = {.sums = {}, .frames = frames};
    for (std::size_t lane = 0; lane < kStereoHalf; ++lane) {
        squares.sums[0] += static_cast<double>(state_.left_square[lane]);
        squares.sums[1] += static_cast<double>(state_.right_square[lane]);
    }
    state_.left_square = state_.right_square = {};

    // what fades away in silence must not become denormal; 300 dB below full scale reaches no reading
    let_silence_be(state_.left_left);
    let_silence_be(state_.right_right);
    let_silence_be(state_.left_right);
    let_silence_be(state_.vu);
    for (std::size_t lane = 0; lane < kHolders; ++lane) {
        state_.holders[lane] = std::max(state_.holders[lane], 1e-20F);
    }
    for (double& w : state_.k_w1) {
        w += 1e-15;
    }

    ++ticks_;
    groups_left_ = groups_in_tick_ = groups_of_tick(ticks_);
}

double StereoMeters::correlation_now() const noexcept {
    // within a half all frames count alike: it is a thousandth of the averaging time
    double left_right = 0.0, left_left = 0.0, right_right = 0.0;
    for (std::size_t lane = 0; lane < kStereoHalf; ++lane) {
        left_right += static_cast<double>(state_.left_right[lane]);
        left_left += static_cast<double>(state_.left_left[lane]);
        right_right += static_cast<double>(state_.right_right[lane]);
    }
    const double take = correlation_.take;
    return correlation(take * left_right, take * left_left, take * right_right, correlation_.silence);
}

StereoMeters::Pair StereoMeters::holders(std::size_t type) const noexcept {
    const float* const h = state_.holders.data() + 4 * type;
    return {static_cast<double>(h[0] + h[2]), static_cast<double>(h[1] + h[3])};
}

void StereoMeters::fold() noexcept {
    running_.sample_peak = {highest_of(state_.left_peak), highest_of(state_.right_peak)};
    running_.true_peak = {std::max(running_.sample_peak[0], highest_of(state_.left_true)),
                          std::max(running_.sample_peak[1], highest_of(state_.right_true))};
    running_.vu = {state_.vu_highest[0], state_.vu_highest[1]};
    const auto& high = state_.holders_highest;
    running_.ppm_i = {static_cast<double>(high[0]), static_cast<double>(high[1])};
    running_.ppm_ii = {static_cast<double>(high[4]), static_cast<double>(high[5])};
    for (std::size_t reader = 0; reader < readers_; ++reader) {
        Marks& marks = marks_[reader];
        for (const auto figure : {&Marks::sample_peak, &Marks::true_peak, &Marks::vu, &Marks::ppm_i, &Marks::ppm_ii}) {
            for (std::size_t channel = 0; channel < 2; ++channel) {
                (marks.*figure)[channel] = std::max((marks.*figure)[channel], (running_.*figure)[channel]);
            }
        }
        marks.momentary = std::max(marks.momentary, running_.momentary);
        marks.short_term = std::max(marks.short_term, running_.short_term);
        marks.lowest_correlation = std::min(marks.lowest_correlation, running_.lowest_correlation);
    }
    state_.left_peak = state_.right_peak = state_.left_true = state_.right_true = {};
    state_.vu_highest = state_.vu;
    state_.holders_highest = {};
    running_ = {};
}

void StereoMeters::begin_anew(Marks& marks) const noexcept {
    marks = {};
    marks.momentary = loudness_.momentary_power();
    marks.short_term = loudness_.short_term_power();
    marks.lowest_correlation = correlation_now();
    marks.clips_before = state_.clips;
}

std::size_t StereoMeters::add_reader() {
    if (readers_ == kMostReaders) {
        throw std::length_error("stereo meters: " + std::to_string(kMostReaders) +
                                " readers are there already; let some of them share one");
    }
    fold(); // the new one hears of what comes from now on
    begin_anew(marks_[readers_]);
    return readers_++;
}

double StereoMeters::ppm_db(double holders, const PpmCoefficients& c) const noexcept {
    return 20.0 * std::log10(std::max(holders * c.gain, c.lowest) / ppm_reference_);
}

StereoReading StereoMeters::read(std::size_t reader) {
    if (reader >= readers_) {
        throw std::out_of_range("stereo meters: reader " + std::to_string(reader) + " asked for; there are " +
                                std::to_string(readers_));
    }
    fold();
    Marks& marks = marks_[reader];
    StereoReading reading;
    const Pair vu_now = needles(), i_now = holders(0), ii_now = holders(1);
    Squares recent;
    for (const Squares& tick : squares_) {
        recent.frames += tick.frames;
        recent.sums[0] += tick.sums[0];
        recent.sums[1] += tick.sums[1];
    }
    for (std::size_t channel = 0; channel < 2; ++channel) {
        reading.sample_peak_dbfs[channel] = db_of(marks.sample_peak[channel], kSilence_dbfs);
        reading.true_peak_dbtp[channel] = db_of(marks.true_peak[channel], kSilence_dbfs);
        reading.vu_now[channel] = db_of(vu_now[channel] / vu_unit_, kLeastVu);
        reading.vu[channel] = std::max(reading.vu_now[channel], db_of(marks.vu[channel] / vu_unit_, kLeastVu));
        reading.ppm_type_i_now_db[channel] = ppm_db(i_now[channel], ppm_i_);
        reading.ppm_type_ii_now_db[channel] = ppm_db(ii_now[channel], ppm_ii_);
        reading.ppm_type_i_db[channel] = ppm_db(std::max(i_now[channel], marks.ppm_i[channel]), ppm_i_);
        reading.ppm_type_ii_db[channel] = ppm_db(std::max(ii_now[channel], marks.ppm_ii[channel]), ppm_ii_);
        reading.clips[channel] = state_.clips[channel] - marks.clips_before[channel];
        const double frames = std::max(1.0, static_cast<double>(recent.frames));
        reading.rms_dbfs[channel] = db_of(std::sqrt(2.0 * recent.sums[channel] / frames), kSilence_dbfs);
    }
    reading.momentary_now_lufs = loudness_.momentary_lufs();
    reading.short_term_now_lufs = loudness_.short_term_lufs();
    reading.momentary_lufs = std::max(reading.momentary_now_lufs, ProgrammeLoudness::lufs_of(marks.momentary));
    reading.short_term_lufs = std::max(reading.short_term_now_lufs, ProgrammeLoudness::lufs_of(marks.short_term));
    reading.correlation = correlation_now();
    reading.lowest_correlation = std::min(reading.correlation, marks.lowest_correlation);
    begin_anew(marks);
    return reading;
}

} // namespace overbias::dsp
