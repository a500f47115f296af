// SPDX-License-Identifier: Apache-2.0
#include "mastering/plan/tape_limits.hpp"

#include "base/figure.hpp"
#include "base/toml/message_text.hpp"

#include <cmath>

namespace overbias::mastering {

namespace {

constexpr double kSameSpeed = 0.001;
constexpr double kBandEdge = 1.1220184543; ///< 10^(1/20): a band holds what lies within it

std::string frequency_text(double hz) {
    return hz < 1000.0 ? number_text(hz) + " Hz" : number_text(hz / 1000.0) + " kHz";
}

std::string basis_text(const char* name, const tape::StockLevel& level) {
    return std::string(name) + " at " + frequency_text(level.frequency_hz) + " " +
           figure(level.level_db.value, 1, true) + " dB re " + tape::fluxivity_text(level.reference) + " (" +
           (level.level_db.unsure ? "unsure: " : "") + level.level_db.source + ")";
}

double re_operating_db(const tape::StockLevel& level, const PlanTape& on) {
    return level.level_db.value + tape::level_db(level.reference, on.operating_level);
}

} // namespace

std::vector<std::optional<TapeBandLimit>> tape_band_limits(const tape::TapeStock& stock, const PlanTape& on,
                                                           const std::vector<double>& nominal_hz) {
    const tape::StockLevel* mol = stock.mol_at(on.speed_ips);
    const auto constants = tape::time_constants(on.equalisation, on.speed_ips);
    std::vector<std::optional<TapeBandLimit>> limits;
    for (const double band_hz : nominal_hz) {
        const tape::StockLevel* sol = nullptr;
        for (const tape::StockLevel& each : stock.sol) {
            const bool this_speed = std::abs(each.speed_ips / on.speed_ips - 1.0) < kSameSpeed;
            if (this_speed && each.frequency_hz <= band_hz * kBandEdge &&
                (sol == nullptr || each.frequency_hz > sol->frequency_hz)) {
                sol = &each;
            }
        }
        if (sol != nullptr) {
            const double level_db = re_operating_db(*sol, on);
            limits.emplace_back(TapeBandLimit{true, level_db, level_db, basis_text("SOL", *sol)});
        } else if (mol != nullptr) {
            const double level_db = re_operating_db(*mol, on);
            double flux_db = 0.0;
            if (constants && band_hz < mol->frequency_hz) {
                flux_db =
                    tape::flux_response_db(*constants, band_hz) - tape::flux_response_db(*constants, mol->frequency_hz);
            }
            limits.emplace_back(TapeBandLimit{false, level_db - flux_db, level_db, basis_text("MOL", *mol)});
        } else {
            limits.emplace_back();
        }
    }
    return limits;
}

} // namespace overbias::mastering
