// SPDX-License-Identifier: Apache-2.0
// What a proof's readings are held against.
#include "base/figure.hpp"
#include "calibration/proof/proof_job_impl.hpp"

#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace overbias::calibration {

namespace {

constexpr double kNarrowHz = 100.0; ///< below it an id has a decimal

std::string said_by(const tape::Figure& figure, std::string_view unit) {
    return "the deck's sheet: " + tape::figure_text(figure, unit) + (figure.unsure ? "" : " (" + figure.source + ")");
}

} // namespace

ProofLimits proof_limits(const tape::DeckProfile& profile, double speed_ips) {
    ProofLimits limits;
    std::optional<tape::Figure> whole_deck;
    for (const auto& [key, figure] : profile.spec) {
        if (key == "crosstalk_db") {
            limits.crosstalk_db = figure;
        } else if (key == "erase_depth_db") {
            limits.erase_depth_db = figure;
        } else if (key == "third_harmonic_percent") {
            limits.third_harmonic_percent = figure;
        } else if (key == "signal_to_noise_db") {
            whole_deck = figure;
        }
    }
    const tape::DeckSpeed* speed = profile.speed(speed_ips);
    if (speed != nullptr) {
        limits.response = speed->response;
        limits.timing_us = speed->timing_us;
    }
    limits.signal_to_noise_db = speed != nullptr && speed->signal_to_noise_db ? speed->signal_to_noise_db : whole_deck;
    return limits;
}

ProofLimit proof_limit(const std::optional<tape::Figure>& figure, tape::Bound bound, std::string_view unit) {
    if (!figure) {
        return {};
    }
    ProofLimit limit;
    limit.bound = bound;
    limit.remark = said_by(*figure, unit);
    const auto sure = tape::as_limit(*figure);
    if (bound == tape::Bound::BothSides) {
        limit.target = 0.0;
        limit.tolerance = sure;
    } else {
        limit.target = figure->value;
        limit.tolerance = sure ? std::optional(0.0) : std::nullopt;
    }
    return limit;
}

ProofLimit response_limit(std::span<const tape::ResponseLimit> limits, double frequency_hz) {
    std::optional<tape::Figure> tightest;
    for (const tape::ResponseLimit& each : limits) {
        if (frequency_hz < each.from_hz || frequency_hz > each.to_hz) {
            continue;
        }
        const bool surer = tightest && tightest->unsure && !each.within_db.unsure;
        const bool as_sure = !tightest || tightest->unsure == each.within_db.unsure;
        if (!tightest || surer || (as_sure && each.within_db.value < tightest->value)) {
            tightest = each.within_db;
        }
    }
    return proof_limit(tightest, tape::Bound::BothSides, "dB");
}

std::string hz_id(double frequency_hz) {
    std::string text = figure(frequency_hz, frequency_hz < kNarrowHz ? 1 : 0);
    if (text.size() > 2 && text.ends_with(".0")) {
        text.resize(text.size() - 2);
    }
    return text;
}

} // namespace overbias::calibration
