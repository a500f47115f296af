// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/measured_levels.hpp"

#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "controller/measured_file.hpp"
#include "controller/toml_text.hpp"

#include <optional>
#include <string>

namespace overbias::controller {

namespace {

namespace fs = std::filesystem;

std::string line(const char* key, const std::optional<double>& value) {
    return value ? std::string(key) + " = " + figure(*value, 4) + "\n" : std::string();
}

struct Measured {
    std::string playback_device, capture_device;
    double playback_hz = 0.0, capture_hz = 0.0;
    std::optional<double> play_dbu_at_full_scale, capture_dbu_at_full_scale, dbu_at_0_vu;
    std::string utc;
    [[nodiscard]] bool fits(const AudioConfig& audio) const {
        return playback_device == audio.playback_device && capture_device == audio.capture_device &&
               playback_hz == audio.sample_rate_hz && capture_hz == audio.capture_sample_rate_hz;
    }
    static Measured from(TomlSection& entry) {
        const TomlBounds rate{.min = 1000.0, .max = 1000000.0}, level{.min = -100.0, .max = 100.0};
        return {.playback_device = entry.text_or_empty("playback_device"),
                .capture_device = entry.text_or_empty("capture_device"),
                .playback_hz = entry.required_number("playback_hz", rate),
                .capture_hz = entry.required_number("capture_hz", rate),
                .play_dbu_at_full_scale = entry.optional_number("play_dbu_at_full_scale", level),
                .capture_dbu_at_full_scale = entry.optional_number("capture_dbu_at_full_scale", level),
                .dbu_at_0_vu = entry.optional_number("dbu_at_0_vu", level),
                .utc = entry.text_or_empty("utc")};
    }
    [[nodiscard]] std::string toml() const {
        return "playback_device = " + toml_quoted(playback_device) +
               "\ncapture_device = " + toml_quoted(capture_device) + "\nplayback_hz = " + figure(playback_hz, 1) +
               "\ncapture_hz = " + figure(capture_hz, 1) + "\n" +
               line("play_dbu_at_full_scale", play_dbu_at_full_scale) +
               line("capture_dbu_at_full_scale", capture_dbu_at_full_scale) + line("dbu_at_0_vu", dbu_at_0_vu) +
               "utc = " + toml_quoted(utc) + "\n";
    }
};

MeasuredFile<Measured> file_in(const fs::path& state_dir) {
    return MeasuredFile<Measured>(state_dir / "line_levels.toml");
}

void take(std::optional<double>& into, const std::optional<double>& measured) {
    if (!into) {
        into = measured;
    }
}

} // namespace

Result<void> load_line_levels(const fs::path& state_dir, const AudioConfig& audio, tape::LevelChart& levels) {
    const auto found = file_in(state_dir).find([&audio](const Measured& each) { return each.fits(audio); });
    if (!found) {
        return found.error();
    }
    if (const std::optional<Measured>& measured = *found) {
        take(levels.play_dbu_at_full_scale, measured->play_dbu_at_full_scale);
        take(levels.capture_dbu_at_full_scale, measured->capture_dbu_at_full_scale);
        take(levels.dbu_at_0_vu, measured->dbu_at_0_vu);
    }
    return {};
}

Result<void> store_line_levels(const fs::path& state_dir, const AudioConfig& audio, const tape::LevelChart& levels) {
    return file_in(state_dir).replace([&audio](const Measured& each) { return each.fits(audio); },
                                      {.playback_device = audio.playback_device,
                                       .capture_device = audio.capture_device,
                                       .playback_hz = audio.sample_rate_hz,
                                       .capture_hz = audio.capture_sample_rate_hz,
                                       .play_dbu_at_full_scale = levels.play_dbu_at_full_scale,
                                       .capture_dbu_at_full_scale = levels.capture_dbu_at_full_scale,
                                       .dbu_at_0_vu = levels.dbu_at_0_vu,
                                       .utc = utc_text(host_now().utc_ns)},
                                      "Levels on the lines, measured by 'overbias align lines'; used where the "
                                      "configuration says nothing.");
}

} // namespace overbias::controller
