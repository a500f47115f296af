// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/programme_loudness.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kOffset_lu = -0.691; // the gain of the weighting at 997 Hz, so that a sine reads its own level

} // namespace

ProgrammeLoudness::ProgrammeLoudness(double sample_rate_hz) {
    if (!(sample_rate_hz >= 1000.0) || !std::isfinite(sample_rate_hz)) {
        throw std::invalid_argument("loudness: sample rate " + std::to_string(sample_rate_hz) +
                                    " Hz: must be at least 1000");
    }
    ring_.fill({0.0, static_cast<std::size_t>(std::lround(sample_rate_hz / kTicksPerSecond))});
    momentary_ = total_of_last(kMomentaryTicks);
    short_term_ = total_of_last(kShortTermTicks);
}

double ProgrammeLoudness::lufs_of(double power) noexcept {
    return power > 0.0 ? std::max(kSilence_lufs, kOffset_lu + 10.0 * std::log10(power)) : kSilence_lufs;
}

ProgrammeLoudness::Window ProgrammeLoudness::total_of_last(std::size_t ticks) const noexcept {
    Window total;
    for (std::size_t back = 1; back <= ticks; ++back) {
        const Window& tick = ring_[(next_ + kShortTermTicks - back) % kShortTermTicks];
        total.energy += tick.energy;
        total.frames += tick.frames;
    }
    return total;
}

void ProgrammeLoudness::add_tick(double energy, std::size_t frames) noexcept {
    const Window leaves_short_term = ring_[next_];
    const Window leaves_momentary = ring_[(next_ + kShortTermTicks - kMomentaryTicks) % kShortTermTicks];
    ring_[next_] = {energy, frames};
    next_ = (next_ + 1) % kShortTermTicks;
    momentary_.energy = std::max(0.0, momentary_.energy + energy - leaves_momentary.energy);
    momentary_.frames += frames - leaves_momentary.frames;
    short_term_.energy = std::max(0.0, short_term_.energy + energy - leaves_short_term.energy);
    short_term_.frames += frames - leaves_short_term.frames;
    ++ticks_;
    if (next_ == 0) { // what the running sums lose in rounding ends here: every 3 s
        short_term_ = total_of_last(kShortTermTicks);
        momentary_ = total_of_last(kMomentaryTicks);
    }
    if (ticks_ % kBlockTicks != 0) {
        return;
    }
    if (ticks_ >= kMomentaryTicks) {
        blocks_.add(momentary_.power());
    }
    if (ticks_ >= kShortTermTicks) {
        short_terms_.add(short_term_.power());
    }
}

void ProgrammeLoudness::restart() noexcept {
    ticks_ = 0;
    blocks_.clear();
    short_terms_.clear();
}

void ProgrammeLoudness::Histogram::add(double power_of_entry) noexcept {
    const double lufs = lufs_of(power_of_entry);
    if (!(lufs > kGate_lufs)) {
        return;
    }
    const auto step =
        std::min(kSteps - 1, static_cast<std::size_t>((std::min(lufs, kTop_lufs) - kGate_lufs) * kStepsPerLu));
    ++count[step];
    power[step] += power_of_entry;
    ++total;
    total_power += power_of_entry;
}

void ProgrammeLoudness::Histogram::clear() noexcept {
    std::fill(count.begin(), count.end(), 0U);
    std::fill(power.begin(), power.end(), 0.0);
    total = 0;
    total_power = 0.0;
}

std::size_t ProgrammeLoudness::Histogram::gate(double below_lu) const noexcept {
    const double gate_lufs = lufs_of(total_power / static_cast<double>(total)) - below_lu;
    const double step = (gate_lufs - kGate_lufs) * kStepsPerLu + 0.5;
    return step > 0.0 ? std::min(kSteps - 1, static_cast<std::size_t>(step)) : 0;
}

double ProgrammeLoudness::Histogram::entry(std::size_t from, std::uint64_t rank) const noexcept {
    std::uint64_t passed = 0;
    std::size_t step = from;
    for (; step < kSteps; ++step) {
        passed += count[step];
        if (passed > rank) {
            break;
        }
    }
    // its own energy tells more than the middle of the step
    step = std::min(step, kSteps - 1);
    return count[step] == 0 ? kGate_lufs : lufs_of(power[step] / static_cast<double>(count[step]));
}

std::optional<double> ProgrammeLoudness::integrated_lufs() const noexcept {
    if (blocks_.total == 0) {
        return std::nullopt;
    }
    std::uint64_t count = 0;
    double power = 0.0;
    for (std::size_t step = blocks_.gate(10.0); step < kSteps; ++step) {
        count += blocks_.count[step];
        power += blocks_.power[step];
    }
    return count == 0 ? std::nullopt : std::optional(lufs_of(power / static_cast<double>(count)));
}

std::optional<LoudnessRange> ProgrammeLoudness::range() const noexcept {
    if (short_terms_.total == 0) {
        return std::nullopt;
    }
    const std::size_t from = short_terms_.gate(20.0);
    std::uint64_t count = 0;
    for (std::size_t step = from; step < kSteps; ++step) {
        count += short_terms_.count[step];
    }
    if (count == 0) {
        return std::nullopt;
    }
    const auto percentile = [&](double percent) { // index of the standard counts from 1
        const double index = std::round(static_cast<double>(count - 1) * percent / 100.0 + 1.0);
        return short_terms_.entry(from, static_cast<std::uint64_t>(index) - 1);
    };
    return LoudnessRange{percentile(95.0) - percentile(10.0), measured_s() >= 60.0};
}

} // namespace overbias::dsp
