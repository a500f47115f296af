// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/print_through.hpp"

#include "dsp/analysis/power_spectrum.hpp"
#include "dsp/analysis/tone.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kShortest_s = 0.5, kSegment_s = 0.2;
constexpr double kLowest_hz = 300.0;
constexpr double kSearch = 0.02;
constexpr double kBlock_s = 0.05, kBlockPeriods = 10.0;
constexpr int kHops = 8;            ///< a block
constexpr double kBurstFrom = 0.01; ///< power re the loudest block, -20 dB
constexpr double kShortestBurst_s = 0.1;
constexpr double kInner = 0.8;     ///< of a burst that is measured
constexpr double kStandsOut = 4.0; ///< power, 6 dB
constexpr std::array<double, 4> kAside_hz{-150.0, -90.0, 90.0, 150.0};
constexpr double kSilence = 1e-20;

/// Power of the tone, and of the noise beside it, in blocks half overlapped many times.
class Blocks {
  public:
    Blocks(std::span<const float> channel, double rate_hz, double hz)
        : hop_s_(std::max(kBlock_s, kBlockPeriods / hz) / kHops) {
        const auto size = static_cast<std::size_t>(hop_s_ * kHops * rate_hz);
        for (double at = 0.0; at + static_cast<double>(size) <= static_cast<double>(channel.size());
             at = static_cast<double>(tone_.size()) * hop_s_ * rate_hz) {
            const auto block = channel.subspan(static_cast<std::size_t>(at), size);
            tone_.push_back(std::norm(tone_at(block, hz / rate_hz)));
            double noise = 0.0;
            for (const double aside : kAside_hz) {
                noise += std::norm(tone_at(block, (hz + aside) / rate_hz));
            }
            noise_.push_back(noise / static_cast<double>(kAside_hz.size()));
        }
    }
    [[nodiscard]] double hop_s() const { return hop_s_; }
    [[nodiscard]] double block_s() const { return hop_s_ * kHops; }
    [[nodiscard]] std::span<const double> tone() const { return tone_; }
    /// Time of a block's middle.
    [[nodiscard]] double time(double block) const { return (block + 0.5 * kHops) * hop_s_; }

    struct Powers {
        double tone = 0.0, noise = 0.0;
        bool inside = false; ///< all of it is in the stretch
    };
    /// Means over the blocks that lie within a time.
    [[nodiscard]] Powers between(double from_s, double to_s) const {
        const double half_s = block_s() / 2.0;
        double first = std::ceil((from_s + half_s) / hop_s_ - 0.5 * kHops - 1e-9);
        double last = std::floor((to_s - half_s) / hop_s_ - 0.5 * kHops + 1e-9);
        if (last < first) { // shorter than a block: the one in its middle
            first = last = std::round((from_s + to_s) / 2.0 / hop_s_ - 0.5 * kHops);
        }
        Powers powers;
        powers.inside = first >= 0.0 && last < static_cast<double>(tone_.size());
        if (powers.inside) {
            const double count = last - first + 1.0;
            for (auto k = static_cast<std::size_t>(first); k <= static_cast<std::size_t>(last); ++k) {
                powers.tone += tone_[k] / count;
                powers.noise += noise_[k] / count;
            }
        }
        return powers;
    }

  private:
    double hop_s_;
    std::vector<double> tone_, noise_;
};

std::vector<ToneBurst> find_bursts(const Blocks& blocks) {
    const auto power = blocks.tone();
    const double loudest = *std::max_element(power.begin(), power.end());
    std::vector<ToneBurst> bursts;
    for (std::size_t k = 0; k < power.size();) {
        if (!(power[k] > kBurstFrom * loudest)) {
            ++k;
            continue;
        }
        const std::size_t first = k;
        while (k < power.size() && power[k] > kBurstFrom * loudest) {
            ++k;
        }
        const double half = *std::max_element(power.begin() + static_cast<std::ptrdiff_t>(first),
                                              power.begin() + static_cast<std::ptrdiff_t>(k)) /
                            4.0;
        // a block whose middle lies on an edge holds half the amplitude
        const auto crossing = [&](std::size_t below, std::size_t above) {
            const double low = std::sqrt(power[below]), high = std::sqrt(power[above]), at = std::sqrt(half);
            const double share = high > low ? (at - low) / (high - low) : 0.0;
            return blocks.time(static_cast<double>(below) +
                               share * (static_cast<double>(above) - static_cast<double>(below)));
        };
        std::size_t begin = first, end = k - 1;
        while (begin < end && power[begin] < half) {
            ++begin;
        }
        while (end > begin && power[end] < half) {
            --end;
        }
        // a burst that is cut off by an end of the stretch is not known whole
        if (begin > 0 && end + 1 < power.size()) {
            const ToneBurst burst{crossing(begin - 1, begin), crossing(end + 1, end)};
            if (burst.end_s - burst.begin_s >= kShortestBurst_s) {
                bursts.push_back(burst);
            }
        }
    }
    return bursts;
}

/// What lies `shift_s` after (before: negative) the bursts, means over those that have such a place.
class Places {
  public:
    Places(const Blocks& blocks, const std::vector<ToneBurst>& bursts) : blocks_(blocks), bursts_(bursts) {}

