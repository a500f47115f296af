// SPDX-License-Identifier: Apache-2.0
#include "mastering/plan/programme_levels.hpp"

#include "base/units.hpp"
#include "dsp/analysis/third_octave_peaks.hpp"
#include "dsp/meters/stereo_meters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace overbias::mastering {

namespace {

constexpr double kPause_s = 0.5;
constexpr std::size_t kTail_frames = 256; ///< silence after the end: what the meters still hold comes out

/// Follows one group of bands.
class PassageFinder {
  public:
    PassageFinder(int group, std::vector<LoudPassage>& found) : group_(group), found_(found) {}
    void over(double at_s, double over_db, double level_db, double band_hz, int channel) {
        if (!open_) {
            open_ = true;
            passage_ = {.group = group_, .from_s = at_s, .over_db = -std::numeric_limits<double>::infinity()};
        }
        passage_.to_s = at_s;
        if (over_db > passage_.over_db) {
            passage_.worst_at_s = at_s;
            passage_.over_db = over_db;
            passage_.level_re_operating_db = level_db;
            passage_.band_hz = band_hz;
            passage_.channel = channel;
        }
    }
    void moved_to(double at_s) {
        if (open_ && at_s - passage_.to_s > kPause_s) {
            close();
        }
    }
    void close() {
        if (open_) {
            found_.push_back(passage_);
        }
        open_ = false;
    }

  private:
    int group_;
    std::vector<LoudPassage>& found_;
    LoudPassage passage_;
    bool open_ = false;
};

/// Third octaves against their limits, hop by hop.
class PassageWatch {
  public:
    PassageWatch(const LevelsConfig& config, std::vector<LoudPassage>& found)
        : config_(config), octaves_(config.sample_rate_hz), hop_(2 * octaves_.hop_frames()) {
        for (std::size_t group = 0; group < config.groups; ++group) {
            finders_.emplace_back(static_cast<int>(group), found);
        }
        for (const auto& band : config.bands) {
            limits_.push_back(band ? static_cast<float>(power_from_db(band->level_re_operating_db +
                                                                      config.play_dbfs_at_operating_level))
                                   : std::numeric_limits<float>::max());
            limits_.push_back(limits_.back());
        }
        limits_.resize(2 * octaves_.nominal_hz().size(), std::numeric_limits<float>::max());
        any_ = std::ranges::any_of(config.bands, [](const auto& band) { return band.has_value(); });
    }
    void process(std::span<const float> interleaved) {
        while (any_ && !interleaved.empty()) {
            const std::size_t take = std::min(interleaved.size(), hop_.size() - filled_);
            std::copy_n(interleaved.begin(), take, hop_.begin() + static_cast<std::ptrdiff_t>(filled_));
            filled_ += take;
            interleaved = interleaved.subspan(take);
            if (filled_ == hop_.size()) {
                filled_ = 0;
                hop();
            }
        }
    }
    void finish() {
        for (PassageFinder& finder : finders_) {
            finder.close();
        }
    }

  private:
    void hop() {
        octaves_.process(hop_);
        ++hops_;
        const auto powers = octaves_.powers();
        const double end_s =
            static_cast<double>(hops_) * static_cast<double>(octaves_.hop_frames()) / config_.sample_rate_hz;
        // The figure is that of the 10 ms up to here.
        const double at_s = std::max(0.0, end_s - 0.5 * dsp::ThirdOctavePeaks::kAverage_s);
        for (std::size_t lane = 0; lane < powers.size(); ++lane) {
            if (powers[lane] <= limits_[lane]) {
                continue;
            }
            const std::size_t band = lane / 2;
            const double level_db = power_db(static_cast<double>(powers[lane])) - config_.play_dbfs_at_operating_level;
            const LevelsConfig::BandLimit& limit = *config_.bands[band];
            finders_[static_cast<std::size_t>(limit.group)].over(at_s, level_db - limit.level_re_operating_db, level_db,
                                                                 octaves_.nominal_hz()[band],
                                                                 static_cast<int>(lane % 2));
        }
        for (PassageFinder& finder : finders_) {
            finder.moved_to(at_s);
        }
    }

    const LevelsConfig& config_;
    dsp::ThirdOctavePeaks octaves_;
    std::vector<float> hop_;
    std::size_t filled_ = 0;
    std::int64_t hops_ = 0;
    std::vector<float> limits_; ///< as powers()
    std::vector<PassageFinder> finders_;
    bool any_ = false;
};

} // namespace

const std::vector<double>& level_bands_hz() {
    static const std::vector<double> bands = dsp::ThirdOctavePeaks(48000.0).nominal_hz();
    return bands;
}

Result<ProgrammeLevels> measure_levels(audio::ProgrammeReader& reader, const LevelsConfig& config,
                                       const std::function<bool(std::int64_t frames)>& walked) {
    constexpr std::size_t kChunk = 16384;
    constexpr double kFullScale = 2147483648.0;
    ProgrammeLevels levels;
    dsp::StereoMeters meters({.sample_rate_hz = config.sample_rate_hz,
                              .vu_reference = amplitude_from_db(config.play_dbfs_at_operating_level)});
    const std::size_t asker = meters.add_reader();
    PassageWatch watch(config, levels.passages);
    std::vector<std::int32_t> read(2 * kChunk);
    std::vector<float> frames(2 * kChunk);
    std::int64_t done = 0;
    for (;;) {
        const auto got = reader.read(read);
        if (!got) {
            return got.error();
        }
        if (*got == 0) {
            break;
        }
        for (std::size_t i = 0; i < 2 * *got; ++i) {
            frames[i] = static_cast<float>(static_cast<double>(read[i]) / kFullScale);
        }
        const std::span<const float> part(frames.data(), 2 * *got);
        meters.process(part);
        watch.process(part);
        done += static_cast<std::int64_t>(*got);
        if (!walked(done)) {
            return Error{"the check was stopped"};
        }
    }
    const std::vector<float> silence(2 * kTail_frames, 0.0F);
    meters.process(silence);
    watch.process(silence);
    watch.finish();
    const dsp::StereoReading reading = meters.read(asker);
    levels.true_peak_dbtp = reading.true_peak_dbtp;
    levels.sample_peak_dbfs = reading.sample_peak_dbfs;
    levels.vu_max = reading.vu;
    levels.integrated_lufs = meters.loudness().integrated_lufs();
    if (const auto range = meters.loudness().range()) {
        levels.loudness_range_lu = range->lu;
    }
    std::ranges::stable_sort(levels.passages, {}, &LoudPassage::from_s);
    return levels;
}

} // namespace overbias::mastering
