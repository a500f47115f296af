// SPDX-License-Identifier: Apache-2.0
// Clean tape, by the hour: what the drop-out search calls a drop-out there is a false alarm, and there is none.
// OVERBIAS_SOAK_HOURS: of programme (0.5; scripts/soak: 10). OVERBIAS_SEED: programmes and decks (1).
#include "comparison_programmes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace comparison_test {
namespace {

double number_from(const char* name, double otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtod(text, nullptr);
}

/// Rate at which so few events or fewer have a chance of 5 % (Poisson), in events.
double bound_of_95_percent(int events) {
    const auto chance = [&](double mean) {
        double term = std::exp(-mean);
        double sum = term;
        for (int k = 1; k <= events; ++k) {
            term *= mean / k;
            sum += term;
        }
        return sum;
    };
    double low = 0.0;
    double high = 10.0 + 3.0 * events;
    for (int step = 0; step < 60; ++step) {
        const double middle = 0.5 * (low + high);
        (chance(middle) > 0.05 ? low : high) = middle;
    }
    return high;
}

TEST(DropoutSoak, bound_is_that_of_poisson) {
    EXPECT_NEAR(bound_of_95_percent(0), 2.9957, 1e-3); // -ln 0.05
    EXPECT_NEAR(bound_of_95_percent(1), 4.7439, 1e-3); // half of chi-squared's 95 % with four degrees of freedom
    EXPECT_NEAR(bound_of_95_percent(5), 10.5130, 1e-3);
}

/// Healthy decks are not alike.
DeckModel some_deck(std::mt19937& random) {
    const auto uniform = [&](double a, double b) { return a + (b - a) * static_cast<double>(random()) / 4294967295.0; };
    DeckModel deck;
    deck.seed = 1 + static_cast<unsigned>(random() % 1000000);
    deck.hf_flutter_db = 0.5;
    deck.weave_s = uniform(1e-6, 6e-6);
    deck.azimuth_s = uniform(-3e-6, 3e-6);
    deck.wow_peak *= uniform(0.5, 2.0);
    deck.capstan_peak *= uniform(0.5, 2.0);
    deck.scrape_peak *= uniform(0.5, 2.0);
    deck.noise_db = uniform(-64.0, -56.0);
    deck.treble_db = uniform(-0.8, 0.8);
    deck.bump_db = uniform(0.0, 0.9);
    deck.gain_db = {uniform(-0.5, 0.5), uniform(-0.5, 0.5)};
    deck.play_ppm = uniform(-30.0, 30.0);
    deck.capture_ppm = uniform(-30.0, 30.0);
    return deck;
}

TEST(DropoutSoak, clean_tape_has_no_dropout) {
    const double hours = number_from("OVERBIAS_SOAK_HOURS", 0.5);
    const auto seed = static_cast<unsigned>(number_from("OVERBIAS_SEED", 1.0));
    constexpr double kTrack_s = 15.0;
    // The same programmes are printed on so many decks, each time 2.3 dB softer: making them costs more than printing.
    constexpr unsigned kPrintsOfOne = 5;
    constexpr float kSofter = 0.77F;
    std::mt19937 random(seed);
    const auto began = std::chrono::steady_clock::now();
    double done_s = 0.0;
    double judged_s = 0.0;
    double told_h = 0.0;
    int alarms = 0;
    unsigned programme_seed = 0;
    std::vector<Stereo> programmes;
    for (unsigned print = 0; done_s < hours * 3600.0; ++print) {
        const DeckModel deck = some_deck(random);
        if (print % kPrintsOfOne == 0) {
            programme_seed = 1 + static_cast<unsigned>(random() % 1000000);
            programmes.clear();
            for (const std::string& name : programme_names()) {
                programmes.push_back(fresh_programme(name, programme_seed, kTrack_s));
            }
        } else {
            std::for_each(programmes.begin(), programmes.end(), [](Stereo& stereo) {
                std::for_each(stereo.begin(), stereo.end(), [](float& x) { x *= kSofter; });
            });
        }
        std::vector<const Stereo*> tracks;
        for (const Stereo& stereo : programmes) {
            tracks.push_back(&stereo);
        }
        const auto printed = print_tracks(deck, PrintModel{}, tracks);
        ASSERT_EQ(printed.result.tracks.size(), tracks.size());
        ASSERT_TRUE(printed.result.off_tape) << describe(printed.result);
        for (std::size_t t = 0; t < tracks.size(); ++t) {
            const auto& track = printed.result.tracks[t];
            judged_s += track.judged_share * kTrack_s;
            for (const auto& d : track.dropouts) {
                ++alarms;
                ADD_FAILURE() << "false alarm in print " << print << ", " << programme_names()[t] << " (programme "
                              << programme_seed << "): " << d.programme_time_s << " s, channel " << d.channel << ", "
                              << d.length_ms << " ms, " << d.depth_db << " dB " << d.kind
                              << (d.over_limit ? ", over the limit" : "");
            }
        }
        done_s += static_cast<double>(tracks.size()) * kTrack_s;
        if (const double done_h = done_s / 3600.0; done_h >= told_h + hours / 20.0) {
            told_h = done_h;
            const double took_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
            std::printf("%.2f of %.2f hours, %d alarms, %.0f s so far\n", done_h, hours, alarms, took_s);
            std::fflush(stdout);
        }
    }
    const double done_h = done_s / 3600.0;
    std::printf("seed %u: %.2f hours of clean tape (a band above 3 kHz judged in %.2f of them), %d false alarms; "
                "95 %% bound: fewer than %.3f an hour\n",
                seed, done_h, judged_s / 3600.0, alarms, bound_of_95_percent(alarms) / done_h);
    EXPECT_EQ(alarms, 0);
    EXPECT_GT(judged_s, 0.3 * done_s) << "nothing was looked at";
}

} // namespace
} // namespace comparison_test
