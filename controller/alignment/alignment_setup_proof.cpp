// SPDX-License-Identifier: Apache-2.0
#include "calibration/proof/proof_job.hpp"
#include "controller/alignment/alignment_procedures.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace overbias::controller {

namespace {

/// The profile's own, or that of the first source of a bias monitor that names one.
std::optional<double> bias_hz(const tape::DeckProfile& profile) {
    std::optional<tape::Figure> khz = profile.bias_frequency_khz;
    for (const tape::BiasSource& source : profile.bias_sources) {
        khz = khz ? khz : source.frequency_khz;
    }
    return khz ? std::optional(1000.0 * khz->value) : std::nullopt;
}

std::unique_ptr<transport::Job> make_proof(calibration::AlignmentContext context, const AlignmentChoice& choice,
                                           const Config& config, const AlignmentMeasured& /*measured*/) {
    calibration::ProofSetup setup;
    setup.limits = calibration::proof_limits(config.deck.profile, config.tape.speed_ips);
    setup.print_through = choice.print_through;
    if (const auto& bias_khz = config.deck.profile.bias_frequency_khz) {
        setup.bias_hz = 1000.0 * bias_khz->value;
    }
    setup.bias_hz = bias_hz(config.deck.profile);
    return calibration::make_proof_job(std::move(context), std::move(setup));
}

} // namespace

AlignmentProcedure proof_procedure() {
    return {.name = "proof",
            .title = "proof",
            .does = "what the aligned deck does: response, distortion, MOL, noise, crosstalk, erasure; sets nothing",
            .needs = {"a tape to record on", "a deck that is aligned"},
            .automatic = true,
            .records = true,
            .waits_for_print_through = true,
            .make = make_proof};
}

} // namespace overbias::controller
