// SPDX-License-Identifier: Apache-2.0
#include "controller/client/measure_command.hpp"

#include "base/json/json_text.hpp"
#include "controller/client/measure_test_tones.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/texts.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <string_view>
#include <unistd.h>

namespace overbias::controller {

using calibration::FileMeasurement;

namespace {

std::string figure(double value, int digits) {
    char text[48];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

/// Lines of one group; its title comes before the first.
class Group {
  public:
    Group(std::string& to, std::string title) : to_(to), title_(std::move(title)) {}

    void line(std::string_view name, const std::string& value, std::string_view unit, std::string_view how) {
        if (!title_.empty()) {
            to_ += "\n" + std::exchange(title_, {}) + "\n";
        }
        char text[200];
        const std::string with_unit = value + " " + std::string(unit);
        std::snprintf(text, sizeof text, "  %-22.*s %-26s %.*s", static_cast<int>(name.size()), name.data(),
                      with_unit.c_str(), static_cast<int>(how.size()), how.data());
        std::string shown = text;
        shown.erase(shown.find_last_not_of(' ') + 1);
        to_ += shown + "\n";
    }
    void line(std::string_view name, const std::optional<double>& value, int digits, std::string_view unit,
              std::string_view how) {
        if (value) {
            line(name, figure(*value, digits), unit, how);
        }
    }
    /// By channel; nothing when it applies to none.
    void line(std::string_view name, const std::vector<std::optional<double>>& values, int digits,
              std::string_view unit, std::string_view how) {
        std::string shown;
        bool any = false;
        for (const auto& value : values) {
            shown += (shown.empty() ? "" : "  ") + (value ? figure(*value, digits) : "-");
            any = any || value.has_value();
        }
        if (any) {
            line(name, shown, unit, how);
        }
    }
    void line(std::string_view name, const std::vector<double>& values, int digits, std::string_view unit,
              std::string_view how) {
        line(name, std::vector<std::optional<double>>(values.begin(), values.end()), digits, unit, how);
    }

  private:
    std::string& to_;
    std::string title_;
};

void add_loudness(std::string& to, const FileMeasurement& m) {
    Group group(to, "Loudness and peaks");
    const auto& it = m.loudness;
    group.line("integrated", it.integrated_lufs, 1, "LUFS", "ITU-R BS.1770-5, gated");
    group.line("range", it.range_lu, 1, "LU",
               it.range_stable ? "EBU Tech 3342" : "EBU Tech 3342; less than a minute: not to be relied upon");
    group.line("momentary, highest", it.momentary_max_lufs, 1, "LUFS", "EBU Tech 3341, 0.4 s");
    group.line("short-term, highest", it.short_term_max_lufs, 1, "LUFS", "EBU Tech 3341, 3 s");
    group.line("true peak", it.true_peak_dbtp, 2, "dBTP", "ITU-R BS.1770-5 annex 2");
    group.line("sample peak", it.sample_peak_dbfs, 2, "dBFS", "");
    std::string clips;
    bool clipped = false;
    for (const auto count : it.clips) {
        clips += (clips.empty() ? "" : "  ") + std::to_string(count);
        clipped = clipped || count > 0;
    }
    if (clipped) {
        group.line("clips", clips, "", "runs of 3 full-scale samples and more");
    }
}

void add_tone(std::string& to, const FileMeasurement& m) {
    if (!m.tone) {
        return;
    }
    Group group(to, "Tone, from " + clock_text(m.tone->start_s) + " on, " + figure(m.tone->duration_s, 1) + " s");
    group.line("frequency", m.tone->frequency_hz, 3, "Hz", "");
    group.line("level", m.tone->level_dbfs, 2, "dBFS", "full-scale sine 0 dBFS");
    group.line("THD", m.tone->thd_percent, 4, "%", "harmonics to the fundamental");
    group.line("third harmonic", m.tone->h3_percent, 4, "%", "to the fundamental");
    group.line("THD+N", m.tone->thd_n_percent, 4, "%", "AES17, 20 Hz to 20 kHz");
    if (m.tones.size() > m.channels) {
        Group others(to, "Tones");
        for (const auto& found : m.tones) {
            others.line(clock_text(found.tone.begin_s) + ", channel " + std::to_string(found.channel + 1),
                        figure(found.tone.frequency_hz, 1), "Hz",
                        figure(found.tone.level_dbfs, 1) + " dBFS for " + figure(found.duration_s(), 1) + " s");
        }
    }
}

void add_test_tones(std::string& to, const FileMeasurement& m) {
    for (const FigureGroup& its : test_tone_groups(m.test_tones)) {
        Group group(to, its.title);
        for (const FigureLine& line : its.lines) {
            group.line(line.name, line.value, "", line.how);
        }
    }
}

void add_wow_flutter(std::string& to, const FileMeasurement& m) {
    if (!m.wow_flutter) {
        return;
    }
    const auto& it = m.wow_flutter->reading;
    Group group(to, "Wow and flutter, channel " + std::to_string(m.wow_flutter_channel + 1) + ", " +
                        figure(it.duration_s, 1) + " s");
    group.line("carrier", it.carrier_hz, 3, "Hz", "");
    if (it.speed_error_percent) {
        group.line("speed error", it.speed_error_percent, 3, "%",
                   "re " + figure(m.wow_flutter->nominal_carrier_hz, 0) + " Hz");
    }
    group.line("drift", it.drift_percent, 3, "%", "over " + figure(it.drift_over_s, 0) + " s");
    group.line("weighted", it.weighted_two_sigma_percent, 4, "%", "AES6, IEC 60386, two-sigma peak");
    group.line("weighted, quasi-peak", it.weighted_quasi_peak_percent, 4, "%", "DIN 45507 detector");
    group.line("unweighted", it.unweighted_percent, 4, "%", "two-sigma peak");
    group.line("wow", it.wow_percent, 4, "%", "below 6 Hz, two-sigma peak");
    group.line("flutter", it.flutter_percent, 4, "%", "above 6 Hz, two-sigma peak");
    if (it.excluded_share > 0.0) {
        group.line("left out", figure(100.0 * it.excluded_share, 2), "%", "of the time, in drop-outs");
    }
    for (const auto& line : m.wow_flutter->lines) {
        group.line("  line", figure(line.frequency_hz, 2), "Hz", figure(line.peak_percent, 4) + " % peak");
    }
}

void add_stereo(std::string& to, const FileMeasurement& m) {
    if (!m.stereo) {
        return;
    }
    const auto& it = *m.stereo;
    Group group(to, "Second channel against the first");
    group.line("level", it.level_difference_db, 2, "dB", m.tone ? "of the tone" : "rms");
    std::string how = "positive: the second channel is later";
    if (it.azimuth_from == calibration::AzimuthFrom::AmbiguousTone) {
        how = "whole periods of " + figure(it.azimuth_period_us.value_or(0.0), 1) + " us may be missing";
    } else if (it.azimuth_from == calibration::AzimuthFrom::Programme) {
        how = "an estimate from programme, confidence " + figure(it.azimuth_confidence.value_or(0.0), 2);
    }
    if (it.azimuth_us) {
        group.line("azimuth", figure(*it.azimuth_us, 2) + " +- " + figure(it.azimuth_error_us.value_or(0.0), 2), "us",
                   how + "; mean of " + figure(it.azimuth_averaging_s, 1) + " s");
    }
    group.line("phase at the tone", it.phase_deg_at_carrier, 1, "deg", "late: negative");
    group.line("correlation", it.correlation, 3, "", "over the whole file");
}

void add_noise(std::string& to, const FileMeasurement& m) {
    if (!m.noise) {
        return;
    }
    Group group(to, "Levels of the whole file, by weighting");
    group.line("rms", m.noise->rms_dbfs, 2, "dBFS", "unweighted");
    group.line("rms", m.noise->band_dbfs, 2, "dBFS", "20 Hz to 20 kHz");
    group.line("A-weighted", m.noise->a_weighted_dbfs, 2, "dBFS", "IEC 61672-1, rms");
    group.line("C-weighted", m.noise->c_weighted_dbfs, 2, "dBFS", "IEC 61672-1, rms");
    group.line("468", m.noise->itu468_dbqps, 2, "dBqps", "ITU-R BS.468-4, quasi-peak");
    group.line("CCIR/ARM", m.noise->ccir_arm_dbfs, 2, "dBFS", "468 at 2 kHz, average");
    for (std::size_t c = 0; c < m.hum.size(); ++c) {
        for (const auto& line : m.hum[c].lines) {
            group.line("hum, channel " + std::to_string(c + 1), figure(line.level_dbfs, 1), "dBFS", line.name());
        }
    }
}

} // namespace

std::string measurement_text(const FileMeasurement& measured, const std::string& file) {
    std::string out = printable(file) + ": " + clock_text(measured.duration_s) + ", " +
                      figure(measured.sample_rate_hz, 0) + " Hz, " + std::to_string(measured.channels) +
                      (measured.channels == 1 ? " channel\n" : " channels\n");
    add_loudness(out, measured);
    add_tone(out, measured);
    add_test_tones(out, measured);
    add_wow_flutter(out, measured);
    add_stereo(out, measured);
    add_noise(out, measured);
    return out;
}

int run_measure(const std::string& file, bool json) {
    const bool shows = isatty(STDERR_FILENO) != 0;
    std::function<void(double)> progress;
    if (shows) {
        progress = [](double share) {
            std::fprintf(stderr, share < 1.0 ? "\rmeasuring ... %.0f %%" : "\r                    \r", 100.0 * share);
        };
    }
    const auto measured = calibration::measure_file(file, progress);
    if (!measured) {
        throw UnusableArgument(measured.error().message);
    }
    if (json) {
        std::printf("%s\n", json_line(measurement_json(*measured, file)).c_str());
    } else {
        std::fputs(measurement_text(*measured, file).c_str(), stdout);
    }
    return 0;
}

} // namespace overbias::controller
