// SPDX-License-Identifier: Apache-2.0
// The deck's memory saved, its battery dead, and the memory written back.
#include "studer_rig.hpp"
#include "transport/drivers/studer_memory.hpp"

#include <algorithm>

namespace overbias::transport::test {
namespace {

using Outcome = StuderDifference::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;

struct MemoryRig : StuderRig {
    explicit MemoryRig(const deck_sim::StuderFaceSettings& device = full_face()) : StuderRig(full_config(), device) {
        for (int index = 0; index < 5; ++index) {
            const std::string number = std::to_string(index);
            items.push_back(
                {"value " + number, "RAM " + number + "?", "RAM " + number + " {value}", "RAM " + number + " {value}"});
        }
    }
    void begin() {
        start();
        memory.emplace(*deck, items, [this] { return still; });
    }
    /// Runs a task of the memory to its end.
    template <typename T>
    T finish(Task<T> task, DeckDuration limit = 30s) {
        std::optional<T> out;
        const auto run = [](Task<T> inner, std::optional<T>& into) -> Task<void> { into = co_await std::move(inner); };
        Spawned spawned(run(std::move(task), out), [](std::exception_ptr) {});
        timeline.run_until([&] { return spawned.finished(); }, timeline.now() + limit);
        EXPECT_TRUE(out) << "never ended";
        return out ? std::move(*out) : T(Error{"never ended"});
    }

