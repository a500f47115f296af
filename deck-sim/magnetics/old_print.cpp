// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/old_print.hpp"

#include "deck-sim/magnetics/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim::magnetics {

namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr std::size_t kPartials = 6;

void add(std::int16_t& cell, double lsb) noexcept {
    cell = static_cast<std::int16_t>(std::clamp(std::lround(static_cast<double>(cell) + lsb), -32767L, 32767L));
}

// One plucked note: partials with amplitudes 1/n, 5 ms of attack, dying away; ends at nothing with the stretch.
struct Note {
    std::array<double, kPartials> cosine{}, sine{}, turn_cos{}, turn_sin{};
    double left = 0, right = 0;
};

} // namespace

void add_old_print(std::int64_t first, double cell_m, double speed_m_s, double flux_scale_lsb,
                   std::span<std::int16_t> cells) noexcept {
    const std::size_t count = cells.size() / 2;
    const double cell_s = cell_m / speed_m_s;
    const auto tone_cells = static_cast<std::int64_t>(kOldToneEnd_m / cell_m);
    std::size_t i = 0;
    for (; i < count && first + static_cast<std::int64_t>(i) < tone_cells; ++i) {
        const double turns =
            std::fmod(static_cast<double>(first + static_cast<std::int64_t>(i)) * cell_s * 1000.0, 1.0);
        const double value = flux_scale_lsb * std::sin(kTwoPi * turns);
        add(cells[2 * i], value);
        add(cells[2 * i + 1], value);
    }
    if (i >= count) {
        return;
    }
    // four chords of three notes share the rest of the stretch
    Random random(static_cast<std::uint64_t>(first) + 77);
    const std::size_t rest = count - i;
    for (std::size_t beat = 0; beat < 4; ++beat) {
        const std::size_t begin = i + rest * beat / 4;
        const std::size_t end = i + rest * (beat + 1) / 4;
        std::array<Note, 3> notes;
        for (Note& note : notes) {
            const double fundamental = 110.0 * std::exp2(std::floor(random.uniform() * 30.0) / 12.0);
            const double place = 0.2 + 0.6 * random.uniform();
            note.left = place;
            note.right = 1.0 - place;
            for (std::size_t p = 0; p < kPartials; ++p) {
                const double turn = kTwoPi * fundamental * static_cast<double>(p + 1) * cell_s;
                note.turn_cos[p] = std::cos(turn);
                note.turn_sin[p] = std::sin(turn);
                note.cosine[p] = 1.0 / static_cast<double>(p + 1);
            }
        }
        const double attack = 0.005 / cell_s;
        for (std::size_t k = begin; k < end; ++k) {
            const auto age = static_cast<double>(k - begin);
            const double envelope =
                std::min(age / attack, 1.0) * (1.0 - age / static_cast<double>(end - begin)) * flux_scale_lsb * 0.7;
            double left = 0.0;
            double right = 0.0;
            for (Note& note : notes) {
                double sum = 0.0;
                for (std::size_t p = 0; p < kPartials; ++p) {
                    const double c = note.cosine[p];
                    const double s = note.sine[p];
                    note.cosine[p] = c * note.turn_cos[p] - s * note.turn_sin[p];
                    note.sine[p] = s * note.turn_cos[p] + c * note.turn_sin[p];
                    sum += s;
                }
                left += note.left * sum;
                right += note.right * sum;
            }
            add(cells[2 * k], left * envelope);
            add(cells[2 * k + 1], right * envelope);
        }
    }
}

} // namespace overbias::deck_sim::magnetics
