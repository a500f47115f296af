// SPDX-License-Identifier: Apache-2.0
// Oracles: y = x - x^3 / 3 of a sine of peak A has a1 = A (1 - A^2 / 4), a3 = A^3 / 12: 3 % at A = 0.574696, and its
// highest a1 at A = 2 / sqrt 3, by the derivative. Other bends by their Fourier integrals, added up here; a fit's error
// against how far repeated searches scatter.
#include "dsp/analysis/local_fit.hpp"
#include "dsp/analysis/mol_search.hpp"
#include "dsp/analysis/sol_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numbers>
#include <optional>
#include <random>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::dsp::level_search_test {
namespace {

double db(double x) {
    return 20.0 * std::log10(x);
}
double from_db(double x) {
    return std::pow(10.0, x / 20.0);
}

struct Harmonics {
    double first = 0.0, third = 0.0;
};
using Tape = std::function<Harmonics(double peak)>;

Harmonics cubic(double peak) {
    return {peak * (1.0 - peak * peak / 4.0), peak * peak * peak / 12.0};
}
/// a_n = 2 / pi times the integral of y(A sin t) sin(n t) over half a period, 20000 steps.
Tape bend(const std::function<double(double)>& y) {
    return [y](double peak) {
        constexpr int kSteps = 20000;
        double first = 0.0, third = 0.0;
        for (int i = 0; i < kSteps; ++i) {
            const double t = std::numbers::pi * (i + 0.5) / kSteps, out = y(peak * std::sin(t));
            first += 2.0 / kSteps * out * std::sin(t);
            third += 2.0 / kSteps * out * std::sin(3.0 * t);
        }
        return Harmonics{std::abs(first), std::abs(third)};
    };
}
/// Sent level of 3 %, by bisection of the tape itself.
double three_percent_at(const Tape& tape) {
    double low = -40.0, high = 12.0;
    for (int turn = 0; turn < 60; ++turn) {
        const double middle = (low + high) / 2.0;
        const Harmonics out = tape(from_db(middle));
        (out.third / out.first < 0.03 ? low : high) = middle;
    }
    return low;
}

struct Searched {
    MolResult result;
    std::vector<double> sent;
};
/// Plays the deck; noise: amplitude of what is added to the third harmonic, in two phases.
Searched search(const Tape& tape, const MolSearchConfig& config, double noise = 0.0, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0.0, 1.0);
    MolSearch mol(config);
    Searched out;
    while (const auto level = mol.next_level()) {
        out.sent.push_back(*level);
        if (out.sent.size() > 100) {
            ADD_FAILURE() << "the search does not end";
            break;
        }
        const Harmonics read = tape(from_db(*level));
        const double third = std::hypot(read.third + noise * normal(random), noise * normal(random));
        const double noise_off =
            std::sqrt(std::max(third * third - 2.0 * noise * noise, 1e-14)); // as the analyser does
        const bool taken =
            mol.add({*level, db(read.first) + (noise > 0.0 ? 0.02 * normal(random) : 0.0),
                     db(noise > 0.0 ? noise_off : third), noise > 0.0 ? db(noise * std::numbers::sqrt2) : -200.0});
        EXPECT_TRUE(taken);
        if (!taken) {
            break;
        }
    }
    out.result = mol.result();
    return out;
}

TEST(MolSearch, FindsThreePercentOfTheCubic) {
    const Searched found = search(cubic, {.first_sent_db = -20.0, .highest_sent_db = 0.0});
    ASSERT_EQ(found.result.verdict, MolResult::Verdict::Found);
    EXPECT_NEAR(found.result.sent_db, db(0.574696), 0.01);
    EXPECT_NEAR(found.result.output_db, db(0.574696 * (1.0 - 0.574696 * 0.574696 / 4.0)), 0.02);
    EXPECT_LE(found.result.error_db, 0.1);
    EXPECT_FALSE(found.result.bound_db);
    EXPECT_LE(found.sent.size(), 8U);
    EXPECT_DOUBLE_EQ(found.sent.front(), -20.0);
}

