// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/measured_levels.hpp"

#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "base/toml/strict_toml.hpp"
#include "controller/report_file.hpp"
#include "controller/toml_text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace overbias::controller {

namespace {

namespace fs = std::filesystem;

struct Measured {
    std::string playback_device, capture_device;
    double playback_hz = 0.0, capture_hz = 0.0;
    std::optional<double> play_dbu_at_full_scale, capture_dbu_at_full_scale, dbu_at_0_vu;
    std::string utc;
    [[nodiscard]] bool fits(const AudioConfig& audio) const {
        return playback_device == audio.playback_device && capture_device == audio.capture_device &&
               playback_hz == audio.sample_rate_hz && capture_hz == audio.capture_sample_rate_hz;
    }
};

fs::path file_of(const fs::path& state_dir) {
    return state_dir / "line_levels.toml";
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
    const TomlBounds rate{.min = 1000.0, .max = 1000000.0}, level{.min = -100.0, .max = 100.0};
    for (TomlSection& entry : document->root().sections("measured")) {
        all.push_back({.playback_device = entry.text_or_empty("playback_device"),
                       .capture_device = entry.text_or_empty("capture_device"),
                       .playback_hz = entry.required_number("playback_hz", rate),
                       .capture_hz = entry.required_number("capture_hz", rate),
                       .play_dbu_at_full_scale = entry.optional_number("play_dbu_at_full_scale", level),
                       .capture_dbu_at_full_scale = entry.optional_number("capture_dbu_at_full_scale", level),
                       .dbu_at_0_vu = entry.optional_number("dbu_at_0_vu", level),
                       .utc = entry.text_or_empty("utc")});
    }
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return all;
}

std::string line(const char* key, const std::optional<double>& value) {
    return value ? std::string(key) + " = " + figure(*value, 4) + "\n" : std::string();
}

void take(std::optional<double>& into, const std::optional<double>& measured) {
    if (!into) {
        into = measured;
    }
}

} // namespace

Result<void> load_line_levels(const fs::path& state_dir, const AudioConfig& audio, tape::LevelChart& levels) {
    const auto all = read_all(file_of(state_dir));
    if (!all) {
        return all.error();
    }
    const auto found = std::ranges::find_if(*all, [&audio](const Measured& each) { return each.fits(audio); });
    if (found != all->end()) {
        take(levels.play_dbu_at_full_scale, found->play_dbu_at_full_scale);
        take(levels.capture_dbu_at_full_scale, found->capture_dbu_at_full_scale);
        take(levels.dbu_at_0_vu, found->dbu_at_0_vu);
    }
    return {};
}

Result<void> store_line_levels(const fs::path& state_dir, const AudioConfig& audio, const tape::LevelChart& levels) {
    auto all = read_all(file_of(state_dir));
    if (!all) {
        return all.error();
    }
    std::erase_if(*all, [&audio](const Measured& each) { return each.fits(audio); });
    all->push_back({.playback_device = audio.playback_device,
                    .capture_device = audio.capture_device,
                    .playback_hz = audio.sample_rate_hz,
                    .capture_hz = audio.capture_sample_rate_hz,
                    .play_dbu_at_full_scale = levels.play_dbu_at_full_scale,
                    .capture_dbu_at_full_scale = levels.capture_dbu_at_full_scale,
                    .dbu_at_0_vu = levels.dbu_at_0_vu,
                    .utc = utc_text(host_now().utc_ns)});
    std::string text = "# Levels on the lines, measured by 'overbias align lines'; used where the configuration says "
                       "nothing.\n";
    for (const Measured& each : *all) {
        text += "\n[[measured]]\nplayback_device = " + toml_quoted(each.playback_device) +
                "\ncapture_device = " + toml_quoted(each.capture_device) +
                "\nplayback_hz = " + figure(each.playback_hz, 1) + "\ncapture_hz = " + figure(each.capture_hz, 1) +
                "\n" + line("play_dbu_at_full_scale", each.play_dbu_at_full_scale) +
                line("capture_dbu_at_full_scale", each.capture_dbu_at_full_scale) +
                line("dbu_at_0_vu", each.dbu_at_0_vu) + "utc = " + toml_quoted(each.utc) + "\n";
    }
    return write_file_atomically(file_of(state_dir), text);
}

} // namespace overbias::controller
