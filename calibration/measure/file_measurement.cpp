// SPDX-License-Identifier: Apache-2.0
#include "calibration/measure/file_measurement.hpp"

#include "audio/float_file.hpp"
#include "calibration/measure/measured_stretch.hpp"
#include "calibration/measure/measured_test_tones.hpp"
#include "dsp/analysis/noise.hpp"
#include "dsp/meters/loudness_meter.hpp"
#include "dsp/meters/peak_meter.hpp"
#include "dsp/meters/true_peak_meter.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace overbias::calibration {

namespace {

constexpr double kPiece_s = 20.0;
constexpr double kShortestPiece_s = 0.5;
constexpr double kTone_s = 30.0, kFlutter_s = 300.0, kAzimuthTone_s = 10.0, kProgramme_s = 60.0;
constexpr double kLeastFlutter_s = 6.0; ///< 4 s to settle and one full turn of the slowest figure
constexpr double kEdge_s = 0.05;        ///< off either end of a tone, which tape_tones.hpp knows to 10 ms
constexpr double kSilence_dbfs = -90.0; ///< what is quieter is no tone
constexpr std::size_t kMostTones = 32;  ///< that the azimuth is taken of
constexpr double kQuiet = 1e-4;         ///< mean square, -40 dBFS: no programme, so that hum can be told
constexpr double kSilence_db = -200.0;

std::vector<double> loudness_weights(std::size_t channels) {
    constexpr double kSurround = 1.41;
    switch (channels) {
    case 5:
        return {1.0, 1.0, 1.0, kSurround, kSurround};
    case 6:
        return {1.0, 1.0, 1.0, 0.0, kSurround, kSurround};
    default:
        return std::vector<double>(channels, 1.0);
    }
}

/// A tone of the mains' first multiples, as hum that drowns the noise is one.
bool may_be_hum(const dsp::TapeTone& tone) {
    return std::ranges::any_of(std::array{50.0, 60.0, 100.0, 120.0, 150.0, 180.0}, [&](double line_hz) {
        constexpr double kWithin = 0.05; // as far as a segment tells low frequencies
        return std::abs(tone.frequency_hz / line_hz - 1.0) < kWithin;
    });
}

double power_of(double db) {
    return db <= kSilence_db ? 0.0 : std::pow(10.0, db / 10.0);
}

double db_of(double power) {
    return power > 0.0 ? std::max(10.0 * std::log10(power), kSilence_db) : kSilence_db;
}

std::optional<double> above(double value, double floor) {
    return value > floor ? std::optional(value) : std::nullopt;
}

/// One channel over the whole file.
class ChannelWalk {
  public:
    explicit ChannelWalk(double rate_hz)
        : rate_hz_(rate_hz), true_peak_(rate_hz), tones_({.rate_hz = rate_hz, .silence_dbfs = kSilence_dbfs}) {}

    void piece(std::span<const float> samples) {
        true_peak_.process(samples);
        peak_.process(samples);
        tones_.process(samples);
        double square = 0.0, sum = 0.0;
        for (const float x : samples) {
            sum += x;
            square += static_cast<double>(x) * x;
        }
        sum_ += sum;
        square_ += square;
        const auto count = static_cast<double>(samples.size());
        add_noise(samples, count);
        const double mean_square = square / count;
        if (count >= kShortestPiece_s * rate_hz_ && (!quietest_ || mean_square < *quietest_)) {
            quietest_ = mean_square;
            hum_ = mean_square < kQuiet ? dsp::find_hum(samples, rate_hz_) : dsp::Hum{};
        }
    }
    void end() {
        true_peak_.process(std::array<float, 12>{});
        tones_.finish();
    }

    [[nodiscard]] double mean(double frames) const { return sum_ / frames; }
    [[nodiscard]] double mean_square(double frames) const { return square_ / frames; }
    [[nodiscard]] const dsp::Hum& hum() const { return hum_; }
    [[nodiscard]] bool quiet() const { return quietest_ && *quietest_ < kQuiet; }
    [[nodiscard]] std::span<const dsp::TapeTone> tones() const { return tones_.played(); }
    [[nodiscard]] bool noise_measured() const { return noise_frames_ > 0.0; }

    void tell(LoudnessFigures& to) {
        to.true_peak_dbtp.push_back(above(true_peak_.highest_dbtp(), dsp::TruePeakMeter::kSilence_dbtp));
        to.sample_peak_dbfs.push_back(above(peak_.highest_dbfs(), dsp::PeakMeter::kSilence_dbfs));
        to.clips.push_back(peak_.clips());
    }
    void tell(NoiseFigures& to) const {
        to.rms_dbfs.push_back(db_of(noise_[0] / noise_frames_));
        to.band_dbfs.push_back(db_of(noise_[1] / noise_frames_));
        to.a_weighted_dbfs.push_back(db_of(noise_[2] / noise_frames_));
        to.c_weighted_dbfs.push_back(db_of(noise_[3] / noise_frames_));
        // means of a needle, not of power
        to.itu468_dbqps.push_back(db_of(std::pow(noise_[4] / noise_frames_, 2.0)));
        to.ccir_arm_dbfs.push_back(db_of(std::pow(noise_[5] / noise_frames_, 2.0)));
    }