TEST(MolSearch, FindsItOnOtherBends) {
    const std::vector<std::pair<const char*, Tape>> tapes{
        {"tanh", bend([](double x) { return std::tanh(x); })},
        {"arctan", bend([](double x) { return std::atan(x); })},
        {"clipper", bend([](double x) { return std::clamp(x, -0.5, 0.5); })},
        {"fifth order", bend([](double x) { return x - 0.1 * x * x * x - 0.3 * std::pow(x, 5); })}};
    for (const auto& [name, tape] : tapes) {
        const double at = three_percent_at(tape);
        const Searched found = search(tape, {.first_sent_db = -25.0, .highest_sent_db = 6.0});
        ASSERT_EQ(found.result.verdict, MolResult::Verdict::Found) << name;
        // the clipper's third harmonic rises by 60 dB within 1 dB: no tape's does
        const double within = std::string_view(name) == "clipper" ? 0.2 : 0.06;
        EXPECT_NEAR(found.result.sent_db, at, within) << name;
        EXPECT_NEAR(found.result.output_db, db(tape(from_db(at)).first), within) << name;
        EXPECT_LE(found.sent.size(), 16U) << name;
    }
}

TEST(MolSearch, ClimbsByNoMoreThanItsLongestStep) {
    const Searched found = search(cubic, {.first_sent_db = -40.0, .highest_sent_db = 0.0, .longest_step_db = 4.0});
    double highest = found.sent.front();
    for (const double level : found.sent) {
        EXPECT_LE(level, highest + 4.0 + 1e-9);
        highest = std::max(highest, level);
    }
    EXPECT_EQ(found.result.verdict, MolResult::Verdict::Found);
}

TEST(MolSearch, FewFarReadingsExtrapolateByTwoDbADbAndSaySo) {
    // one reading at -8 dB: 20 log10(a3 / a1) there is known, the rest is the line of small levels
    MolSearch mol({.first_sent_db = -8.0, .highest_sent_db = 0.0, .extrapolates_db = 4.0});
    const Harmonics read = cubic(from_db(-8.0));
    ASSERT_TRUE(mol.add({-8.0, db(read.first), db(read.third)}));
    const MolResult result = mol.result();
    EXPECT_EQ(result.verdict, MolResult::Verdict::Extrapolated);
    EXPECT_NEAR(result.sent_db, db(0.574696), 0.25);
    EXPECT_GT(result.sent_error_db, 0.25) << "the slope is not known that well";
    ASSERT_TRUE(result.bound_db);
    EXPECT_NEAR(*result.bound_db, db(read.first), 1e-9);
    // the same in the other direction
    MolSearch from_above({.first_sent_db = -3.0, .highest_sent_db = 0.0});
    const Harmonics loud = cubic(from_db(-3.0));
    ASSERT_TRUE(from_above.add({-3.0, db(loud.first), db(loud.third)}));
    EXPECT_EQ(from_above.result().verdict, MolResult::Verdict::Extrapolated);
    EXPECT_NEAR(from_above.result().sent_db, db(0.574696), 0.3);
}

TEST(MolSearch, ATapeThatIsTooGoodIsMoreThanWhatWasRead) {
    const auto strong = [](double peak) { // 3 % at +15.2 dB
        const Harmonics out = cubic(peak / 10.0);
        return Harmonics{10.0 * out.first, 10.0 * out.third};
    };
    const Searched found = search(strong, {.first_sent_db = -20.0, .highest_sent_db = 0.0});
    ASSERT_EQ(found.result.verdict, MolResult::Verdict::MoreThan);
    ASSERT_TRUE(found.result.bound_db);
    EXPECT_NEAR(*found.result.bound_db, db(strong(1.0).first), 1e-6);
    EXPECT_NEAR(found.sent.back(), 0.0, 1e-9) << "the limit itself was tried";
    EXPECT_LE(found.sent.size(), 8U);
}

