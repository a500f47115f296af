// SPDX-License-Identifier: Apache-2.0
// The parts the tape path is made of: filter design, interpolation, the tape itself, the record chain's flux.
#include "magnetics_rig.hpp"

#include "deck-sim/magnetics/fir_design.hpp"
#include "deck-sim/magnetics/interpolator.hpp"
#include "deck-sim/magnetics/medium.hpp"
#include "deck-sim/magnetics/record_chain.hpp"
#include "deck-sim/magnetics/reproduce_chain.hpp"

#include <gtest/gtest.h>

namespace overbias::deck_sim::magnetics {

namespace {

constexpr double kPartsRate = 48000.0;

std::vector<float> parts_sine(double hz, double amplitude, std::size_t frames, double rate = kPartsRate) {
    std::vector<float> samples(frames);
    for (std::size_t i = 0; i < frames; ++i) {
        samples[i] = static_cast<float>(
            amplitude * std::sin(2.0 * std::numbers::pi * std::fmod(hz * static_cast<double>(i) / rate, 1.0)));
    }
    return samples;
}

MediumConfig small_tape() {
    MediumConfig config;
    config.length_m = 4.0;
    return config;
}

double flux_rms(Medium& tape, std::int64_t first, std::size_t cells) {
    std::vector<float> left(cells);
    std::vector<float> right(cells);
    tape.read(first, cells, left.data(), right.data());
    return rig::rms(left);
}

void record_blocks(Medium& tape, std::int64_t first, const std::vector<float>& flux, float keep) {
    for (std::size_t i = 0; i < flux.size(); i += 48) {
        tape.record(first + static_cast<std::int64_t>(i), std::min<std::size_t>(48, flux.size() - i), flux.data() + i,
                    flux.data() + i, RecordPass{.keep = keep});
    }
}

void erase_blocks(Medium& tape, std::int64_t first, std::size_t cells) {
    for (std::size_t i = 0; i < cells; i += 48) {
        tape.erase(first + static_cast<std::int64_t>(i), std::min<std::size_t>(48, cells - i));
    }
}

} // namespace

TEST(FirDesign, MinimumPhaseFindsTheFilterBehindAMagnitude) {
    // 1 / (1 - z^-1 / 2) is minimum phase; its magnitude is sqrt(1 / (1.25 - cos w)), its impulse response 1, 1/2, 1/4
    // ...
    const auto pole = [](double f) {
        return std::sqrt(1.0 / (1.25 - std::cos(2.0 * std::numbers::pi * f / kPartsRate)));
    };
    const std::vector<float> taps = minimum_phase_fir(pole, kPartsRate, 32);
    for (std::size_t i = 0; i < 20; ++i) {
        EXPECT_NEAR(taps[i], std::pow(0.5, i), 1e-6) << i;
    }
    // and of a magnitude that has no minimum-phase original: still that magnitude
    const auto shelf = [](double f) { return f < 9000.0 ? 1.0 : 0.7; };
    const std::vector<float> longer = minimum_phase_fir(shelf, kPartsRate, 256);
    EXPECT_NEAR(response_db(longer, 2000.0, kPartsRate), 0.0, 0.05);
    EXPECT_NEAR(response_db(longer, 18000.0, kPartsRate), rig::db(0.7), 0.05);
}

TEST(FirDesign, ZeroPhaseIsSymmetricAndMeetsTheSpacingLoss) {
    const auto loss = [](double f) { return std::exp(-2.0 * std::numbers::pi * f * 14e-6 / 0.381); };
    const std::vector<float> taps = zero_phase_fir(loss, kPartsRate, 255);
    for (std::size_t i = 0; i < 127; ++i) {
        EXPECT_EQ(taps[i], taps[254 - i]);
    }
    for (const double hz : {300.0, 1000.0, 3000.0, 10000.0}) {
        EXPECT_NEAR(response_db(taps, hz, kPartsRate), rig::db(loss(hz)), 0.15) << hz;
    }
}

TEST(Interpolation, IsFlatToEighteenKilohertzAndItsErrorIsSmall) {
    const Interpolator between;
    for (const double hz : {100.0, 1000.0, 10000.0, 15000.0, 18000.0}) {
        const std::vector<float> samples = parts_sine(hz, 1.0, 4096);
        double wanted_power = 0.0;
        double got_with_wanted = 0.0;
        double error = 0.0;
        for (int i = 0; i < 3000; ++i) {
            const double at = 100.0 + 1.0137 * i;
            const double whole = std::floor(at);
            const double got =
                static_cast<double>(between.at(samples.data() + static_cast<std::size_t>(whole), at - whole));
            const double wanted = std::sin(2.0 * std::numbers::pi * hz * at / kPartsRate);
            wanted_power += wanted * wanted;
            got_with_wanted += got * wanted;
            error += (got - wanted) * (got - wanted);
        }
        EXPECT_NEAR(rig::db(got_with_wanted / wanted_power), 0.0, 0.1) << hz;
        if (hz <= 10000.0) {
            EXPECT_LT(10.0 * std::log10(error / wanted_power), -65.0) << hz;
        }
    }
}

TEST(Tape, KeepsWhatWasRecordedAtItsPlace) {
    Medium tape(small_tape());
    const std::vector<float> flux = parts_sine(1000.0, 1.0, 4800);
    record_blocks(tape, 100000, flux, 1.0F);
    std::vector<float> left(4800);
    std::vector<float> right(4800);
    tape.read(100000, 4800, left.data(), right.data());
    double worst = 0.0;
    for (std::size_t i = 0; i < flux.size(); ++i) {
        worst = std::max(worst, static_cast<double>(std::abs(left[i] - flux[i])));
    }
    EXPECT_LT(worst, 0.003); // tape noise, 5 sigma
    EXPECT_LT(flux_rms(tape, 110000, 4800), 6e-4);
}

TEST(Tape, NoiseIsWhatWasAskedFor) {
    Medium tape(small_tape());
    erase_blocks(tape, 0, 48000);
    record_blocks(tape, 0, std::vector<float>(48000, 0.0F), 1.0F);
    EXPECT_NEAR(rig::db(flux_rms(tape, 0, 48000) / 4e-4), 0.0, 0.2);
    EXPECT_NEAR(rig::db(flux_rms(tape, 200000, 48000) / 4e-4), -3.0, 0.4); // bulk-erased
    // the same noise again on a replay
    EXPECT_EQ(flux_rms(tape, 1000, 100), flux_rms(tape, 1000, 100));
}

TEST(Tape, EraseLeavesItsDepthAndOverwritingFarMore) {
    MediumConfig config = small_tape();
    config.noise_flux_rms = 1e-4; // as quiet as 16 bits go
    Medium tape(config);
    const std::vector<float> loud = parts_sine(1000.0, 5.0, 48000);
    std::vector<float> left(48000);
    std::vector<float> right(48000);
    const auto tone_db = [&] {
        tape.read(0, 48000, left.data(), right.data());
        return rig::db(std::abs(rig::tone(left, 1000.0, kPartsRate)) / 5.0);
    };
    record_blocks(tape, 0, loud, 1.0F);
    EXPECT_NEAR(tone_db(), 0.0, 0.01);
    erase_blocks(tape, 0, 48000);
    EXPECT_NEAR(tone_db(), -78.0, 1.5);
    record_blocks(tape, 0, loud, 1.0F);
    record_blocks(tape, 0, std::vector<float>(48000, 0.0F), tape.overwrite_gain());
    EXPECT_NEAR(tone_db(), -40.0, 0.5);
}

TEST(Tape, HasEndsAndHeadroom) {
    Medium tape(small_tape());
    const std::int64_t cells = tape.cells();
    EXPECT_NEAR(static_cast<double>(cells) * 7.9375e-6, 4.0, 1e-5);
    record_blocks(tape, -24, std::vector<float>(48, 100.0F), 1.0F); // far beyond full scale
    record_blocks(tape, cells - 24, std::vector<float>(48, -100.0F), 1.0F);
    std::vector<float> left(48);
    std::vector<float> right(48);
    tape.read(-24, 48, left.data(), right.data());
    EXPECT_EQ(left[23], 0.0F);
    EXPECT_NEAR(left[24], 10.0F, 0.001F); // +20 dB
    tape.read(cells - 24, 48, left.data(), right.data());
    EXPECT_NEAR(right[23], -10.0F, 0.001F);
    EXPECT_EQ(right[24], 0.0F);
    tape.read(cells + 5, 48, left.data(), right.data());
    EXPECT_EQ(left[0], 0.0F);
    erase_blocks(tape, -100, 48); // nothing there, nothing happens
}

TEST(Tape, TakesMemoryOnlyWhereItWasTouched) {
    MediumConfig config;
    config.length_m = 762.0;
    Medium tape(config);
    EXPECT_EQ(tape.touched_bytes(), 0U);
    record_blocks(tape, 40000000, std::vector<float>(48000, 0.1F), 1.0F);
    EXPECT_LE(tape.touched_bytes(), 2U * 65536U * 4U);
    EXPECT_GT(tape.touched_bytes(), 0U);
}

TEST(RecordedFlux, FollowsTheStandardOfTheMachine) {
    // MRL: a 15 ips NAB tape on an IEC1 machine, re 1 kHz. Two machines record the same; their flux differs by that
    // table.
    const double hz[] = {63, 126, 250, 500, 1000, 2000, 4000, 8000, 16000};
    const double nab_on_iec[] = {2.31, 0.83, 0.35, 0.18, 0, -0.48, -1.43, -2.33, -2.74};
    Settings settings = rig::ideal();
    const auto flux_at = [&](Equalisation equalisation, double frequency) {
        settings.equalisation = equalisation;
        RecordChain chain(settings, {}, 480);
        std::vector<float> left = parts_sine(frequency, 0.05, 48000);
        std::vector<float> right = left;
        for (std::size_t i = 0; i < left.size(); i += 480) {
            chain.process(left.data() + i, right.data() + i, 480);
        }
        return rig::db(std::abs(rig::tone(std::span(left).last(24000), frequency, kPartsRate)));
    };
    const double nab_1k = flux_at(Equalisation::Nab, 1000.0);
    const double iec_1k = flux_at(Equalisation::Iec1, 1000.0);
    for (int i = 0; i < 9; ++i) {
        const double nab = flux_at(Equalisation::Nab, hz[i]) - nab_1k;
        const double iec = flux_at(Equalisation::Iec1, hz[i]) - iec_1k;
        EXPECT_NEAR(nab - iec, nab_on_iec[i], 0.15) << hz[i];
        const double x = 2.0 * std::numbers::pi * 35e-6;
        EXPECT_NEAR(iec, -10.0 * std::log10((1 + x * x * hz[i] * hz[i]) / (1 + x * x * 1e6)), 0.15) << hz[i];
    }
}

} // namespace overbias::deck_sim::magnetics
