// SPDX-License-Identifier: Apache-2.0
// The bias that a deck leaves on its line output, as the proof reads it.
#include "alignment_rig.hpp"
#include "base/units.hpp"
#include "calibration/proof/proof_job.hpp"
#include "proof_truth.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <complex>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace overbias::calibration {

using test::AlignmentRig;

namespace {

ProofSetup residual_alone(std::optional<double> bias_hz) {
    ProofSetup setup;
    setup.tones = setup.sweep = setup.timing = setup.distortion = setup.mol = setup.noise = setup.crosstalk =
        setup.erase = false;
    setup.bias_hz = bias_hz;
    setup.bias_residual_s = 2.0;
    return setup;
}

/// A deck of the kind whose bias a converter of 192 kHz hears.
deck_sim::Settings low_bias_deck(double leak_db) {
    deck_sim::Settings settings;
    settings.sample_rate_hz = 192000.0;
    settings.bias_hz = 80300.0; // and the profile says 80 kHz
    settings.bias_leak_db = leak_db;
    return settings;
}

/// Ends the job; why it measured no bias residual.
std::string not_measured_because(AlignmentRig& rig, const ProofSetup& setup) {
    rig.events.clear();
    rig.start(make_proof_job(rig.context(), setup));
    (void)rig.finish();
    for (const transport::JobEvent& event : rig.events) {
        if (event.kind == "not_measured") {
            EXPECT_EQ(event.detail.at("step"), "proof.bias_residual");
            return event.detail.at("reason");
        }
    }
    return "";
}

} // namespace

TEST(ProofResidual, ReadsTheBiasOnEachTracksLineWhileItRecords) {
    AlignmentRig rig(low_bias_deck(-57.0));
    deck_sim::Screws screws = rig.deck->screws();
    screws.tracks[1].bias_ma *= amplitude_from_db(-4.0);
    rig.deck->turn(screws);
    EXPECT_EQ(not_measured_because(rig, residual_alone(80000.0)), "");
    EXPECT_EQ(rig.ended()->ending, controller::JobEnding::NotJudged) << rig.ended()->reason;
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record);
    const double injected_db[] = {-57.0, -61.0};
    for (int channel = 1; channel <= 2; ++channel) {
        const tape::AlignmentStep* step = record->step("proof.bias_residual", channel);
        ASSERT_NE(step, nullptr);
        EXPECT_NEAR(step->reading, injected_db[channel - 1], 0.5);
        EXPECT_EQ(step->unit, "dB");
        EXPECT_EQ(step->averaging_s, 2.0);
        EXPECT_EQ(step->bound, tape::Bound::BothSides);
        EXPECT_EQ(step->remark, "bias at 80.3 kHz");
    }
}

TEST(ProofResidual, TellsABoundWhereNoiseHidesIt) {
    AlignmentRig rig(low_bias_deck(-140.0));
    rig.into_record();
    const auto hiss = rig.taken(dsp::Signal{}, audio::OscillatorChannels::Both, 1.2);
    rig.to_rest();
    EXPECT_EQ(not_measured_because(rig, residual_alone(80000.0)), "");
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record);
    for (std::size_t track = 0; track < 2; ++track) {
        // in 2 kHz, as a Fourier sum behind a Hann window finds it in pieces of 20 ms; a twentieth of it in 100 Hz
        constexpr std::size_t kPiece = 3840, kPieces = 50;
        constexpr double kHannNoise = 1.5, kNarrower = 20.0;
        constexpr double kBin_hz = 50.0, kHalf_hz = 1000.0, kRate_hz = 192000.0;
        ASSERT_GE(hiss.at(track).size(), kPiece * kPieces);
        double power = 0.0;
        for (std::size_t piece = 0; piece < kPieces; ++piece) {
            const auto samples = std::span(hiss.at(track)).subspan(piece * kPiece, kPiece);
            for (double hz = 80000.0 - kHalf_hz; hz < 80000.0 + kHalf_hz; hz += kBin_hz) {
                power += std::norm(test::amplitude(samples, hz, kRate_hz));
            }
        }
        const double noise_db = power_db(power / kHannNoise / kNarrower / static_cast<double>(kPieces)) -
                                low_bias_deck(0.0).capture_dbfs_at_operating_level;
        const tape::AlignmentStep* step = record->step("proof.bias_residual", static_cast<int>(track) + 1);
        ASSERT_NE(step, nullptr);
        EXPECT_NEAR(step->reading, noise_db, 1.5);
        EXPECT_EQ(step->bound, tape::Bound::AtMost);
        EXPECT_THAT(step->remark, testing::HasSubstr("at most this"));
        EXPECT_THAT(step->remark, testing::HasSubstr("noise in 120 Hz"));
    }
}

TEST(ProofResidual, SaysWhyItCanNotBeHeard) {
    AlignmentRig rig(deck_sim::Settings{});
    EXPECT_EQ(not_measured_because(rig, residual_alone(std::nullopt)), "the profile names no bias frequency");
    EXPECT_EQ(not_measured_because(rig, residual_alone(150000.0)),
              "bias at 150 kHz: a converter of 48 kHz hears up to 21.6 kHz");
    EXPECT_THAT(rig.ended()->reason, testing::HasSubstr("nothing could be measured"));
    deck_sim::Settings settings;
    settings.capture_sample_rate_hz = 192000.0;
    AlignmentRig two_rates(settings);
    EXPECT_EQ(not_measured_because(two_rates, residual_alone(80000.0)),
              "bias at 80 kHz: what comes back at 192 kHz is converted to the playback's 48 kHz, and that holds up to "
              "21.6 kHz");
}

} // namespace overbias::calibration