TEST(MolSearch, AToneTooLoudFromTheBeginningIsLessThan) {
    const Searched found = search(cubic, {.first_sent_db = 0.0, .lowest_sent_db = 0.0, .highest_sent_db = 0.0});
    EXPECT_EQ(found.result.verdict, MolResult::Verdict::LessThan);
    EXPECT_NEAR(found.result.bound_db.value_or(-99.0), db(0.75), 1e-6);
}

TEST(MolSearch, ThroughNoiseItsErrorIsWhatSearchesScatter) {
    // the third harmonic of MOL stands 21 dB over the noise, that of 10 dB less is lost in it
    constexpr int kSearches = 200;
    double squares = 0.0, errors = 0.0, sum = 0.0;
    int beyond = 0, unfinished = 0;
    for (unsigned seed = 1; seed <= kSearches; ++seed) {
        const Searched found =
            search(cubic, {.first_sent_db = -20.0, .highest_sent_db = 0.0, .tolerance_db = 0.3, .most_readings = 40},
                   0.001, seed);
        if (found.result.verdict != MolResult::Verdict::Found) { // as many readings as allowed, a little beyond them
            EXPECT_EQ(found.result.verdict, MolResult::Verdict::Extrapolated);
            ++unfinished;
        }
        const double off = found.result.sent_db - db(0.574696);
        sum += off;
        squares += off * off;
        errors += found.result.sent_error_db;
        beyond += std::abs(off) > 2.5 * found.result.sent_error_db ? 1 : 0;
    }
    const double scatter = std::sqrt(squares / kSearches), stated = errors / kSearches;
    EXPECT_LT(scatter, 1.3 * stated);
    EXPECT_GT(scatter, 0.4 * stated);
    EXPECT_LT(std::abs(sum / kSearches), 0.2);
    EXPECT_LE(beyond, kSearches / 20);
    EXPECT_LE(unfinished, kSearches / 50);
}

TEST(MolSearch, AThirdHarmonicInTheNoiseTellsNothingButToSendMore) {
    MolSearch mol({.first_sent_db = -30.0, .highest_sent_db = 0.0, .longest_step_db = 6.0});
    ASSERT_TRUE(mol.add({-30.0, -30.0, -85.0, -84.0}));
    EXPECT_EQ(mol.result().above_noise, 0U);
    EXPECT_EQ(mol.result().verdict, MolResult::Verdict::MoreThan) << "noise of 0.2 % at most: it is below 3 %";
    ASSERT_TRUE(mol.next_level());
    EXPECT_DOUBLE_EQ(*mol.next_level(), -24.0);
    MolSearch deaf({.first_sent_db = -30.0});
    ASSERT_TRUE(deaf.add({-30.0, -30.0, -55.0, -54.0})) << "noise of 6 %";
    EXPECT_EQ(deaf.result().verdict, MolResult::Verdict::Nothing);
}

TEST(MolSearch, OneReadingFromADropOutDoesNotPull) {
    MolSearch mol({.first_sent_db = -20.0, .most_readings = 40});
    for (double level = -12.0; level <= 0.0; level += 1.0) {
        const Harmonics read = cubic(from_db(level));
        const double lost = level == -5.0 ? -9.0 : 0.0;
        ASSERT_TRUE(mol.add({level, db(read.first), db(read.third) + lost}));
    }
    EXPECT_NEAR(mol.result().sent_db, db(0.574696), 0.1);
}

TEST(MolSearch, TakesWhatTheDistortionAnalyserReads) {
    Distortion read;
    read.fundamental_dbfs = -6.0;
    read.harmonic_percent = {0.1, 3.0};
    read.third_noise_percent = 0.03;
    const MolReading reading = mol_reading(-4.0, read);
    EXPECT_DOUBLE_EQ(reading.sent_db, -4.0);
    EXPECT_NEAR(reading.third_db, -6.0 - 30.4576, 1e-3);
    EXPECT_NEAR(reading.noise_db, -6.0 - 70.4576, 1e-3);
    read.harmonic_percent.clear();
    EXPECT_DOUBLE_EQ(mol_reading(-4.0, read).third_db, -200.0);
}

