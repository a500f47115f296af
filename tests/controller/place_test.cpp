// SPDX-License-Identifier: Apache-2.0
// What is kept of the tape's place over a restart.
#include "controller/place_file.hpp"
#include "controller/place_keeper.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>

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
         R"({"position":{"tape_m":"x","uncertainty_m":0,"speed_m_s":0,"utc_s":0},"cue_points":[]})",
         R"({"position":{"tape_m":1e9,"uncertainty_m":0,"speed_m_s":0,"utc_s":0},"cue_points":[]})",
         R"({"position":{"tape_m":1,"uncertainty_m":0,"speed_m_s":0,"utc_s":0},"cue_points":[{"cue":10,"name":"","tape_m":1}]})"}) {
        write(text);
        EXPECT_NE(error().find((folder_ / "place.json").string()), std::string::npos) << text << ": " << error();
    }
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
        PlaceKeeper once(folder_, worker);
        once.look(state, cues, DeckTime(deck_seconds(time_s)));
    };
    look(0.0);
    ASSERT_TRUE(kept());
    EXPECT_EQ(kept()->position.position_m, 0.0);

    Worker worker;
    PlaceKeeper keeper(folder_, worker);
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
}

} // namespace
} // namespace overbias::controller
