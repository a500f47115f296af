// SPDX-License-Identifier: Apache-2.0
#include "tape/calibration_tape.hpp"

#include "base/toml/strict_toml.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <set>
#include <system_error>
#include <utility>

namespace overbias::tape {

namespace {

namespace fs = std::filesystem;
using std::chrono::year_month_day;

constexpr double kFringingAtFifteen_hz = 1000.0;

std::string hz_text(double hz) {
    std::array<char, 32> text{};
    (void)std::snprintf(text.data(), text.size(), hz < 1000.0 ? "%.4g Hz" : "%.4g kHz", hz < 1000.0 ? hz : hz / 1000.0);
    return text.data();
}

std::string number_text(double value) {
    std::array<char, 32> text{};
    (void)std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

/// `count` digits at `at`; -1 when they are none.
int digits(const std::string& text, std::size_t at, std::size_t count) noexcept {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (i >= text.size() || std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

std::optional<year_month_day> read_date(TomlSection& root, const char* key) {
    const auto text = root.optional_text(key);
    if (!text) {
        return std::nullopt;
    }
    const auto date = date_from_text(*text);
    if (!date) {
        root.error(key, "expected a date as \"2024-05-03\", \"2024-05\" or \"2024\", got \"" + *text + "\"");
    }
    return date;
}

std::optional<Equalisation> read_equalisation(TomlSection& root, double speed_ips) {
    const auto name = root.optional_text("equalisation");
    if (!name) {
        return std::nullopt;
    }
    const auto one = equalisation_from_name(*name);
    if (!one || !time_constants(*one, speed_ips)) {
        root.error("equalisation", "\"" + *name +
                                       "\" is not an equalisation (NAB, IEC1, AES) with a standard at this speed; "
                                       "leave it out for a tape without one (flutter)");
    }
    return one;
}

std::optional<CalibrationTape::Reference> read_reference(TomlSection table) {
    if (!table.present()) {
        return std::nullopt;
    }
    CalibrationTape::Reference one;
    one.fluxivity.nwb_per_m = table.required_number("nwb_per_m", {.min = 100.0, .max = 1500.0});
    one.fluxivity.school =
        table.required_choice("school", {"ANSI", "DIN"}) == 1 ? CalibrationSchool::Din : CalibrationSchool::Ansi;
    one.source = table.required_text("source");
    one.unsure = table.boolean("unsure", false);
    refuse_sure_guess(table, one.source, one.unsure);
    return one;
}

std::vector<CalibrationTone> read_tones(TomlSection& root) {
    std::vector<CalibrationTone> tones;
    for (TomlSection& entry : root.sections("tone")) {
        CalibrationTone tone;
        tone.frequency_hz = entry.required_number("frequency_hz", {.min = 20.0, .max = 25000.0});
        tone.level_db = entry.number("level_db", 0.0, {.min = -40.0, .max = 10.0});
        tone.duration_s = entry.optional_number("duration_s", {.min = 1.0, .max = 3600.0});
        if (entry.has("voice_before")) {
            tone.voice_before = entry.boolean("voice_before", false);
        }
        tones.push_back(tone);
    }
    if (tones.empty()) {
        root.error("tone", "expected at least one [[tone]], got none");
    }
    return tones;
}

} // namespace

std::optional<year_month_day> date_from_text(const std::string& text) noexcept {
    const std::size_t size = text.size();
    if ((size != 4 && size != 7 && size != 10) || (size > 4 && text[4] != '-') || (size > 7 && text[7] != '-')) {
        return std::nullopt;
    }
    const int year = digits(text, 0, 4);
    const int month = size > 4 ? digits(text, 5, 2) : 1;
    const int day = size > 7 ? digits(text, 8, 2) : 1;
    if (year < 1930 || month < 0 || day < 0) {
        return std::nullopt;
    }
    const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                              std::chrono::day{static_cast<unsigned>(day)}};
    return date.ok() ? std::optional(date) : std::nullopt;
}

std::string date_text(year_month_day date) {
    std::array<char, 48> text{};
    (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

double fringing_limit_hz(double speed_ips) noexcept {
    return kFringingAtFifteen_hz * speed_ips / 15.0;
}

std::optional<std::string> fringing_warning(const CalibrationTape& tape, double frequency_hz) {
    if (!tape.full_track || frequency_hz >= fringing_limit_hz(tape.speed_ips)) {
        return std::nullopt;
    }
    std::string words = hz_text(frequency_hz) + " of " + tape.name +
                        " is no reference for the low frequencies: below " +
                        hz_text(fringing_limit_hz(tape.speed_ips)) + " at " + number_text(tape.speed_ips) +
                        " ips a track reads high on a tape recorded over its full width. ";
    words += tape.fringing_compensated ? "This tape is compensated for it, for one width of track only. "
                                       : "This tape is not compensated for it. ";
    return words + "Read it, leave the low-frequency adjustment where it is, and set it later by recording a sweep of "
                   "your own.";
}

std::optional<std::string> age_warning(const CalibrationTape& tape, year_month_day today) {
    const std::optional<year_month_day> since = tape.made ? tape.made : tape.bought;
    if (!since) {
        return "the age of " + tape.name + " is not known: give its date (made or bought) in its profile, tape \"" +
               tape.id + "\"";
    }
    const std::string told = (tape.made ? " was made on " : " was bought on ") + date_text(*since);
    if (*since > today) {
        return tape.name + told + ", which is yet to come on " + date_text(today) +
               ": correct the date in its profile, tape \"" + tape.id + "\"";
    }
    year_month_day limit = *since + std::chrono::years{kCalibrationTapeYears};
    if (!limit.ok()) { // 29 February
        limit = limit.year() / limit.month() / std::chrono::last;
    }
    if (today <= limit) {
        return std::nullopt;
    }
    return tape.name + told + ", more than " + std::to_string(kCalibrationTapeYears) +
           " years ago: its high tones may have worn; compare it with a new one before the deck is set by it";
}

Result<CalibrationTape> load_calibration_tape(const fs::path& path) {
    auto document = TomlDocument::read(path);
    if (!document) {
        return document.error();
    }
    TomlSection root = document->root();
    CalibrationTape tape;
    tape.id = path.stem().string();
    tape.name = root.required_text("name");
    tape.maker = root.required_text("maker");
    tape.catalogue_number = root.text_or_empty("catalogue_number");
    tape.speed_ips = root.required_number("ips", {.min = 3.75, .max = 30.0});
    tape.equalisation = read_equalisation(root, tape.speed_ips);
    tape.reference = read_reference(root.section("fluxivity"));
    tape.tones = read_tones(root);
    tape.order_known = root.required_choice("order", {"any", "as_listed"}) == 1;
    tape.complete = root.required_boolean("complete");
    tape.full_track = root.required_boolean("full_track");
    tape.fringing_compensated = root.boolean("fringing_compensated", false);
    tape.azimuth_tolerance_urad = read_figure(root, "azimuth_tolerance_urad", {.min = 1.0, .max = 2000.0});
    tape.source = root.required_text("source");
    tape.unsure = root.boolean("unsure", false);
    refuse_sure_guess(root, tape.source, tape.unsure);
    tape.made = read_date(root, "made");
    tape.bought = read_date(root, "bought");
    if (tape.made && tape.bought && *tape.bought < *tape.made && tape.bought->year() != tape.made->year()) {
        root.error("bought", "the tape was bought before it was made (" + date_text(*tape.made) + ")");
    }
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return tape;
}

Result<std::vector<CalibrationTape>> load_calibration_tapes(const std::vector<fs::path>& directories) {
    std::vector<CalibrationTape> tapes;
    std::set<std::string> known;
    for (const fs::path& directory : directories) {
        std::error_code failure;
        std::vector<fs::path> files;
        for (const fs::directory_entry& entry : fs::directory_iterator(directory / "calibration-tapes", failure)) {
            if (entry.path().extension() == ".toml" && known.insert(entry.path().stem().string()).second) {
                files.push_back(entry.path());
            }
        }
        for (const fs::path& file : files) {
            auto tape = load_calibration_tape(file);
            if (!tape) {
                return tape.error();
            }
            tapes.push_back(std::move(*tape));
        }
    }
    std::sort(tapes.begin(), tapes.end(),
              [](const CalibrationTape& a, const CalibrationTape& b) { return a.id < b.id; });
    return tapes;
}

} // namespace overbias::tape
