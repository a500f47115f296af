// SPDX-License-Identifier: Apache-2.0
#include "controller/round_trip.hpp"

#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "base/toml/strict_toml.hpp"
#include "controller/report_file.hpp"
#include "controller/toml_text.hpp"

#include <algorithm>
#include <vector>

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
};

fs::path file_of(const fs::path& state_dir) {
    return state_dir / "round_trip.toml";
}

Result<std::vector<Measured>> read_all(const fs::path& file) {
    std::vector<Measured> all;
    std::error_code failure;
    if (!fs::exists(file, failure)) {
        return all;
    }
    auto document = TomlDocument::read(file);
    if (!document) {
        return document.error();
    }
    const TomlBounds rate{.min = 1000.0, .max = 1000000.0};
    for (TomlSection& entry : document->root().sections("measured")) {
        all.push_back({.playback_device = entry.text_or_empty("playback_device"),
                       .capture_device = entry.text_or_empty("capture_device"),
                       .playback_hz = entry.required_number("playback_hz", rate),
                       .capture_hz = entry.required_number("capture_hz", rate),
                       .frames = entry.required_number("round_trip_frames", {.min = 0.0, .max = 20000.0}),
                       .utc = entry.text_or_empty("utc")});
    }
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return all;
}

} // namespace

Result<std::optional<double>> load_round_trip(const fs::path& state_dir, const AudioConfig& audio) {
    const auto all = read_all(file_of(state_dir));
    if (!all) {
        return all.error();
    }
    const auto found = std::ranges::find_if(*all, [&audio](const Measured& each) { return each.fits(audio); });
    return found == all->end() ? std::optional<double>() : std::optional(found->frames);
}

Result<void> store_round_trip(const fs::path& state_dir, const AudioConfig& audio, double frames) {
    auto all = read_all(file_of(state_dir));
    if (!all) {
        return all.error();
    }
    std::erase_if(*all, [&audio](const Measured& each) { return each.fits(audio); });
    all->push_back({.playback_device = audio.playback_device,
                    .capture_device = audio.capture_device,
                    .playback_hz = audio.sample_rate_hz,
                    .capture_hz = audio.capture_sample_rate_hz,
                    .frames = frames,
                    .utc = utc_text(host_now().utc_ns)});
    std::string text = "# Delay of the converters, playback to capture, measured with a cable in place of the deck "
                       "(overbias loop).\n";
    for (const Measured& each : *all) {
        text += "\n[[measured]]\nplayback_device = " + toml_quoted(each.playback_device) +
                "\ncapture_device = " + toml_quoted(each.capture_device) +
                "\nplayback_hz = " + figure(each.playback_hz, 1) + "\ncapture_hz = " + figure(each.capture_hz, 1) +
                "\nround_trip_frames = " + figure(each.frames, 4) + "\nutc = " + toml_quoted(each.utc) + "\n";
    }
    return write_file_atomically(file_of(state_dir), text);
}

} // namespace overbias::controller
