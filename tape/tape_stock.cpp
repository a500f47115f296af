// SPDX-License-Identifier: Apache-2.0
#include "tape/tape_stock.hpp"

#include "base/toml/strict_toml.hpp"

#include <cmath>

namespace overbias::tape {

const Overbias* TapeStock::overbias_at(double speed_ips) const noexcept {
    for (const Overbias& one : overbias) {
        if (std::abs(one.speed_ips - speed_ips) < 1e-6 * speed_ips) {
            return &one;
        }
    }
    return nullptr;
}

Result<TapeStock> load_tape_stock(const std::filesystem::path& path) {
    auto document = TomlDocument::read(path);
    if (!document) {
        return document.error();
    }
    TomlSection root = document->root();
    TapeStock stock;
    stock.id = path.stem().string();
    stock.name = root.required_text("name");
    stock.total_thickness_um = read_figure(root, "total_thickness_um", {.min = 5.0, .max = 100.0});
    stock.length_m = read_figure(root, "length_m", {.min = 10.0, .max = 2500.0});
    if (TomlSection level = root.section("operating_level"); level.present()) {
        stock.operating_level = OperatingLevel{
            .fluxivity = {.nwb_per_m = level.required_number("nwb_per_m", {.min = 100.0, .max = 1500.0}),
                          .school = level.required_choice("school", {"ANSI", "DIN"}) == 1 ? CalibrationSchool::Din
                                                                                          : CalibrationSchool::Ansi},
            .source = level.required_text("source"),
            .unsure = level.boolean("unsure", false)};
    }
    for (TomlSection& entry : root.sections("overbias")) {
        stock.overbias.push_back({.speed_ips = entry.required_number("ips", {.min = 3.75, .max = 30.0}),
                                  .frequency_hz = entry.required_number("frequency_hz", {.min = 500.0, .max = 25000.0}),
                                  .overbias_db = entry.required_number("overbias_db", {.min = 0.0, .max = 10.0}),
                                  .record_gap_um = entry.optional_number("record_gap_um", {.min = 1.0, .max = 50.0}),
                                  .source = entry.required_text("source"),
                                  .unsure = entry.boolean("unsure", false)});
    }
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return stock;
}

} // namespace overbias::tape
