// SPDX-License-Identifier: Apache-2.0
#include "written_programme.hpp"

#include "audio/demo_programme.hpp"

#include <filesystem>
#include <map>
#include <sndfile.h>
#include <stdexcept>
#include <unistd.h>

namespace overbias::test {

namespace {

struct Directory {
    std::string path;
    Directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "overbias-print-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("no directory for the test's sound files: " + pattern);
        }
        path = pattern;
    }
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

} // namespace

const std::string& programme_directory() {
    static const Directory directory;
    return directory.path;
}

std::string write_programme(const std::string& name, std::span<const float> samples, int channels, int sample_rate_hz) {
    const std::string path = programme_directory() + "/" + name + ".wav";
    SF_INFO info{};
    info.samplerate = sample_rate_hz;
    info.channels = channels;
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_24;
    SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
    if (file == nullptr) {
        throw std::runtime_error(path + ": " + sf_strerror(nullptr));
    }
    sf_command(file, SFC_SET_CLIPPING, nullptr, SF_TRUE);
    const auto frames = static_cast<sf_count_t>(samples.size()) / channels;
    const bool written = sf_writef_float(file, samples.data(), frames) == frames;
    sf_close(file);
    if (!written) {
        throw std::runtime_error(path + ": could not be written whole");
    }
    return path;
}

const std::string& demo_file(int duration_s) {
    static std::map<int, std::string> written;
    auto [place, fresh] =
        written.try_emplace(duration_s, programme_directory() + "/demo-" + std::to_string(duration_s) + ".wav");
    if (fresh) {
        if (auto result = audio::write_demo_programme(place->second, duration_s, 1); !result) {
            throw std::runtime_error(result.error().message);
        }
    }
    return place->second;
}

} // namespace overbias::test
