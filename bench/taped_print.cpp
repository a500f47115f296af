// SPDX-License-Identifier: Apache-2.0
#include "bench/taped_print.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>

namespace overbias::bench {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kOperating_dbfs = -14.0, kSpeed_m_s = 15.0 * 0.0254;
constexpr double kPlay_s = 1.2, kRecord_s = 2.2, kSlateFrom_s = 3.4, kSlate_s = 3.0, kGap_s = 1.5, kPost_s = 1.0;
constexpr double kRoundTrip_s = 1.3e-3;

double amplitude(double db) {
    return std::pow(10.0, db / 20.0);
}

class Random {
  public:
    explicit Random(std::uint32_t seed) : state_(seed * 2654435761U + 1U) {}
    double between(double low, double high) { return low + (high - low) * static_cast<double>(next()) / 4294967296.0; }
    /// Mean square 1.
    double noise() { return std::numbers::sqrt3 * between(-1.0, 1.0); }

  private:
    std::uint32_t next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return state_;
    }
    std::uint32_t state_;
};

/// Struck notes with partials over a bed of noise that fills all bands, most of it common to both channels.
void add_programme(std::span<float> track, double rate_hz) {
    Random random(7);
    const std::size_t frames = track.size() / 2;
    const double low_pass = 1.0 - std::exp(-kTwoPi * 2500.0 / rate_hz);
    std::array<double, 2> bed{};
    for (std::size_t n = 0; n < frames; ++n) {
        const double common = random.noise();
        for (std::size_t c = 0; c < 2; ++c) {
            bed[c] += low_pass * (0.8 * common + 0.6 * random.noise() - bed[c]);
            track[2 * n + c] = static_cast<float>(0.04 * bed[c] * std::sqrt(rate_hz / 48000.0));
        }
    }
    for (double at_s = 0.0; at_s < static_cast<double>(frames) / rate_hz - 1.0; at_s += 0.25) {
        const double pitch_hz = 82.4 * std::exp2(random.between(0.0, 36.0) / 12.0);
        const double level = random.between(0.02, 0.06), right = random.between(0.2, 0.8);
        const auto from = static_cast<std::size_t>(at_s * rate_hz), length = static_cast<std::size_t>(0.9 * rate_hz);
        for (int partial = 1; partial <= 10 && pitch_hz * partial < 16000.0; ++partial) {
            const double turn = kTwoPi * pitch_hz * partial / rate_hz,
                         decay = std::exp(-4.0 * partial / (2.0 * rate_hz));
            const double turn_re = decay * std::cos(turn), turn_im = decay * std::sin(turn);
            double re = level / partial, im = 0.0;
            for (std::size_t n = 0; n < length; ++n) {
                const double struck = std::min(1.0, static_cast<double>(n) / (0.002 * rate_hz));
                track[2 * (from + n)] += static_cast<float>((1.0 - right) * struck * im);
                track[2 * (from + n) + 1] += static_cast<float>(right * struck * im);
                const double next = re * turn_re - im * turn_im;
                im = re * turn_im + im * turn_re;
                re = next;
            }
        }
    }
}

/// Reads between samples: Hann-windowed sinc.
class Between {
  public:
    Between() : taps_(static_cast<std::size_t>(kPlaces + 1) * kTaps) {
        for (int place = 0; place <= kPlaces; ++place) {
            for (int k = 0; k < kTaps; ++k) {
                const double t = k - (kTaps / 2 - 1) - static_cast<double>(place) / kPlaces;
                const double x = std::numbers::pi * t;
                const double sinc = std::abs(x) < 1e-12 ? 1.0 : std::sin(x) / x;
                taps_[static_cast<std::size_t>(place * kTaps + k)] =
                    static_cast<float>(sinc * (0.5 + 0.5 * std::cos(2.0 * x / kTaps)));
            }
        }
    }
    [[nodiscard]] double read(std::span<const float> interleaved, std::size_t channel, double place) const {
        const double whole = std::floor(place);
        const auto first = static_cast<std::int64_t>(whole) - (kTaps / 2 - 1);
        if (first < 0 || 2 * (first + kTaps) > static_cast<std::int64_t>(interleaved.size())) {
            return 0.0;
        }
        const auto row = static_cast<std::size_t>(std::lround((place - whole) * kPlaces)) * kTaps;
        const std::size_t from = 2 * static_cast<std::size_t>(first) + channel;
        float sum = 0.0F;
        for (std::size_t k = 0; k < kTaps; ++k) {
            sum += taps_[row + k] * interleaved[from + 2 * k];
        }
        return static_cast<double>(sum);
    }

  private:
    static constexpr int kTaps = 24, kPlaces = 2048;
    std::vector<float> taps_;
};

/// How far the tape is ahead of even motion, in seconds of tape: wow, the capstan, scrape.
double wander_s(double time_s) {
    struct Swing {
        double peak, hz;
    };
    double wander = 0.0;
    for (const Swing& swing : {Swing{0.00015, 0.61}, Swing{0.0001, 9.3}, Swing{0.00005, 171.0}}) {
        wander += swing.peak / (kTwoPi * swing.hz) * std::sin(kTwoPi * swing.hz * time_s);
    }
    return wander;
}

