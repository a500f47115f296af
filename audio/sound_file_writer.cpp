// SPDX-License-Identifier: Apache-2.0
#include "audio/sound_file_writer.hpp"

#include "audio/dither.hpp"
#include "audio/sndfile_handle.hpp"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace overbias::audio {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kMostOfAWav = 4'000'000'000; ///< bytes; its header counts to 2^32

Error fault(const fs::path& path, const std::string& what) {
    return Error{path.string() + ": " + what};
}

int sample_format(int bits) {
    switch (bits) {
    case 0:
        return SF_FORMAT_FLOAT;
    case 16:
        return SF_FORMAT_PCM_16;
    case 24:
        return SF_FORMAT_PCM_24;
    case 32:
        return SF_FORMAT_PCM_32;
    default:
        return 0;
    }
}

Result<void> room_for(const fs::path& path, bool overwrite) {
    std::error_code error;
    const fs::file_status there = fs::status(path, error);
    if (fs::is_directory(there)) {
        return fault(path, "is a directory; name the file to write");
    }
    if (fs::exists(there) && !overwrite) {
        return fault(path, "is there already; name another file, or say --force to write over it");
    }
    return {};
}

} // namespace

struct SoundFileWriter::Open {
    fs::path path, partial;
    SoundFileFormat format;
    bool overwrite;
    SndfileHandle handle;
    std::vector<DitheredQuantiser> quantisers; ///< one a channel; none for float
    std::vector<int> codes = {};
    bool finished = false;

    Open(fs::path path_used, fs::path partial_used, const SoundFileFormat& format_used, bool overwrite_used,
         SndfileHandle handle_used)
        : path(std::move(path_used)), partial(std::move(partial_used)), format(format_used), overwrite(overwrite_used),
          handle(std::move(handle_used)) {
        for (int channel = 0; channel < format.channels && format.bits > 0; ++channel) {
            quantisers.emplace_back(format.bits, format.dither_seed, static_cast<std::uint64_t>(channel));
        }
    }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() {
        handle.reset();
        if (!finished) {
            std::error_code error;
            fs::remove(partial, error);
        }
    }
};

SoundFileWriter::SoundFileWriter(std::unique_ptr<Open> open) noexcept : open_(std::move(open)) {
}
SoundFileWriter::SoundFileWriter(SoundFileWriter&&) noexcept = default;
SoundFileWriter& SoundFileWriter::operator=(SoundFileWriter&&) noexcept = default;
SoundFileWriter::~SoundFileWriter() = default;

Result<SoundFileWriter> SoundFileWriter::create(const fs::path& path, const SoundFileFormat& format, bool overwrite) {
    if (auto room = room_for(path, overwrite); !room) {
        return room.error();
    }
    SF_INFO info{};
    const std::int64_t bytes = format.frames * format.channels * (format.bits == 0 ? 4 : format.bits / 8);
    info.samplerate = format.sample_rate_hz;
    info.channels = format.channels;
    info.format = (bytes > kMostOfAWav ? SF_FORMAT_RF64 : SF_FORMAT_WAV) | sample_format(format.bits);
    if (sample_format(format.bits) == 0 || sf_format_check(&info) == 0) {
        return fault(path, "can't be written with " + std::to_string(format.channels) + " channels of " +
                               std::to_string(format.bits) + " bits at " + std::to_string(format.sample_rate_hz) +
                               " Hz; expected 16, 24 or 32 bits, or float");
    }
    fs::path partial = path;
    partial += ".partial";
    SndfileHandle handle(sf_open(partial.c_str(), SFM_WRITE, &info));
    if (!handle) {
        return fault(path,
                     std::string("can't be written (") + sf_strerror(nullptr) + "); check the folder and its rights");
    }
    sf_command(handle.get(), SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE); // it has a date: no two files would be alike
    return SoundFileWriter(std::make_unique<Open>(path, std::move(partial), format, overwrite, std::move(handle)));
}

Result<void> SoundFileWriter::write(std::span<const float> interleaved) {
    Open& it = *open_;
    const auto channels = static_cast<std::size_t>(it.format.channels);
    const auto frames = static_cast<sf_count_t>(interleaved.size() / channels);
    sf_count_t written = 0;
    if (it.quantisers.empty()) {
        written = sf_writef_float(it.handle.get(), interleaved.data(), frames);
    } else {
        it.codes.resize(interleaved.size());
        for (std::size_t i = 0; i < interleaved.size(); ++i) {
            it.codes[i] = it.quantisers[i % channels].quantise(static_cast<double>(interleaved[i]));
        }
        written = sf_writef_int(it.handle.get(), it.codes.data(), frames);
    }
    if (written != frames) {
        return fault(it.path, std::string("can't be written further (") + sf_strerror(it.handle.get()) +
                                  "); check the space on the disk");
    }
    return {};
}

Result<void> SoundFileWriter::finish() {
    Open& it = *open_;
    if (sf_close(it.handle.release()) != 0) {
        return fault(it.path, "can't be written to its end; check the space on the disk");
    }
    if (auto room = room_for(it.path, it.overwrite); !room) { // somebody was quicker
        return room;
    }
    std::error_code error;
    fs::rename(it.partial, it.path, error);
    if (error) {
        return fault(it.path, "can't be put in its place (" + error.message() + "); check the folder and its rights");
    }
    it.finished = true;
    return {};
}

} // namespace overbias::audio