TEST(MolSearch, RefusesWhatMakesNoSense) {
    EXPECT_THROW(MolSearch({.first_sent_db = 3.0, .highest_sent_db = 0.0}), std::invalid_argument);
    EXPECT_THROW(MolSearch({.target_percent = 0.0}), std::invalid_argument);
    MolSearch mol;
    EXPECT_FALSE(mol.add({std::numeric_limits<double>::quiet_NaN(), 0.0, 0.0}));
    EXPECT_EQ(mol.result().verdict, MolResult::Verdict::Nothing);
}

struct Saturated {
    SolResult result;
    std::vector<double> sent;
};
Saturated saturate(const Tape& tape, const SolSearchConfig& config, double noise_db = 0.0, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0.0, noise_db > 0.0 ? noise_db : 1.0);
    SolSearch sol(config);
    Saturated out;
    while (const auto level = sol.next_level()) {
        out.sent.push_back(*level);
        if (out.sent.size() > 100) {
            ADD_FAILURE() << "the search does not end";
            break;
        }
        const double read = db(tape(from_db(*level)).first);
        EXPECT_TRUE(sol.add({*level, read + (noise_db > 0.0 ? normal(random) : 0.0), noise_db}));
    }
    out.result = sol.result();
    return out;
}

TEST(SolSearch, FindsTheTopOfTheCubic) {
    // d/dA (A - A^3 / 4) = 0 at A = 2 / sqrt 3: +1.249 dB in, 4 / (3 sqrt 3) = -2.273 dB out
    const Saturated found = saturate(cubic, {.first_sent_db = -20.0, .highest_sent_db = 5.0});
    ASSERT_EQ(found.result.verdict, SolResult::Verdict::Found);
    EXPECT_NEAR(found.result.output_db, db(4.0 / (3.0 * std::numbers::sqrt3)), 0.05);
    EXPECT_NEAR(found.result.sent_db, db(2.0 / std::numbers::sqrt3), 0.3);
    EXPECT_LE(found.result.error_db, 0.1);
    EXPECT_LE(found.sent.size(), 14U);
}

TEST(SolSearch, FindsATopThatFallsOffSlowly) {
    // y = x / (1 + x^2 / 4): highest at x = 2, by the derivative, with 1 there; gentler than the cubic
    const auto gentle = [](double peak) { return Harmonics{peak / (1.0 + peak * peak / 4.0), 0.0}; };
    const Saturated found = saturate(gentle, {.first_sent_db = -10.0, .highest_sent_db = 14.0});
    ASSERT_EQ(found.result.verdict, SolResult::Verdict::Found);
    EXPECT_NEAR(found.result.output_db, 0.0, 0.05);
    EXPECT_NEAR(found.result.sent_db, db(2.0), 0.3);
}

TEST(SolSearch, ComesDownFromABeginningBeyondTheTop) {
    const Saturated found = saturate(cubic, {.first_sent_db = 4.0, .highest_sent_db = 5.0});
    ASSERT_EQ(found.result.verdict, SolResult::Verdict::Found);
    EXPECT_NEAR(found.result.output_db, db(4.0 / (3.0 * std::numbers::sqrt3)), 0.05);
}

TEST(SolSearch, ACurveThatOnlyFlattensIsMoreThanItsHighest) {
    // tanh's fundamental goes to 4 / pi and never falls
    const Saturated flat =
        saturate(bend([](double x) { return std::tanh(x); }), {.first_sent_db = -20.0, .highest_sent_db = 10.0});
    ASSERT_EQ(flat.result.verdict, SolResult::Verdict::MoreThan);
    EXPECT_LT(flat.result.output_db, db(4.0 / std::numbers::pi));
    EXPECT_NEAR(flat.sent.back(), 10.0, 1e-9);
    EXPECT_LT(flat.result.rises_db_per_db, 0.3);
    const Saturated straight = saturate(
        [](double peak) {
            return Harmonics{peak, 0.0};
        },
        {.first_sent_db = -20.0, .highest_sent_db = 0.0});
    EXPECT_EQ(straight.result.verdict, SolResult::Verdict::MoreThan);
    EXPECT_NEAR(straight.result.output_db, 0.0, 1e-9);
    EXPECT_NEAR(straight.result.rises_db_per_db, 1.0, 0.05);
    EXPECT_LE(straight.sent.size(), 8U);
}