  private:
    void add_noise(std::span<const float> samples, double count) {
        constexpr double kShortest_s = 0.05;
        if (count < kShortest_s * rate_hz_) {
            return;
        }
        const dsp::NoiseLevels levels = dsp::measure_noise(samples, rate_hz_);
        noise_[0] += count * power_of(levels.rms_dbfs);
        noise_[1] += count * power_of(levels.band_dbfs);
        noise_[2] += count * power_of(levels.a_dbfs);
        noise_[3] += count * power_of(levels.c_dbfs);
        noise_[4] += count * std::sqrt(power_of(levels.itu468_dbfs));
        noise_[5] += count * std::sqrt(power_of(levels.ccir_arm_dbfs));
        noise_frames_ += count;
    }

    double rate_hz_;
    dsp::TruePeakMeter true_peak_;
    dsp::PeakMeter peak_;
    dsp::TapeTones tones_;
    double sum_ = 0.0, square_ = 0.0, noise_frames_ = 0.0;
    std::array<double, 6> noise_{};
    std::optional<double> quietest_;
    dsp::Hum hum_;
};

class Measuring {
  public:
    Measuring(audio::FloatFile file, const std::function<void(double)>& progress)
        : file_(std::move(file)), progress_(progress), rate_hz_(file_.sample_rate_hz()), channels_(file_.channels()) {}

    Result<FileMeasurement> run() {
        out_.sample_rate_hz = rate_hz_;
        out_.channels = channels_;
        if (auto walked = walk(); !walked) {
            return walked.error();
        }
        if (auto read = tones(); !read) {
            return read.error();
        }
        auto together = measure_test_tones(out_.tones, channels_, rate_hz_, [this](double start_s, double duration_s) {
            return stretch(start_s, duration_s);
        });
        if (!together) {
            return together.error();
        }
        out_.test_tones = std::move(*together);
        if (out_.tone && !out_.test_tones.intermodulation.empty()) {
            out_.tone->thd_n_percent.assign(channels_, std::nullopt); // the other tone is neither
        }
        if (out_.stereo && !out_.stereo->azimuth_us && out_.tones.empty()) {
            const auto programme = stretch(0.0, kProgramme_s);
            if (!programme) {
                return programme.error();
            }
            azimuth_of_programme(*programme, rate_hz_, *out_.stereo);
        }
        return std::move(out_);
    }

  private:
    Result<void> walk() {
        dsp::LoudnessMeter loudness(rate_hz_, loudness_weights(channels_));
        std::vector<ChannelWalk> walks;
        for (std::size_t c = 0; c < channels_; ++c) {
            walks.emplace_back(rate_hz_);
        }
        std::vector<float> piece(static_cast<std::size_t>(kPiece_s * rate_hz_) * channels_);
        std::vector<float> one;
        double left_right = 0.0;
        std::int64_t frames = 0;
        for (;;) {
            const auto got = file_.read(piece);
            if (!got) {
                return got.error();
            }
            if (*got == 0) {
                break;
            }
            const std::span<const float> read = std::span(piece).first(*got * channels_);
            loudness.process(read);
            for (std::size_t c = 0; c < channels_; ++c) {
                one.resize(*got);
                for (std::size_t i = 0; i < *got; ++i) {
                    one[i] = read[i * channels_ + c];
                }
                walks[c].piece(one);
            }
            for (std::size_t i = 0; channels_ == 2 && i < *got; ++i) {
                left_right += static_cast<double>(read[2 * i]) * read[2 * i + 1];
            }
            frames += static_cast<std::int64_t>(*got);
            if (progress_) {
                progress_(0.8 * static_cast<double>(frames) / static_cast<double>(file_.frames()));
            }
        }
        frames_ = static_cast<double>(frames);
        out_.duration_s = frames_ / rate_hz_;
        gather(loudness, walks, left_right);
        return {};
    }