void bring_back(TapedPrint& print) {
    const double rate_hz = print.config.sample_rate_hz;
    const Between between;
    const std::array<double, 2> gain{amplitude(0.35), amplitude(-0.4)}, azimuth_s{0.0, 1.8e-6};
    const double treble = amplitude(-0.4), treble_from = 1.0 - std::exp(-kTwoPi * 9000.0 / rate_hz);
    // 60 dB below operating level in 20 kHz, electronics 100 dB below full scale
    const double hiss = amplitude(kOperating_dbfs - 3.0 - 60.0) * std::sqrt(rate_hz / 40000.0);
    const double rest = amplitude(-100.0);
    std::array<double, 2> low{};
    std::array<Random, 2> noise{Random(11), Random(12)};
    double delay_s = 0.0;
    print.came.resize(print.sent.size());
    for (std::size_t n = 0; n < print.came.size() / 2; ++n) {
        const double time_s = static_cast<double>(n) / print.capture_rate_hz;
        const double head_s = time_s - kRoundTrip_s;
        if (n % 16 == 0) {
            delay_s = print.head_delay_s - (wander_s(head_s) - wander_s(head_s - print.head_delay_s));
        }
        for (std::size_t c = 0; c < 2; ++c) {
            const double any = noise[c].noise();
            double came = rest * any;
            if (time_s >= kPlay_s) {
                const double place = (head_s - delay_s - azimuth_s[c]) * print.play_rate_hz;
                const double read = gain[c] * between.read(print.sent, c, place);
                low[c] += treble_from * (read - low[c]);
                came += low[c] + treble * (read - low[c]) + hiss * any;
            }
            print.came[2 * n + c] = static_cast<float>(came);
        }
    }
}

} // namespace

TapedPrint tape_print(double rate_hz, double programme_s) {
    const auto frames = [rate_hz](double seconds) {
        return static_cast<std::int64_t>(std::llround(seconds * rate_hz));
    };
    TapedPrint print;
    print.config.sample_rate_hz = rate_hz;
    print.config.record_to_reproduce_m = 0.0350;
    print.config.round_trip_s = kRoundTrip_s;
    print.config.play_dbfs_at_operating_level = kOperating_dbfs;
    print.config.capture_dbfs_at_operating_level = kOperating_dbfs;
    print.play_rate_hz = rate_hz * (1.0 + 7e-6);
    print.capture_rate_hz = rate_hz * (1.0 - 13e-6);
    print.head_delay_s = 0.0351 / (kSpeed_m_s * 1.0004);
    print.lead_in_from = frames(kRecord_s);
    print.slate_from = frames(kSlateFrom_s);
    print.gap_from = print.slate_from + frames(kSlate_s);
    print.track_from = print.gap_from + frames(kGap_s);
    print.track_end = print.track_from + frames(programme_s);
    print.sent.resize(2 * static_cast<std::size_t>(print.track_end + frames(kPost_s)));
    for (std::int64_t n = print.slate_from; n < print.gap_from; ++n) {
        const double phase = kTwoPi * 1000.0 * static_cast<double>(n - print.slate_from) / rate_hz;
        const auto tone = static_cast<float>(amplitude(kOperating_dbfs) * std::sin(phase));
        print.sent[2 * static_cast<std::size_t>(n)] = print.sent[2 * static_cast<std::size_t>(n) + 1] = tone;
    }
    add_programme(std::span<float>(print.sent)
                      .subspan(2 * static_cast<std::size_t>(print.track_from),
                               2 * static_cast<std::size_t>(print.track_end - print.track_from)),
                  rate_hz);
    bring_back(print);
    return print;
}

void add_sections(const TapedPrint& print, mastering::OffTapeComparison& comparison) {
    using mastering::SectionKind;
    comparison.add_section(SectionKind::Gap, "lead-in", print.lead_in_from, print.slate_from - print.lead_in_from);
    comparison.add_section(SectionKind::Slate, "slate", print.slate_from, print.gap_from - print.slate_from);
    comparison.add_section(SectionKind::Gap, "gap", print.gap_from, print.track_from - print.gap_from);
    comparison.add_section(SectionKind::Track, "the first track of side A", print.track_from,
                           print.track_end - print.track_from);
}

void feed_block(const TapedPrint& print, mastering::OffTapeComparison& comparison, std::int64_t first,
                std::int64_t count) {
    const auto tenth = static_cast<std::int64_t>(0.1 * print.config.sample_rate_hz);
    if (first / tenth != (first - count) / tenth || first == 0) {
        const auto at = static_cast<double>(first);
        comparison.set_clocks({first, at / print.play_rate_hz}, {first, at / print.capture_rate_hz});
    }
    const auto from = 2 * static_cast<std::size_t>(first), samples = 2 * static_cast<std::size_t>(count);
    comparison.push_reference(first, std::span<const float>(print.sent).subspan(from, samples));
    comparison.push_return(first, std::span<const float>(print.came).subspan(from, samples));
}

} // namespace overbias::bench