    [[nodiscard]] Blocks::Powers at(double shift_s) const {
        Blocks::Powers mean;
        double count = 0.0;
        for (const ToneBurst& burst : bursts_) {
            const double edge_s = 0.5 * (1.0 - kInner) * (burst.end_s - burst.begin_s);
            const double from_s = burst.begin_s + edge_s + shift_s, to_s = burst.end_s - edge_s + shift_s;
            const auto powers = blocks_.between(from_s, to_s);
            if (powers.inside && (shift_s == 0.0 || clear(from_s, to_s))) {
                mean.tone += powers.tone;
                mean.noise += powers.noise;
                count += 1.0;
            }
        }
        mean.inside = count > 0.0;
        if (mean.inside) {
            mean.tone /= count;
            mean.noise /= count;
        }
        return mean;
    }
    /// Both echoes' power, at a turn of this length.
    [[nodiscard]] double score(double turn_s) const {
        const auto before = at(-turn_s), after = at(turn_s);
        const double count = (before.inside ? 1.0 : 0.0) + (after.inside ? 1.0 : 0.0);
        return count > 0.0 ? (before.tone - before.noise + after.tone - after.noise) / count : 0.0;
    }

  private:
    [[nodiscard]] bool clear(double from_s, double to_s) const {
        const double room_s = blocks_.block_s();
        return std::none_of(bursts_.begin(), bursts_.end(), [&](const ToneBurst& burst) {
            return to_s > burst.begin_s - room_s && from_s < burst.end_s + room_s;
        });
    }
    const Blocks& blocks_;
    const std::vector<ToneBurst>& bursts_;
};

double find_turn(const Places& places, const PrintThroughConfig& config, double step_s) {
    double best = -std::numeric_limits<double>::infinity(), turn_s = config.least_turn_s;
    for (double at_s = config.least_turn_s; at_s <= config.most_turn_s + 1e-9; at_s += step_s) {
        if (const double score = places.score(at_s); score > best) {
            best = score;
            turn_s = at_s;
        }
    }
    // the inner part of the burst fits anywhere on a flat top of the score: take the middle of what is near the best
    double sum = 0.0, weight = 0.0;
    for (double at_s = std::max(config.least_turn_s, turn_s - 0.5); at_s <= std::min(config.most_turn_s, turn_s + 0.5);
         at_s += step_s) {
        const double over = places.score(at_s) - 0.5 * best;
        const bool same = std::abs(at_s - turn_s) < 0.25;
        sum += same && over > 0.0 ? over * at_s : 0.0;
        weight += same && over > 0.0 ? over : 0.0;
    }
    return weight > 0.0 ? sum / weight : turn_s;
}

void check(std::span<const float> channel, const PrintThroughConfig& config) {
    if (!(config.rate_hz > 0.0) || !(static_cast<double>(channel.size()) >= kShortest_s * config.rate_hz)) {
        throw std::invalid_argument("print-through: " + std::to_string(channel.size()) + " samples at " +
                                    std::to_string(config.rate_hz) + " Hz: expected half a second or more");
    }
    if (!(config.about_hz >= kLowest_hz) || !(config.about_hz <= config.rate_hz / 2.0 - kLowest_hz)) {
        throw std::invalid_argument("print-through: a tone of " + std::to_string(config.about_hz) +
                                    " Hz: expected 300 Hz or more, and as much below half the rate");
    }
    if (!(config.least_turn_s > 0.0) || !(config.most_turn_s >= config.least_turn_s)) {
        throw std::invalid_argument("print-through: a turn of " + std::to_string(config.least_turn_s) + " to " +
                                    std::to_string(config.most_turn_s) +
                                    " s: expected a time above 0, or two in order");
    }
}

} // namespace

double turn_time(double pack_radius_m, double speed_m_per_s) {
    if (!(pack_radius_m > 0.0) || !(speed_m_per_s > 0.0)) {
        throw std::invalid_argument("turn of a reel: radius " + std::to_string(pack_radius_m) + " m, speed " +
                                    std::to_string(speed_m_per_s) + " m/s: expected both above 0");
    }
    return 2.0 * std::numbers::pi * pack_radius_m / speed_m_per_s;
}

PrintThrough measure_print_through(std::span<const float> channel, const PrintThroughConfig& config) {
    check(channel, config);
    PrintThrough result;
    const PowerSpectrum spectrum(channel, config.rate_hz, kSegment_s, PowerSpectrum::Window::hann);
    result.frequency_hz = spectrum.peak_hz(config.about_hz * (1.0 - kSearch) - spectrum.bin_hz(),
                                           config.about_hz * (1.0 + kSearch) + spectrum.bin_hz());
    const Blocks blocks(channel, config.rate_hz, result.frequency_hz);
    result.bursts = find_bursts(blocks);
    std::erase_if(result.bursts, [&](const ToneBurst& burst) {
        return burst.end_s - burst.begin_s + blocks.block_s() >= config.most_turn_s;
    });
    const Places places(blocks, result.bursts);
    const double burst = places.at(0.0).tone;
    if (result.bursts.empty() || !(burst > kSilence)) {
        throw std::invalid_argument("print-through: no burst of " + std::to_string(config.about_hz) +
                                    " Hz of 0.1 s or more, and shorter than a turn, expected one or more");
    }
    result.burst_dbfs = 10.0 * std::log10(burst);
    const bool known = config.least_turn_s == config.most_turn_s;
    result.turn_s = known ? config.least_turn_s : find_turn(places, config, blocks.hop_s());
    const auto echo = [&](double shift_s) -> std::optional<PrintEcho> {
        const auto powers = places.at(shift_s);
        if (!powers.inside) {
            return std::nullopt;
        }
        const double noise = std::max(powers.noise, kSilence), over = powers.tone - powers.noise;
        const bool below = over < kStandsOut * noise;
        return PrintEcho{10.0 * std::log10((below ? kStandsOut * noise : over) / burst),
                         10.0 * std::log10(noise / burst), below};
    };
    result.before = echo(-result.turn_s);
    result.after = echo(result.turn_s);
    const auto heard = [](const std::optional<PrintEcho>& it) { return it && !it->below_noise; };
    result.turn_found = known || heard(result.before) || heard(result.after);
    return result;
}

} // namespace overbias::dsp