    void gather(dsp::LoudnessMeter& loudness, std::vector<ChannelWalk>& walks, double left_right) {
        LoudnessFigures& figures = out_.loudness;
        figures.integrated_lufs = loudness.integrated_lufs();
        if (const auto range = loudness.range()) {
            figures.range_lu = range->lu;
            figures.range_stable = range->stable;
        }
        constexpr double kSilence_lufs = dsp::ProgrammeLoudness::kSilence_lufs;
        constexpr double kMomentary_s = 0.4, kShortTerm_s = 3.0;
        if (out_.duration_s >= kMomentary_s) {
            figures.momentary_max_lufs = above(loudness.highest_momentary_lufs(), kSilence_lufs);
        }
        if (out_.duration_s >= kShortTerm_s) {
            figures.short_term_max_lufs = above(loudness.highest_short_term_lufs(), kSilence_lufs);
        }
        bool quiet = true;
        NoiseFigures noise;
        for (std::size_t c = 0; c < channels_; ++c) {
            walks[c].end();
            walks[c].tell(figures);
            out_.dc_offset.push_back(walks[c].mean(frames_));
            if (walks[c].noise_measured()) {
                walks[c].tell(noise);
            }
            for (const dsp::TapeTone& one : walks[c].tones()) {
                out_.tones.push_back({c, one});
            }
            quiet = quiet && walks[c].quiet();
        }
        if (!noise.rms_dbfs.empty()) {
            out_.noise = std::move(noise);
        }
        std::ranges::stable_sort(out_.tones, {}, [](const FoundTone& tone) { return tone.tone.begin_s; });
        quiet = quiet && std::ranges::all_of(out_.tones, [](const FoundTone& tone) { return may_be_hum(tone.tone); });
        for (std::size_t c = 0; quiet && c < channels_; ++c) {
            out_.hum.push_back(walks[c].hum());
        }
        if (channels_ == 2) {
            const double first = walks[0].mean_square(frames_), second = walks[1].mean_square(frames_);
            out_.stereo.emplace();
            if (first > 0.0 && second > 0.0) {
                out_.stereo->level_difference_db = db_of(second) - db_of(first);
                out_.stereo->correlation = left_right / frames_ / std::sqrt(first * second);
            }
        }
    }

    /// All channels of a stretch, side by side.
    Result<Channels> stretch(double start_s, double duration_s) {
        if (const auto sought = file_.seek(std::llround(start_s * rate_hz_)); !sought) {
            return sought.error();
        }
        const auto wanted = static_cast<std::size_t>(std::min(duration_s * rate_hz_, frames_ - start_s * rate_hz_));
        std::vector<float> frames(wanted * channels_);
        const auto got = file_.read(frames);
        if (!got) {
            return got.error();
        }
        Channels apart(channels_, std::vector<float>(*got));
        for (std::size_t i = 0; i < *got; ++i) {
            for (std::size_t c = 0; c < channels_; ++c) {
                apart[c][i] = frames[i * channels_ + c];
            }
        }
        return apart;
    }
    Result<Channels> inside(const FoundTone& found, double most_s) {
        return stretch(found.tone.begin_s + kEdge_s, std::min(found.duration_s() - 2.0 * kEdge_s, most_s));
    }

    Result<void> tones() {
        if (out_.tones.empty()) {
            return flutter(stretch(0.0, kFlutter_s), 0.0); // with more flutter than a tone has it may be one still
        }
        const FoundTone longest =
            *std::ranges::max_element(out_.tones, {}, [](const FoundTone& found) { return found.duration_s(); });
        const auto samples = inside(longest, kTone_s);
        if (!samples) {
            return samples.error();
        }
        out_.tone = measure_tone(*samples, rate_hz_, longest.tone.frequency_hz);
        out_.tone->start_s = longest.tone.begin_s;
        out_.tone->duration_s = static_cast<double>(samples->front().size()) / rate_hz_;
        if (auto read = flutter(inside(longest, kFlutter_s), longest.tone.frequency_hz); !read) {
            return read;
        }
        return out_.stereo ? azimuth(longest) : Result<void>{};
    }

    Result<void> flutter(Result<Channels> carrier, double about_hz) {
        if (!carrier) {
            return carrier.error();
        }
        if (static_cast<double>(carrier->front().size()) < kLeastFlutter_s * rate_hz_) {
            return {};
        }
        if (auto found = measure_flutter(*carrier, rate_hz_, about_hz)) {
            out_.wow_flutter = std::move(found->report);
            out_.wow_flutter_channel = found->channel;
        }
        return {};
    }

    Result<void> azimuth(const FoundTone& longest) {
        std::vector<Channels> all;
        std::size_t its = 0;
        for (const FoundTone& found : out_.tones) {
            if (found.channel != 0 || all.size() == kMostTones) {
                continue; // the same tone is in both channels, or it says nothing
            }
            auto samples = inside(found, kAzimuthTone_s);
            if (!samples) {
                return samples.error();
            }
            if (std::abs(found.tone.begin_s - longest.tone.begin_s) < 0.5) {
                its = all.size();
            }
            all.push_back(std::move(*samples));
        }
        azimuth_of_tones(all, its, rate_hz_, *out_.stereo);
        if (out_.tone->level_dbfs[0] && out_.tone->level_dbfs[1]) {
            out_.stereo->level_difference_db = *out_.tone->level_dbfs[1] - *out_.tone->level_dbfs[0];
        }
        return {};
    }

    audio::FloatFile file_;
    const std::function<void(double)>& progress_;
    double rate_hz_;
    std::size_t channels_;
    double frames_ = 0.0;
    FileMeasurement out_;
};

} // namespace

Result<FileMeasurement> measure_file(const std::filesystem::path& path, const std::function<void(double)>& progress) {
    auto file = audio::FloatFile::open(path);
    if (!file) {
        return file.error();
    }
    auto measured = Measuring(std::move(*file), progress).run();
    if (measured && progress) {
        progress(1.0);
    }
    return measured;
}

} // namespace overbias::calibration
