// SPDX-License-Identifier: Apache-2.0
#include "controller/audio_dump.hpp"

#include "base/async/timeline.hpp"
#include "controller/worker.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

constexpr double kTapSeconds = 2.0;
constexpr double kMostSeconds = 600.0;
constexpr std::size_t kPiece = 4800; ///< frames
constexpr auto kLook = std::chrono::milliseconds(10);
constexpr auto kSilencePatience = std::chrono::seconds(5);
constexpr std::size_t kFrameBytes = 8;

/// The canonical 44 bytes of a WAV file: two channels of 32-bit integers.
std::vector<char> wav_header(double rate_hz, std::int64_t frames) {
    std::vector<char> header;
    const auto word = [&header](const char* text) { header.insert(header.end(), text, text + 4); };
    const auto number = [&header](std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) {
            header.push_back(static_cast<char>(value >> (8 * i) & 0xffU));
        }
    };
    const auto rate = static_cast<std::uint32_t>(std::lround(rate_hz));
    const auto data = static_cast<std::uint32_t>(static_cast<std::size_t>(frames) * kFrameBytes);
    word("RIFF");
    number(36 + data, 4);
    word("WAVE");
    word("fmt ");
    number(16, 4);
    number(1, 2); // PCM
    number(2, 2);
    number(rate, 4);
    number(rate * kFrameBytes, 4);
    number(kFrameBytes, 2);
    number(32, 2);
    word("data");
    number(data, 4);
    return header;
}

/// Samples as the file wants them, little-endian.
void append(std::ofstream& out, std::span<const std::int32_t> samples) {
    std::vector<char> bytes(samples.size() * 4);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto value = static_cast<std::uint32_t>(samples[i]);
        for (std::size_t byte = 0; byte < 4; ++byte) {
            bytes[4 * i + byte] = static_cast<char>(value >> (8 * byte) & 0xffU);
        }
    }
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

} // namespace

AudioDump::AudioDump(audio::BlockEngine& engine, double return_rate_hz, fs::path folder, Timeline& timeline)
    : tap_(engine.add_return_tap(static_cast<std::size_t>(return_rate_hz * kTapSeconds))), rate_hz_(return_rate_hz),
      folder_(std::move(folder)), timeline_(timeline), worker_(std::make_unique<Worker>()) {
}

AudioDump::~AudioDump() {
    ending_ = true;
    worker_.reset();
}

void AudioDump::add_command(CommandRegistry& registry) {
    registry.add(
        {.name = "audio_dump",
         .help = "writes what the tape return brings to a 32-bit WAV file, bit for bit",
         .parameters = {{"file", ParameterType::Text, true, "a file in the daemon's state directory"},
                        {"seconds", ParameterType::Number, true, "how much of it, 0.01 to 600"}},
         .handler = [this](const json::object& given, const Caller&, const Answer& answer) { dump(given, answer); }});
}

void AudioDump::dump(const json::object& given, const Answer& answer) {
    const auto name = json::value_to<std::string>(given.at("file"));
    const double length_s = given.at("seconds").to_number<double>();
    if (!(length_s >= 0.01 && length_s <= kMostSeconds)) {
        return answer(Reply::error(ErrorCode::InvalidParams, "audio_dump: seconds must be 0.01 to 600"));
    }
    std::error_code failure;
    const fs::path folder = fs::weakly_canonical(folder_, failure);
    const fs::path file = fs::weakly_canonical(folder / name, failure); // an absolute name stays what it is
    const fs::path inside = file.lexically_relative(folder);
    if (failure || inside.empty() || inside == "." || *inside.begin() == ".." || fs::is_symlink(folder / name)) {
        return answer(Reply::error(ErrorCode::InvalidParams, "audio_dump: '" + name + "' is not a file in " +
                                                                 folder.string() + "; give a name in there"));
    }
    if (fs::exists(file, failure)) {
        return answer(Reply::error(ErrorCode::InvalidParams,
                                   "audio_dump: '" + file.string() + "' is there already; give another name"));
    }
    if (busy_.exchange(true)) {
        return answer(Reply::error(ErrorCode::Refused, "audio_dump: one is being written; wait for it"));
    }
    const Wanted wanted{file, std::llround(length_s * rate_hz_)};
    worker_->post([this, wanted, answer] {
        Reply reply = write(wanted);
        busy_ = false;
        timeline_.post([answer, reply = std::move(reply)] { answer(reply); });
    });
}

/// The worker's thread.
Reply AudioDump::write(const Wanted& wanted) {
    std::vector<std::int32_t> samples(kPiece * 2);
    while (tap_.read(samples).frames > 0) { // from before
    }
    std::ofstream out(wanted.file, std::ios::binary | std::ios::trunc);
    const std::vector<char> room = wav_header(rate_hz_, wanted.frames);
    out.write(room.data(), static_cast<std::streamsize>(room.size()));

    std::int64_t first = -1, written = 0, missing = 0;
    auto heard = std::chrono::steady_clock::now();
    while (written < wanted.frames && out) {
        const audio::FrameTap::Block block = tap_.read(samples);
        const auto now = std::chrono::steady_clock::now();
        if (block.frames == 0) {
            if (ending_ || now - heard > kSilencePatience) {
                break;
            }
            std::this_thread::sleep_for(kLook);
            continue;
        }
        heard = now;
        if (first < 0) {
            first = block.first_frame;
        }
        // what was lost in an xrun is silence here, so that a frame's place in the file tells its number
        std::int64_t gap = std::min(block.first_frame - first - written, wanted.frames - written);
        if (gap < 0) {
            break; // the card went and came back: its frames count from 0 again
        }
        missing += gap;
        for (const std::vector<std::int32_t> silence(kPiece * 2); gap > 0;) {
            const std::int64_t piece = std::min<std::int64_t>(gap, kPiece);
            append(out, std::span(silence).first(static_cast<std::size_t>(piece) * 2));
            gap -= piece;
            written += piece;
        }
        const auto take = std::min<std::int64_t>(static_cast<std::int64_t>(block.frames), wanted.frames - written);
        append(out, std::span<const std::int32_t>(samples).first(static_cast<std::size_t>(take) * 2));
        written += take;
    }
    const std::vector<char> header = wav_header(rate_hz_, written);
    out.seekp(0);
    out.write(header.data(), static_cast<std::streamsize>(header.size()));
    out.close();
    if (!out) {
        return Reply::error(ErrorCode::Fault, "audio_dump: '" + wanted.file.string() + "' could not be written: " +
                                                  std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    }
    if (first < 0) {
        return Reply::error(ErrorCode::Fault, "audio_dump: nothing was captured; is the sound card lost?");
    }
    return Reply::with(json::object{{"file", wanted.file.string()},
                                    {"first_frame", first},
                                    {"frames", written},
                                    {"missing_frames", missing},
                                    {"sample_rate_hz", rate_hz_}});
}

} // namespace overbias::controller