    std::vector<StuderMemoryItem> items;
    std::optional<StuderMemory> memory;
    bool still = true;
    std::vector<std::size_t> progress;
    StuderMemory::Progress note = [this](std::size_t done, std::size_t) { progress.push_back(done); };
};

TEST(StuderMemory, SavedBatteryDeadRestoredVerified) {
    MemoryRig rig;
    rig.begin();
    const auto saved = rig.finish(rig.memory->save(rig.note));
    ASSERT_TRUE(saved.ok());
    EXPECT_EQ(saved->software_date, "12.05.92");
    EXPECT_THAT(saved->readings,
                ElementsAre(StuderReading{"RAM 0?", "11"}, StuderReading{"RAM 1?", "22"}, StuderReading{"RAM 2?", "33"},
                            StuderReading{"RAM 3?", "44"}, StuderReading{"RAM 4?", "55"}));
    EXPECT_TRUE(saved->not_saved.empty());
    EXPECT_THAT(rig.progress, ElementsAre(1, 2, 3, 4, 5));

    rig.face.lose_battery();
    rig.face.set_memory(2, 33); // one happens to be right
    ASSERT_THAT(rig.face.memory(), ElementsAre(128, 128, 33, 128, 128));
    rig.heard.clear();
    const auto restored = rig.finish(rig.memory->restore(saved.value()));
    ASSERT_TRUE(restored.ok());
    EXPECT_THAT(rig.face.memory(), ElementsAre(11, 22, 33, 44, 55));
    EXPECT_TRUE(restored->complete());
    EXPECT_EQ(restored->unchanged, 1U);
    ASSERT_EQ(restored->differences.size(), 4U);
    EXPECT_EQ(restored->differences[0].name, "value 0");
    EXPECT_EQ(restored->differences[0].saved, "11");
    EXPECT_EQ(restored->differences[0].found, "128");
    EXPECT_EQ(rig.times("RAM 2 33"), 0U) << "what is right is not written";
    EXPECT_TRUE(rig.deck->link().up);
}

TEST(StuderMemory, WhatTheDeckDoesNotKeepIsReported) {
    auto device = full_face();
    device.unwritten = {1};
    MemoryRig rig(device);
    rig.items[3].write.clear();
    rig.items[4].write = "RAM 4 9{value}"; // the deck will not have 955
    rig.begin();
    auto saved = rig.finish(rig.memory->save());
    ASSERT_TRUE(saved.ok());
    saved->readings.push_back({"OLD?", "1"});
    rig.face.lose_battery();
    const auto restored = rig.finish(rig.memory->restore(saved.value()));
    ASSERT_TRUE(restored.ok());
    EXPECT_FALSE(restored->complete());
    std::vector<Outcome> outcomes;
    for (const StuderDifference& difference : restored->differences) {
        outcomes.push_back(difference.outcome);
    }
    EXPECT_THAT(outcomes, ElementsAre(Outcome::Restored, Outcome::NotRestored, Outcome::Restored, Outcome::ReadOnly,
                                      Outcome::NotRestored, Outcome::NotInProfile));
    EXPECT_THAT(restored->differences[1].why, HasSubstr("the deck now tells \"128\""));
    EXPECT_THAT(restored->differences[4].why, HasSubstr("INPUT FORMAT ERROR"));
    EXPECT_TRUE(rig.deck->link().up) << "a value refused says nothing about the tape's motion";
}

TEST(StuderMemory, AQueryTheDeckDoesNotKnowIsNotSaved) {
    MemoryRig rig;
    rig.items[1].query = "RAX?";
    rig.items[2].answer = "RAM 2 = {value}";
    rig.begin();
    const auto saved = rig.finish(rig.memory->save());
    ASSERT_TRUE(saved.ok());
    EXPECT_EQ(saved->readings.size(), 3U);
    ASSERT_EQ(saved->not_saved.size(), 2U);
    EXPECT_THAT(saved->not_saved[0], HasSubstr("value 1 (RAX?): the deck answers \"?\""));
    EXPECT_THAT(saved->not_saved[1], HasSubstr("does not look like \"RAM 2 = {value}\""));
}

TEST(StuderMemory, NeverWhileTheTapeMoves) {
    MemoryRig rig;
    rig.begin();
    rig.still = false;
    EXPECT_THAT(rig.finish(rig.memory->save()).error().message, HasSubstr("0 of 5 values read, then: the tape moves"));
    rig.still = true;
    auto saved = rig.finish(rig.memory->save());
    ASSERT_TRUE(saved.ok());
    rig.face.lose_battery();
    const auto restored = rig.finish(
        rig.memory->restore(saved.value(), false, [&](std::size_t done, std::size_t) { rig.still = done < 2; }));
    ASSERT_FALSE(restored.ok());
    EXPECT_THAT(restored.error().message, HasSubstr("2 of 5"));
    EXPECT_THAT(rig.face.memory(), ElementsAre(11, 22, 128, 128, 128));
}

TEST(StuderMemory, AValueCountsOnlyWhenToldTwiceAlike) {
    MemoryRig rig;
    rig.begin();
    rig.face.set_memory(1, 29); // stands for a digit that was garbled on the line
    std::optional<Result<StuderSave>> saved;
    const auto run = [](Task<Result<StuderSave>> inner, std::optional<Result<StuderSave>>& into) -> Task<void> {
        into = co_await std::move(inner);
    };
    Spawned job(run(rig.memory->save(), saved), [](std::exception_ptr) {});
    const auto told = [&] { return std::ranges::count(rig.trace, "< RAM 1 29") == 1; };
    ASSERT_TRUE(rig.timeline.run_until(told, rig.timeline.now() + 5s));
    rig.face.set_memory(1, 22);
    rig.timeline.run_until([&] { return job.finished(); }, rig.timeline.now() + 10s);
    ASSERT_TRUE(saved && saved->ok());
    EXPECT_EQ((*saved)->readings.at(1), (StuderReading{"RAM 1?", "22"}));
}

TEST(StuderMemory, AnotherSoftwareIsNotWrittenToUnlessAllowed) {
    MemoryRig rig;
    rig.begin();
    auto saved = rig.finish(rig.memory->save());
    ASSERT_TRUE(saved.ok());
    saved->software_date = "01.01.90";
    rig.face.lose_battery();
    EXPECT_THAT(rig.finish(rig.memory->restore(saved.value())).error().message, HasSubstr("01.01.90"));
    EXPECT_THAT(rig.face.memory(), ElementsAre(128, 128, 128, 128, 128));
    EXPECT_TRUE(rig.finish(rig.memory->restore(saved.value(), true)).ok());
    EXPECT_THAT(rig.face.memory(), ElementsAre(11, 22, 33, 44, 55));
}

TEST(StuderMemory, TheLinkLostInBetween) {
    MemoryRig rig;
    rig.begin();
    const auto saved = rig.finish(rig.memory->save([&](std::size_t done, std::size_t) {
        if (done == 2) {
            rig.pair.unplug();
        }
    }));
    ASSERT_FALSE(saved.ok());
    EXPECT_THAT(saved.error().message, HasSubstr("2 of 5 values read, then: the deck's line: end of file"));
}

TEST(StuderMemory, TalliesAndStopGoOnMeanwhile) {
    MemoryRig rig;
    rig.begin();
    std::optional<Result<StuderSave>> saved;
    const auto run = [](Task<Result<StuderSave>> inner, std::optional<Result<StuderSave>>& into) -> Task<void> {
        into = co_await std::move(inner);
    };
    Spawned job(run(rig.memory->save(), saved), [](std::exception_ptr) {});
    rig.run(100ms);
    rig.tape.tape_out = true;
    rig.deck->make_safe();
    rig.run(150ms);
    EXPECT_FALSE(job.finished());
    EXPECT_EQ(rig.deck->tallies().tape_out, true);
    EXPECT_THAT(rig.tape.pressed, ElementsAre(deck_sim::StuderDeck::Key::Stop));
}

TEST(StuderMemory, DestroyedAtAnyMomentItForgetsItsQuestion) {
    for (int step = 0; step < 60; ++step) {
        MemoryRig rig;
        rig.begin();
        {
            std::optional<Result<StuderSave>> saved;
            const auto run = [](Task<Result<StuderSave>> inner, std::optional<Result<StuderSave>>& into) -> Task<void> {
                into = co_await std::move(inner);
            };
            Spawned job(run(rig.memory->save(), saved), [](std::exception_ptr) {});
            rig.run(step * 7ms);
        }
        rig.run(300ms);
        EXPECT_TRUE(rig.deck->link().up);
    }
}

TEST(StuderMemory, ItemsThatCannotBe) {
    MemoryRig rig;
    rig.items[0].query = "RAM 0";
    rig.items[1].write = "RAM 1 5";
    rig.items[2].answer = "RAM 2 {*}";
    rig.start();
    try {
        StuderMemory memory(*rig.deck, rig.items, [] { return true; });
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(), HasSubstr("a query ends in ?"));
        EXPECT_THAT(error.what(), HasSubstr("memory write: expected {value}"));
        EXPECT_THAT(error.what(), HasSubstr("memory answer: expected {value}"));
    }
}

} // namespace
} // namespace overbias::transport::test
