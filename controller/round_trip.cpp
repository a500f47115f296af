// SPDX-License-Identifier: Apache-2.0
#include "controller/round_trip.hpp"

#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "controller/measured_file.hpp"
#include "controller/toml_text.hpp"

#include <string>

namespace overbias::controller {

namespace {

namespace fs = std::filesystem;

struct Measured {
    std::string playback_device, capture_device;
    double playback_hz = 0, capture_hz = 0;
    double frames = 0;
    std::string utc;
    [[nodiscard]] bool fits(const AudioConfig& audio) const {
        return playback_device == audio.playback_device && capture_device == audio.capture_device &&
               playback_hz == audio.sample_rate_hz && capture_hz == audio.capture_sample_rate_hz;
    }
    static Measured from(TomlSection& entry) {
        const TomlBounds rate{.min = 1000.0, .max = 1000000.0};
        return {.playback_device = entry.text_or_empty("playback_device"),
                .capture_device = entry.text_or_empty("capture_device"),
                .playback_hz = entry.required_number("playback_hz", rate),
                .capture_hz = entry.required_number("capture_hz", rate),
                .frames = entry.required_number("round_trip_frames", {.min = 0.0, .max = 20000.0}),
                .utc = entry.text_or_empty("utc")};
    }
    [[nodiscard]] std::string toml() const {
        return "playback_device = " + toml_quoted(playback_device) +
               "\ncapture_device = " + toml_quoted(capture_device) + "\nplayback_hz = " + figure(playback_hz, 1) +
               "\ncapture_hz = " + figure(capture_hz, 1) + "\nround_trip_frames = " + figure(frames, 4) +
               "\nutc = " + toml_quoted(utc) + "\n";
    }
};

MeasuredFile<Measured> file_in(const fs::path& state_dir) {
    return MeasuredFile<Measured>(state_dir / "round_trip.toml");
}

} // namespace

Result<std::optional<double>> load_round_trip(const fs::path& state_dir, const AudioConfig& audio) {
    const auto found = file_in(state_dir).find([&audio](const Measured& each) { return each.fits(audio); });
    if (!found) {
        return found.error();
    }
    return *found ? std::optional((*found)->frames) : std::nullopt;
}

Result<void> store_round_trip(const fs::path& state_dir, const AudioConfig& audio, double frames) {
    return file_in(state_dir).replace(
        [&audio](const Measured& each) { return each.fits(audio); },
        {.playback_device = audio.playback_device,
         .capture_device = audio.capture_device,
         .playback_hz = audio.sample_rate_hz,
         .capture_hz = audio.capture_sample_rate_hz,
         .frames = frames,
         .utc = utc_text(host_now().utc_ns)},
        "Delay of the converters, playback to capture, measured with a cable in place of the deck (overbias loop).");
}

} // namespace overbias::controller
