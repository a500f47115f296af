// SPDX-License-Identifier: Apache-2.0
// A sound file of a known signal, written into a folder of its own and measured.
#pragma once

#include "calibration/measure/file_measurement.hpp"

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <numbers>
#include <sndfile.h>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

inline constexpr double kTwoPi = 2.0 * std::numbers::pi;
inline constexpr int kRate = 48000;
using Sample = std::function<double(std::size_t channel, double t)>;

class MeasuredFile : public testing::Test {
  protected:
    MeasuredFile() {
        std::string pattern = (std::filesystem::path(testing::TempDir()) / "overbias-measure.XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~MeasuredFile() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path write(std::size_t channels, double seconds, const Sample& sample, int rate = kRate) {
        SF_INFO info{};
        info.samplerate = rate;
        info.channels = static_cast<int>(channels);
        info.format = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
        std::filesystem::path path = folder_ / "signal.wav";
        SNDFILE* const file = sf_open(path.c_str(), SFM_WRITE, &info);
        std::vector<float> frames(channels * static_cast<std::size_t>(seconds * rate));
        for (std::size_t i = 0; i < frames.size(); ++i) {
            frames[i] = static_cast<float>(sample(i % channels, static_cast<double>(i / channels) / rate));
        }
        sf_writef_float(file, frames.data(), static_cast<sf_count_t>(frames.size() / channels));
        sf_close(file);
        return path;
    }
    FileMeasurement measured(std::size_t channels, double seconds, const Sample& sample, int rate = kRate) {
        auto result = measure_file(write(channels, seconds, sample, rate));
        EXPECT_TRUE(result) << (result ? "" : result.error().message);
        return result ? std::move(*result) : FileMeasurement{};
    }
    std::filesystem::path folder_;
};

inline double from_db(double db) {
    return std::pow(10.0, db / 20.0);
}

} // namespace overbias::calibration
