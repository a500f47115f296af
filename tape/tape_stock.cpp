// SPDX-License-Identifier: Apache-2.0
#include "tape/tape_stock.hpp"

#include "base/toml/strict_toml.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace overbias::tape {

namespace {

constexpr TomlBounds kSpeedBounds{.min = 3.75, .max = 30.0};
constexpr TomlBounds kFluxBounds{.min = 100.0, .max = 1500.0};

bool same(double a, double b) noexcept {
    return std::abs(a - b) < 1e-6 * b;
}

template <typename Entry, typename Fits>
const Entry* first_of(const std::vector<Entry>& entries, Fits fits) noexcept {
    for (const Entry& each : entries) {
        if (fits(each)) {
            return &each;
        }
    }
    return nullptr;
}

Fluxivity read_fluxivity(TomlSection& table, const char* key) {
    const double nwb_per_m = table.required_number(key, kFluxBounds);
    const bool din = table.required_choice("school", {"ANSI", "DIN"}) == 1;
    return {.nwb_per_m = nwb_per_m, .school = din ? CalibrationSchool::Din : CalibrationSchool::Ansi};
}

Figure read_level(TomlSection& entry, TomlBounds bounds) {
    Figure level{.value = entry.required_number("level_db", bounds),
                 .source = entry.required_text("source"),
                 .unsure = entry.boolean("unsure", false)};
    refuse_sure_guess(entry, level.source, level.unsure);
    return level;
}

std::vector<StockLevel> read_levels(TomlSection& root, const char* key) {
    std::vector<StockLevel> levels;
    for (TomlSection& entry : root.sections(key)) {
        StockLevel one;
        one.speed_ips = entry.required_number("ips", kSpeedBounds);
        one.frequency_hz = entry.required_number("frequency_hz", {.min = 100.0, .max = 25000.0});
        one.level_db = read_level(entry, {.min = -30.0, .max = 30.0});
        one.reference = read_fluxivity(entry, "re_nwb_per_m");
        levels.push_back(std::move(one));
    }
    return levels;
}

std::vector<StockNoise> read_noise(TomlSection& root) {
    constexpr std::array kWeightings{NoiseWeighting::A, NoiseWeighting::Itu468};
    std::vector<StockNoise> all;
    for (TomlSection& entry : root.sections("noise")) {
        StockNoise one;
        one.speed_ips = entry.required_number("ips", kSpeedBounds);
        one.weighting = kWeightings.at(entry.required_choice("weighting", {"A", "ITU-R 468"}));
        one.level_db = read_level(entry, {.min = -100.0, .max = -20.0});
        one.reference = read_fluxivity(entry, "re_nwb_per_m");
        all.push_back(std::move(one));
    }
    return all;
}

std::vector<Overbias> read_overbias(TomlSection& root) {
    std::vector<Overbias> all;
    for (TomlSection& entry : root.sections("overbias")) {
        all.push_back({.speed_ips = entry.required_number("ips", kSpeedBounds),
                       .frequency_hz = entry.required_number("frequency_hz", {.min = 500.0, .max = 25000.0}),
                       .overbias_db = entry.required_number("overbias_db", {.min = 0.0, .max = 10.0}),
                       .record_gap_um = entry.optional_number("record_gap_um", {.min = 1.0, .max = 50.0}),
                       .source = entry.required_text("source"),
                       .unsure = entry.boolean("unsure", false)});
        refuse_sure_guess(entry, all.back().source, all.back().unsure);
    }
    return all;
}

} // namespace

const Overbias* TapeStock::overbias_at(double speed_ips) const noexcept {
    return first_of(overbias, [&](const Overbias& one) { return same(one.speed_ips, speed_ips); });
}

const StockLevel* TapeStock::mol_at(double speed_ips) const noexcept {
    return first_of(mol, [&](const StockLevel& one) { return same(one.speed_ips, speed_ips); });
}

const StockLevel* TapeStock::sol_at(double speed_ips, double frequency_hz) const noexcept {
    return first_of(sol, [&](const StockLevel& one) {
        return same(one.speed_ips, speed_ips) && same(one.frequency_hz, frequency_hz);
    });
}

const StockNoise* TapeStock::noise_at(double speed_ips, NoiseWeighting weighting) const noexcept {
    return first_of(
        noise, [&](const StockNoise& one) { return same(one.speed_ips, speed_ips) && one.weighting == weighting; });
}

std::string_view weighting_name(NoiseWeighting weighting) noexcept {
    return weighting == NoiseWeighting::A ? "A" : "ITU-R 468";
}

std::string overbias_text(const Overbias& overbias) {
    std::array<char, 96> text{};
    (void)std::snprintf(text.data(), text.size(), "%.4g dB at %.5g Hz", overbias.overbias_db, overbias.frequency_hz);
    std::string all(text.data());
    if (overbias.record_gap_um) {
        (void)std::snprintf(text.data(), text.size(), ", record gap %.3g um", *overbias.record_gap_um);
        all += text.data();
    }
    return overbias.unsure ? all + " (unsure: " + overbias.source + ")" : all;
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
    stock.coating_thickness_um = read_figure(root, "coating_thickness_um", {.min = 1.0, .max = 40.0});
    stock.permeability_along = read_figure(root, "permeability_along", {.min = 1.0, .max = 10.0});
    stock.permeability_through = read_figure(root, "permeability_through", {.min = 1.0, .max = 10.0});
    stock.print_through_db = read_figure(root, "print_through_db", {.min = 30.0, .max = 80.0});
    if (TomlSection level = root.section("operating_level"); level.present()) {
        stock.operating_level = OperatingLevel{.fluxivity = read_fluxivity(level, "nwb_per_m"),
                                               .source = level.required_text("source"),
                                               .unsure = level.boolean("unsure", false)};
        refuse_sure_guess(level, stock.operating_level->source, stock.operating_level->unsure);
    }
    stock.overbias = read_overbias(root);
    stock.mol = read_levels(root, "mol");
    stock.sol = read_levels(root, "sol");
    stock.noise = read_noise(root);
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return stock;
}

} // namespace overbias::tape