TEST(SolSearch, ThroughNoiseItsErrorIsWhatSearchesScatter) {
    constexpr int kSearches = 200;
    double output = 0.0, output_stated = 0.0, sent = 0.0, sent_stated = 0.0, sum = 0.0;
    for (unsigned seed = 1; seed <= kSearches; ++seed) {
        const Saturated found =
            saturate(cubic, {.first_sent_db = -12.0, .highest_sent_db = 6.0, .tolerance_db = 0.12, .most_readings = 40},
                     0.3, seed);
        ASSERT_EQ(found.result.verdict, SolResult::Verdict::Found) << seed;
        const double off = found.result.output_db - db(4.0 / (3.0 * std::numbers::sqrt3));
        const double aside = found.result.sent_db - db(2.0 / std::numbers::sqrt3);
        sum += off;
        output += off * off;
        output_stated += found.result.error_db;
        sent += aside * aside;
        sent_stated += found.result.sent_error_db;
    }
    EXPECT_LT(std::abs(sum / kSearches), 0.05) << "the highest of many noisy readings is too high; the fit is not";
    EXPECT_LT(std::sqrt(output / kSearches), 1.3 * output_stated / kSearches);
    EXPECT_GT(std::sqrt(output / kSearches), 0.6 * output_stated / kSearches);
    EXPECT_LT(std::sqrt(sent / kSearches), 1.5 * sent_stated / kSearches);
}

TEST(SolSearch, RefusesWhatMakesNoSense) {
    EXPECT_THROW(SolSearch({.first_sent_db = 3.0, .highest_sent_db = 0.0}), std::invalid_argument);
    EXPECT_THROW(SolSearch({.longest_step_db = 0.0}), std::invalid_argument);
    SolSearch sol;
    EXPECT_FALSE(sol.add({0.0, std::numeric_limits<double>::infinity()}));
    EXPECT_EQ(sol.result().verdict, SolResult::Verdict::Nothing);
}

TEST(LocalFit, GoesThroughAnExactCubic) {
    std::vector<FitPoint> points;
    for (double x = -3.0; x <= 4.0; x += 1.0) {
        points.push_back({x, 1.0 - 2.0 * x + 0.5 * x * x + 0.25 * x * x * x, 0.1});
    }
    const LocalFit fit(points, {{}, {1e6, 1e6, 1e6, 1e6}}, 1.0);
    EXPECT_NEAR(fit.value(2.5), 1.0 - 5.0 + 3.125 + 3.90625, 1e-6);
    EXPECT_NEAR(fit.slope(2.0), -2.0 + 2.0 + 3.0, 1e-6);
    EXPECT_NEAR(fit.curvature(2.0), 1.0 + 3.0, 1e-6);
}

TEST(LocalFit, ErrorsAreThoseOfAMeanAndOfASlope) {
    // n readings of error s: of the mean s / sqrt n; of the slope s / sqrt(sum (x - mean)^2)
    std::vector<FitPoint> points;
    for (int i = -2; i <= 2; ++i) {
        points.push_back({static_cast<double>(i), 3.0 * i, 0.2});
    }
    const LocalFit fit(points, {}, 0.0);
    EXPECT_NEAR(fit.value_error(0.0), 0.2 / std::sqrt(5.0), 1e-6);
    EXPECT_NEAR(fit.slope_error(0.0), 0.2 / std::sqrt(10.0), 1e-6);
    // a slope known to be 1 +- 0 stays there
    EXPECT_NEAR(LocalFit(points, {{0.0, 1.0, 0.0, 0.0}, {1e6, 0.0, 0.0, 0.0}}, 0.0).slope(0.0), 1.0, 1e-6);
}

} // namespace
} // namespace overbias::dsp::level_search_test
