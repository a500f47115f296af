// SPDX-License-Identifier: Apache-2.0
// What is kept of the tape's place over a restart.
#include "controller/place_file.hpp"
#include "controller/place_keeper.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace overbias::controller {
namespace {

class PlaceTest : public testing::Test {
  protected:
    PlaceTest() {
        std::string name = "/tmp/overbias-place.XXXXXX";
        folder_ = ::mkdtemp(name.data());
    }
    ~PlaceTest() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& text) const { std::ofstream(folder_ / "place.json") << text; }
    [[nodiscard]] std::string error() const {
        const auto loaded = load_place(folder_);
        return loaded ? "no error" : loaded.error().message;
    }
    std::filesystem::path folder_;
};

KeptPlace example() {
    KeptPlace place;
    place.position = {.position_m = 123.456, .uncertainty_m = 0.2, .speed_m_s = -8.3, .utc_s = 1'795'000'000};
    place.cues.points[0] = transport::CuePoint{"", 0.0};
    place.cues.points[7] = transport::CuePoint{"second verse \"live\"", 45.25};
    place.cues.mark_out_m = 99.5;
    place.deck = "simulated";
    place.learned.stops = {{transport::StopKind::Forward, 8.3, 400.0, 12.25},
                           {transport::StopKind::Rewind, 2.5, 30.5, 1.125},
                           {transport::StopKind::Play, 0.381, 5.0, 0.0625}};
    place.learned.shortest_jog_m = {0.125, 0.25};
    place.learned.shuttle_deceleration_m_s2 = 1.5;
    place.learned.shuttle_delay_s = 0.0625;
    return place;
}

TEST_F(PlaceTest, what_was_stored_comes_back_the_same) {
    ASSERT_TRUE(store_place(folder_, example()).ok());
    const auto back = load_place(folder_);
    ASSERT_TRUE(back.ok()) << error();
    EXPECT_EQ(back.value(), std::optional(example()));
}

TEST_F(PlaceTest, without_a_file_there_is_nothing) {
    EXPECT_EQ(load_place(folder_).value(), std::nullopt);
}

TEST_F(PlaceTest, a_bad_file_is_told_with_its_name_and_not_taken_over) {
    for (
        const char* text :
        {"", "{", "[]", "{\"position\":{}}",
         R"({"version":3,"position":{"tape_m":1,"uncertainty_m":0,"speed_m_s":0,"utc_s":0},"cue_points":[]})",
         R"({"version":2,"position":{"tape_m":1,"uncertainty_m":0,"speed_m_s":0,"utc_s":0},"cue_points":[]})",
         R"({"position":{"tape_m":"x","uncertainty_m":0,"speed_m_s":0,"utc_s":0},"cue_points":[]})",
         R"({"position":{"tape_m":1e9,"uncertainty_m":0,"speed_m_s":0,"utc_s":0},"cue_points":[]})",
         R"({"position":{"tape_m":1,"uncertainty_m":0,"speed_m_s":0,"utc_s":0},"cue_points":[{"cue":10,"name":"","tape_m":1}]})"}) {
        write(text);
        EXPECT_NE(error().find((folder_ / "place.json").string()), std::string::npos) << text << ": " << error();
    }
}

TEST_F(PlaceTest, a_file_of_a_newer_version_is_not_taken_over) {
    ASSERT_TRUE(store_place(folder_, example()).ok());
    std::stringstream text;
    text << std::ifstream(folder_ / "place.json").rdbuf();
    std::string newer = text.str();
    const std::size_t at = newer.find("\"version\":2");
    ASSERT_NE(at, std::string::npos) << newer;
    write(newer.replace(at, 11, "\"version\":3"));
    EXPECT_NE(error().find("version 3"), std::string::npos) << error();
}

TEST_F(PlaceTest, a_file_of_the_first_version_is_taken_over_and_has_learned_nothing) {
    write(R"({"position":{"tape_m":7,"uncertainty_m":0.5,"speed_m_s":0,"utc_s":9},"mark_in_m":3,"mark_out_m":null,)"
          R"("cue_points":[{"cue":2,"name":"verse","tape_m":4}]})");
    const auto back = load_place(folder_);
    ASSERT_TRUE(back.ok() && back.value()) << error();
    EXPECT_EQ(back.value()->position.position_m, 7.0);
    EXPECT_EQ(back.value()->cues.mark_in_m, std::optional(3.0));
    EXPECT_EQ(back.value()->learned, transport::LocatorMemory{});
}

TEST_F(PlaceTest, a_bad_file_is_kept_aside_and_not_written_over) {
    write("{\"cue_points\": half of it");
    EXPECT_NE(error().find("place.json.unusable"), std::string::npos);
    ASSERT_TRUE(store_place(folder_, example()).ok());
    std::string kept;
    std::ifstream aside(folder_ / "place.json.unusable");
    std::getline(aside, kept);
    EXPECT_EQ(kept, "{\"cue_points\": half of it");
    EXPECT_EQ(load_place(folder_).value(), std::optional(example()));
}

TEST_F(PlaceTest, it_is_written_at_rest_now_and_then_in_motion_and_when_a_cue_point_changes) {
    transport::MachineState state;
    transport::StoredCuePoints cues;
    const auto kept = [this] { return load_place(folder_).value(); };
    const auto look = [&](double time_s) {
        Worker worker; // its end waits until everything is written
        PlaceKeeper once(folder_, worker, "simulated", [] { return transport::LocatorMemory{}; });
        once.look(state, cues, DeckTime(deck_seconds(time_s)));
    };
    look(0.0);
    ASSERT_TRUE(kept());
    EXPECT_EQ(kept()->position.position_m, 0.0);

    Worker worker;
    transport::LocatorMemory learned;
    PlaceKeeper keeper(folder_, worker, "simulated", [&learned] { return learned; });
    const auto tick = [&](double time_s) {
        std::atomic<bool> done = false;
        keeper.look(state, cues, DeckTime(deck_seconds(time_s)));
        worker.post([&done] {
            done = true;
            done.notify_one();
        });
        done.wait(false);
    };
    state.speed_m_s = 0.381;
    state.position_m = 1.0;
    tick(10.0);
    EXPECT_EQ(kept()->position.position_m, 1.0) << "a first look is kept";
    state.position_m = 1.5;
    tick(11.0);
    EXPECT_EQ(kept()->position.position_m, 1.0) << "not two seconds on";
    tick(12.1);
    EXPECT_EQ(kept()->position.position_m, 1.5);
    state.position_m = 1.6;
    cues.mark_in_m = 1.6;
    tick(12.2);
    EXPECT_EQ(kept()->cues.mark_in_m, std::optional(1.6)) << "at once";
    state.position_m = 1.7;
    state.speed_m_s = 0.0;
    tick(12.3);
    EXPECT_EQ(kept()->position.position_m, 1.7) << "at rest at once";
    EXPECT_EQ(kept()->position.speed_m_s, 0.0);

    state.current = transport::Motion::Locating;
    tick(12.4);
    learned.stops = example().learned.stops;
    tick(12.5);
    EXPECT_TRUE(kept()->learned.stops.empty()) << "the tape has not moved since it was written";
    state.current = transport::Motion::Stopped;
    tick(12.6);
    EXPECT_EQ(kept()->learned.stops, example().learned.stops) << "when the locate has ended";
    EXPECT_EQ(kept()->deck, "simulated");
}

} // namespace
} // namespace overbias::controller
