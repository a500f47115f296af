// SPDX-License-Identifier: Apache-2.0
// What is known of tape stocks, and that what nobody knows for sure is never taken for sure.
#include "tape/tape_stock.hpp"

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace overbias::tape {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

fs::path stocks() {
    const char* source = std::getenv("OVERBIAS_SOURCE_DIR");
    return (source == nullptr ? fs::path("profiles") : fs::path(source) / "profiles") / "tapes";
}

TapeStock shipped_stock(const std::string& name) {
    auto stock = load_tape_stock(stocks() / (name + ".toml"));
    EXPECT_TRUE(stock.ok()) << stock.error().message;
    return stock ? *stock : TapeStock{};
}

std::string stock_complaint(const std::string& name, const std::string& from, const std::string& to) {
    std::ifstream in(stocks() / (name + ".toml"));
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::string folder = (fs::temp_directory_path() / "overbias-stock-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    std::ofstream(fs::path(folder) / "p.toml") << text;
    const auto stock = load_tape_stock(fs::path(folder) / "p.toml");
    fs::remove_all(folder);
    return stock ? std::string("accepted") : stock.error().message;
}

TEST(TapeStocks, CoatingsAsMeasured) {
    // The source prints beside the permeabilities what Bertram's formula makes of them: alpha = sqrt(ux / uy),
    // beta = sqrt(ux uy)
    struct Row {
        const char* name;
        double alpha, beta;
    };
    for (const Row& row : {Row{"scotch-206", 0.91, 2.21}, Row{"ampex-406", 0.94, 1.87}, Row{"quantegy-456", 0.65, 2.39},
                           Row{"quantegy-499", 0.72, 2.04}, Row{"rtm-sm911", 0.78, 2.48}}) {
        const TapeStock stock = shipped_stock(row.name);
        ASSERT_TRUE(stock.permeability_along && stock.permeability_through && stock.coating_thickness_um) << row.name;
        const double x = stock.permeability_along->value, y = stock.permeability_through->value;
        EXPECT_NEAR(std::sqrt(x / y), row.alpha, 0.006) << row.name;
        EXPECT_NEAR(std::sqrt(x * y), row.beta, 0.006) << row.name;
        EXPECT_TRUE(as_limit(*stock.coating_thickness_um).has_value()) << row.name;
    }
}

TEST(TapeStocks, WhatNoSheetTellsIsMarkedAndIsNoLimit) {
    int guesses = 0;
    for (const auto& entry : fs::directory_iterator(stocks())) {
        const auto stock = load_tape_stock(entry.path());
        ASSERT_TRUE(stock.ok()) << stock.error().message;
        const auto look = [&](const Figure& figure) {
            if (figure.source.starts_with(kNoDataSheet)) {
                ++guesses;
                EXPECT_TRUE(figure.unsure) << entry.path();
                EXPECT_FALSE(as_limit(figure).has_value()) << entry.path();
                EXPECT_THAT(figure_text(figure, "dB"), HasSubstr("unsure")) << entry.path();
            }
        };
        for (const StockLevel& level : stock->mol) {
            look(level.level_db);
        }
        for (const StockLevel& level : stock->sol) {
            look(level.level_db);
        }
        for (const StockNoise& noise : stock->noise) {
            look(noise.level_db);
        }
        for (const Overbias& overbias : stock->overbias) {
            look({.value = overbias.overbias_db, .source = overbias.source, .unsure = overbias.unsure});
            EXPECT_EQ(overbias_text(overbias).find("unsure") != std::string::npos, overbias.unsure) << entry.path();
        }
        if (stock->print_through_db) {
            look(*stock->print_through_db);
        }
    }
    EXPECT_GE(guesses, 20);
}

TEST(TapeStocks, AGuessThatClaimsToBeSureIsRefused) {
    const std::string guess = "print_through_db = { value = 56, source = \"working figure, no data sheet at hand\", ";
    EXPECT_THAT(stock_complaint("rtm-sm911", guess + "unsure = true }", guess + "unsure = false }"),
                HasSubstr("print_through_db.source: \"working figure, no data sheet at hand\" needs unsure = true"));
    EXPECT_THAT(stock_complaint("quantegy-456", "hand: +9 to +10 dB\"\nunsure = true", "hand: +9 to +10 dB\""),
                HasSubstr("mol[0].source: \"working figure"));
    EXPECT_THAT(stock_complaint("quantegy-456", "hand\"\nunsure = true", "hand\""),
                HasSubstr("overbias[0].source: \"working figure"));
}

TEST(TapeStocks, ErrorsNameFileLineAndKey) {
    EXPECT_THAT(stock_complaint("quantegy-456", "level_db = 9.5", "level_db = 95"),
                HasSubstr("p.toml:39: mol[0].level_db: expected a number from -30 to 30, got 95"));
    EXPECT_THAT(stock_complaint("generic-2500ft", "weighting = \"A\"", "weighting = \"B\""),
                HasSubstr("noise[0].weighting: expected one of \"A\", \"ITU-R 468\""));
    EXPECT_THAT(stock_complaint("quantegy-456", "re_nwb_per_m = 320\nschool = \"DIN\"\n", "re_nwb_per_m = 320\n"),
                HasSubstr("mol[0].school"));
}

TEST(TapeStocks, LevelsBelongToASpeedAndAFrequency) {
    const TapeStock generic = shipped_stock("generic-2500ft");
    ASSERT_NE(generic.sol_at(15, 10000), nullptr);
    EXPECT_EQ(generic.sol_at(15, 16000), nullptr);
    EXPECT_EQ(generic.sol_at(30, 10000), nullptr);
    EXPECT_EQ(generic.sol_at(15, 10000)->reference.school, CalibrationSchool::Din);
    ASSERT_NE(generic.noise_at(15, NoiseWeighting::Itu468), nullptr);
    EXPECT_LT(generic.noise_at(15, NoiseWeighting::A)->level_db.value,
              generic.noise_at(15, NoiseWeighting::Itu468)->level_db.value);
    EXPECT_EQ(weighting_name(NoiseWeighting::Itu468), "ITU-R 468");
    EXPECT_EQ(generic.mol_at(15), nullptr);
    EXPECT_NE(shipped_stock("rtm-sm900").mol_at(15), nullptr);
}

TEST(TapeStocks, FiguresInWords) {
    EXPECT_EQ(figure_text({.value = 54.1, .source = "book", .unsure = false}, "um"), "54.1 um");
    EXPECT_EQ(figure_text({.value = 3, .source = "somebody", .unsure = true}, "dB"), "3 dB (unsure: somebody)");
    EXPECT_EQ(overbias_text(*shipped_stock("rtm-lpr35").overbias_at(7.5)), "4 dB at 10000 Hz, record gap 7 um");
    EXPECT_THAT(overbias_text(*shipped_stock("rtm-sm900").overbias_at(15)),
                HasSubstr("4 dB at 10000 Hz (unsure: homerecording.com"));
}

} // namespace
} // namespace overbias::tape
