// SPDX-License-Identifier: Apache-2.0
// Sound files that the tests write for themselves, in a folder that goes away with the test.
#pragma once

#include "audio/sndfile_handle.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::audio::testing {

class SoundFolder {
  public:
    SoundFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "overbias-audio-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no folder for the test: " + name);
        }
        folder_ = name;
    }
    ~SoundFolder() {
        std::error_code error;
        std::filesystem::remove_all(folder_, error);
    }
    SoundFolder(const SoundFolder&) = delete;
    SoundFolder& operator=(const SoundFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }

    /// Left-justified integers.
    std::filesystem::path write(const std::string& name, int format, int rate_hz, int channels,
                                const std::vector<int>& samples) {
        return write_with(name, format, rate_hz, channels, [&](SNDFILE* file) {
            return sf_write_int(file, samples.data(), static_cast<sf_count_t>(samples.size())) ==
                   static_cast<sf_count_t>(samples.size());
        });
    }
    /// Fractions of full scale.
    std::filesystem::path write(const std::string& name, int format, int rate_hz, int channels,
                                const std::vector<double>& samples) {
        return write_with(name, format, rate_hz, channels, [&](SNDFILE* file) {
            return sf_write_double(file, samples.data(), static_cast<sf_count_t>(samples.size())) ==
                   static_cast<sf_count_t>(samples.size());
        });
    }
    std::filesystem::path write_bytes(const std::string& name, const std::string& bytes) {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
        return folder_ / name;
    }

  private:
    template <typename Write>
    std::filesystem::path write_with(const std::string& name, int format, int rate_hz, int channels,
                                     Write&& write_samples) {
        SF_INFO info{};
        info.format = format;
        info.samplerate = rate_hz;
        info.channels = channels;
        const auto path = folder_ / name;
        const SndfileHandle file(sf_open(path.c_str(), SFM_WRITE, &info));
        EXPECT_NE(file, nullptr) << sf_strerror(nullptr);
        EXPECT_TRUE(file != nullptr && write_samples(file.get())) << name;
        return path;
    }

    std::filesystem::path folder_;
};

inline constexpr int kWav16 = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
inline constexpr int kWav24 = SF_FORMAT_WAV | SF_FORMAT_PCM_24;
inline constexpr int kWav32 = SF_FORMAT_WAV | SF_FORMAT_PCM_32;
inline constexpr int kWavFloat = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
inline constexpr int kRf64Of24 = SF_FORMAT_RF64 | SF_FORMAT_PCM_24;
inline constexpr int kFlac16 = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
inline constexpr int kFlac24 = SF_FORMAT_FLAC | SF_FORMAT_PCM_24;

/// Every bit in use, both ends of the range among them; `bits` most significant ones set.
inline std::vector<int> wild_samples(std::size_t count, int bits) {
    const auto mask = static_cast<std::uint32_t>(0xffffffffU << static_cast<unsigned>(32 - bits));
    std::vector<int> samples(count);
    std::uint32_t state = 12345;
    for (int& sample : samples) {
        state = state * 1664525U + 1013904223U; // Numerical Recipes
        sample = static_cast<int>((state ^ (state >> 15U)) & mask);
    }
    samples[0] = static_cast<int>(0x80000000U);
    samples[1] = static_cast<int>(0x7fffffffU & mask);
    return samples;
}

} // namespace overbias::audio::testing
