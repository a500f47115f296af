// SPDX-License-Identifier: Apache-2.0
// What a proof should find: measured on a twin of the deck that stands still in its guides (no flutter, weave, noise,
// one crystal), where a plain Fourier sum over whole periods is exact; noise by the printed tables of the standards.
#pragma once

#include "alignment_rig.hpp"

#include <array>
#include <complex>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace overbias::test {

/// The same deck without what moves and hisses.
[[nodiscard]] deck_sim::Settings steady(deck_sim::Settings settings);

/// Amplitude (peak) at a frequency that has whole periods in the stretch, by a plain Fourier sum.
[[nodiscard]] std::complex<double> amplitude(std::span<const double> samples, double frequency_hz, double rate_hz);

class ProofTruth {
  public:
    using PerTrack = std::array<double, 2>;

    /// `turned`: what somebody does to the screws of the deck, and of its twin.
    explicit ProofTruth(const deck_sim::Settings& settings,
                        const std::function<void(deck_sim::SimulatedDeck&)>& turned = {});

    struct Tone {
        PerTrack level_db{};                           ///< re operating level
        std::array<std::array<double, 11>, 2> share{}; ///< of each harmonic, re the first; from 2 on
        double late_us = 0.0;                          ///< the right track
    };
    [[nodiscard]] Tone tone(double frequency_hz, double level_db,
                            audio::OscillatorChannels channels = audio::OscillatorChannels::Both);
    /// Level off tape at which the third harmonic is 3 %, by halving.
    [[nodiscard]] PerTrack mol_db(double frequency_hz);
    /// Of a tone on one track over what the other one hears.
    [[nodiscard]] double separation_db(std::size_t listens, double frequency_hz, double level_db);

  private:
    deck_sim::Settings settings_;
    std::unique_ptr<AlignmentRig> twin_;
};

/// Noise behind a printed weighting, re a full-scale sine: rms behind A (IEC 61672-1, table 3); the mean of a
/// quasi-peak needle behind table 1 of ITU-R BS.468-4.
[[nodiscard]] double a_weighted_dbfs(std::span<const double> samples, double rate_hz);
[[nodiscard]] double quasi_peak_468_dbfs(std::span<const double> samples, double rate_hz);

} // namespace overbias::test
