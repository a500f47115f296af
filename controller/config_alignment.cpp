// SPDX-License-Identifier: Apache-2.0
#include "controller/config_alignment.hpp"

#include "tape/calibration_tape.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace overbias::controller {

namespace {

void read_limits(TomlSection& table, AlignmentConfig& alignment) {
    const bool given = table.has("level_db") || table.has("high_db") || table.has("low_db") ||
                       table.has("overbias_db") || table.has("timing_us");
    alignment.level_db = table.number("level_db", alignment.level_db, {.min = 0.02, .max = 3.0});
    alignment.high_db = table.number("high_db", alignment.high_db, {.min = 0.05, .max = 6.0});
    alignment.low_db = table.optional_number("low_db", {.min = 0.05, .max = 6.0});
    alignment.overbias_db = table.number("overbias_db", alignment.overbias_db, {.min = 0.05, .max = 3.0});
    alignment.timing_us = table.number("timing_us", alignment.timing_us, {.min = 0.1, .max = 50.0});
    const std::string source = table.text("limits_source", "");
    if (given && source.empty()) {
        table.error("limits_source", "limits are given, and every record repeats where they are from: expected the "
                                     "source, like \"service manual, page 41\"");
    } else if (!given && !source.empty()) {
        table.error("limits_source", "no limit is given that this would be the source of; give one, or leave it out");
    }
    if (!source.empty()) {
        alignment.limits_source = source;
    }
}

} // namespace

void read_alignment(TomlSection& root, const std::vector<std::filesystem::path>& directories,
                    AlignmentConfig& alignment) {
    TomlSection table = root.section("alignment");
    alignment.operator_name = table.text("operator", "");
    read_limits(table, alignment);
    const std::string voltmeter = table.text("voltmeter", "dBu");
    alignment.enters_volts = voltmeter == "V";
    if (!alignment.enters_volts && voltmeter != "dBu") {
        table.error("voltmeter", "expected \"dBu\" or \"V\", got \"" + voltmeter + "\"");
    }
    alignment.vu_meters = table.boolean("vu_meters", alignment.vu_meters);
    alignment.profile_directories = directories;
    const std::string own = table.text("own_profiles", "");
    if (!own.empty()) {
        std::error_code failure;
        const std::filesystem::path folder(own);
        if (!folder.is_absolute()) {
            table.error("own_profiles", "expected an absolute path, got \"" + own + "\"");
        } else if (!std::filesystem::is_directory(folder / "calibration-tapes", failure)) {
            table.error("own_profiles", "expected a directory with calibration-tapes/ in it, got \"" + own +
                                            "\"; make that folder and copy the profile of your tape into it");
        } else {
            alignment.profile_directories.insert(alignment.profile_directories.begin(), folder);
        }
    }
    if (const auto tapes = tape::load_calibration_tapes(alignment.profile_directories); !tapes) {
        const std::string& lines = tapes.error().message;
        for (std::size_t at = 0; at < lines.size();) {
            const std::size_t end = std::min(lines.find('\n', at), lines.size());
            table.error("own_profiles", lines.substr(at, end - at));
            at = end + 1;
        }
    }
}

} // namespace overbias::controller
