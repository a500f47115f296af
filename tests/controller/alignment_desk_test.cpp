// SPDX-License-Identifier: Apache-2.0
// Alignments as the doors have them, on the simulated deck: what is told, what may be said, what is kept.
#include "controller/alignment/alignment_desk.hpp"
#include "controller/alignment/alignment_words.hpp"
#include "controller/job_runner.hpp"
#include "controller/log_keeper.hpp"
#include "controller/part_settings.hpp"
#include "controller/simulated/simulated_back_ends.hpp"

#include "base/async/simulated_timeline.hpp"
#include "tape/alignment_json.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;
using testing::IsEmpty;

const Identity kIdentity{.deck_uuid = "11111111-1111-4111-8111-111111111111",
                         .head_block_uuid = "22222222-2222-4222-8222-222222222222"};

Config config_in(const fs::path& folder) {
    Config config = simulated_config().value();
    config.daemon.state_dir = folder;
    config.tape.batch = "17-A";
    return config;
}

SimulationOptions as_fast_as_it_goes() {
    SimulationOptions options;
    options.time_scale = 0.0;
    return options;
}

/// A daemon's worth of deck around the desk. Another one in the same folder is the next start.
class Daemon {
  public:
    explicit Daemon(const fs::path& folder)
        : config(config_in(folder)), back_ends(make_simulated_back_ends(config, as_fast_as_it_goes())),
          timeline(dynamic_cast<SimulatedTimeline&>(back_ends->timeline())),
          transport(timeline, back_ends->deck(), back_ends->adjust(), transport_config(config)),
          engine(back_ends->pcm(), back_ends->engine_config()),
          logbook(std::move(logbook::Logbook::open(folder / "logbook.sqlite")).value()),
          keeper(*logbook,
                 {.deck = {.uuid = kIdentity.deck_uuid, .name = "d", .profile = "simulated", .simulated = true},
                  .head_block = {.uuid = kIdentity.head_block_uuid, .deck_uuid = kIdentity.deck_uuid, .name = {}},
                  .reel = {.uuid = "33333333-3333-4333-8333-333333333333",
                           .label = {},
                           .stock = "s",
                           .batch = {},
                           .length_m = 762.0}},
                 [] { return std::optional<std::int64_t>(); }),
          runner(timeline,
                 {.make_safe = [this] { transport.stop(); },
                  .where = {},
                  .event = {},
                  .keep = [this](JobEnd end,
                                 std::function<void(JobEnd)> kept) { desk->keep(std::move(end), std::move(kept)); },
                  .ended =
                      [this](const JobEnd& end) {
                          desk->job_ended(end);
                          ended = end;
                      }}) {
        back_ends->pace(true);
        desk.emplace(AlignmentDesk::Parts{.config = config,
                                          .identity = kIdentity,
                                          .back_ends = *back_ends,
                                          .transport = transport,
                                          .engine = engine,
                                          .runner = runner,
                                          .logbook = *logbook,
                                          .worker = *worker,
                                          .notices = notices,
                                          .obstacle = [this](const AlignmentProcedure&) { return against; },
                                          .starting = [](const std::string&, const json::object&) {},
                                          .commanded = [](const std::string&, const std::string&) {},
                                          .changed = [] {},
                                          .pace = [this] { ++paced; },
                                          .measured = {}});
        desk->add_commands(registry);
        notices.add([this](std::string_view topic, std::string_view parameters) {
            told.emplace_back(topic, json::parse(parameters));
        });
        transport.on_transition([this](const transport::MachineState& state) {
            desk->state(state);
            holds_told.push_back(state.arm_held);
        });
        EXPECT_TRUE(engine.start().ok());
        turn = std::make_unique<PeriodicTimer>(timeline, std::chrono::milliseconds(10), [this] {
            engine.rt_process();
            desk->tick();
        });
        EXPECT_TRUE(until([this] { return transport.state().current == transport::Motion::Stopped; }));
    }
    ~Daemon() {
        transport.stop();
        runner.abandon();
        turn.reset();
        worker.reset();
    }

    /// Deck time passes until that holds, or a minute has passed here.
    bool until(const std::function<bool()>& holds) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!holds() && std::chrono::steady_clock::now() < give_up) {
            (void)timeline.run_until(holds, timeline.now() + std::chrono::milliseconds(100));
        }
        return holds();
    }
    Reply call(const std::string& method, const json::object& parameters = {}) {
        std::optional<Reply> answered;
        registry.call(method, parameters, {}, [&](const Reply& reply) { answered = reply; });
        EXPECT_TRUE(until([&] { return answered.has_value(); })) << method;
        return answered.value_or(Reply{});
    }
    json::object result(const std::string& method, const json::object& parameters = {}) {
        const Reply reply = call(method, parameters);
        EXPECT_TRUE(reply.ok()) << method << ": " << reply.message;
        return reply.ok() ? json::parse(reply.result).as_object() : json::object{};
    }
    /// One procedure as align_procedures tells it.
    [[nodiscard]] json::object offer(const char* name) {
        const json::object all = result("align_procedures");
        for (const json::value& each : all.at("procedures").as_array()) {
            if (each.at("name") == name) {
                return each.as_object();
            }
        }
        ADD_FAILURE() << "there is no procedure " << name;
        return {};
    }
    [[nodiscard]] json::value shown() {
        json::object status;
        desk->add_status(status);
        return status.at("alignment");
    }
    [[nodiscard]] std::string held() {
        json::object status;
        desk->add_status(status);
        return status.at("arm_held").is_null() ? "" : json::value_to<std::string>(status.at("arm_held"));
    }
    [[nodiscard]] bool shows(const char* step) {
        const json::value now = shown();
        return now.is_object() && now.at("view").is_object() && now.at("view").at("step_id") == step;
    }
    [[nodiscard]] std::size_t values_told() const {
        std::size_t values = 0;
        for (const auto& [topic, parameters] : told) {
            values += topic == "alignment_accepted" ? parameters.at("values").as_array().size() : 0;
        }
        return values;
    }

    Config config;
    std::unique_ptr<BackEnds> back_ends;
    SimulatedTimeline& timeline;
    transport::Transport transport;
    audio::BlockEngine engine;
    std::unique_ptr<logbook::Logbook> logbook;
    LogKeeper keeper;
    JobRunner runner;
    std::unique_ptr<Worker> worker = std::make_unique<Worker>();
    Notices notices;
    CommandRegistry registry;
    std::optional<AlignmentDesk> desk;
    std::string against;
    int paced = 0;
    std::optional<JobEnd> ended;
    std::vector<std::pair<std::string, json::value>> told;
    std::vector<std::string> holds_told; ///< with each state
    std::unique_ptr<PeriodicTimer> turn;
};

class AlignmentDeskTest : public testing::Test {
  protected:
    AlignmentDeskTest() {
        std::string name = (fs::temp_directory_path() / "overbias-align-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    ~AlignmentDeskTest() override { fs::remove_all(folder_); }
    fs::path folder_;
};

TEST_F(AlignmentDeskTest, TellsEveryValueOnceItIsKeptAndTheRecordWhole) {
    Daemon daemon(folder_);
    const json::object started = daemon.result("align", {{"procedure", "quick"}, {"operator", "Meyer"}});
    EXPECT_EQ(started.at("guided"), false);
    EXPECT_EQ(started.at("gone_on"), false);
    EXPECT_EQ(daemon.shown().at("job"), started.at("job"));
    EXPECT_EQ(daemon.shown().at("batch"), "17-A");
    ASSERT_TRUE(daemon.until([&] { return daemon.ended.has_value(); }));
    EXPECT_EQ(word(daemon.ended->ending), std::string("pass")) << daemon.ended->reason;
    EXPECT_TRUE(daemon.shown().is_null());

    const json::object record = daemon.result("alignment_record", {{"uuid", started.at("record")}});
    const auto read = tape::alignment_from_json(json::serialize(record));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_GE(read->steps.size(), 5u);
    EXPECT_EQ(read->key.batch, "17-A");
    EXPECT_EQ(read->operators, "Meyer") << "though nobody has accepted a value";
    EXPECT_THAT(read->measured_by, testing::MatchesRegex("overbiasd [0-9.]+"));
    EXPECT_EQ(daemon.logbook->alignments(10)->front().operators, "Meyer");
    EXPECT_EQ(daemon.logbook->alignments(10)->front().measured_by, read->measured_by);
    EXPECT_EQ(daemon.values_told(), read->steps.size());
    EXPECT_EQ(daemon.logbook->alignments(10)->front().values.size(), read->steps.size());

    const json::object list = daemon.result("alignments");
    ASSERT_EQ(list.at("alignments").as_array().size(), 1u);
    EXPECT_EQ(list.at("alignments").at(0).at("verdict"), "pass");
    EXPECT_EQ(list.at("alignments").at(0).at("operators"), "Meyer");
    EXPECT_EQ(json::value_to<std::string>(list.at("alignments").at(0).at("measured_by")), read->measured_by);
    EXPECT_EQ(daemon.call("alignment_record", {{"uuid", "none"}}).code, ErrorCode::UnusableInput);
}

TEST_F(AlignmentDeskTest, WhatIsSaidReachesTheStepThatWasMeantOnly) {
    Daemon daemon(folder_);
    EXPECT_THAT(daemon.call("align_say", {{"says", "accept"}}).message, HasSubstr("no alignment runs"));
    EXPECT_EQ(daemon.result("align", {{"procedure", "record"}, {"guided", true}}).at("guided"), true);
    EXPECT_THAT(daemon.call("align", {{"procedure", "quick"}}).message, HasSubstr("'align' is running"));
    ASSERT_TRUE(daemon.until([&] { return daemon.shows("record.azimuth"); }));
    EXPECT_EQ(daemon.shown().at("view").at("task"), "turn");
    const Reply stale = daemon.call("align_say", {{"says", "accept"}, {"step_id", "record.bias"}});
    EXPECT_EQ(stale.code, ErrorCode::Refused);
    EXPECT_THAT(stale.message, HasSubstr("record.azimuth is shown now"));
    daemon.result("align_say", {{"says", "skip"}, {"step_id", "record.azimuth"}});
    ASSERT_TRUE(daemon.until([&] { return daemon.shows("record.bias"); }));
    EXPECT_EQ(daemon.values_told(), 0u);
    daemon.result("align_say", {{"says", "abort"}});
    ASSERT_TRUE(daemon.until([&] { return daemon.ended.has_value(); }));
    EXPECT_THAT(daemon.ended->reason, HasSubstr("ended by the operator at bias"));
}

TEST_F(AlignmentDeskTest, OneThatWasBrokenOffIsGoneOnWithAfterARestart) {
    json::value record;
    std::size_t kept = 0;
    {
        Daemon daemon(folder_);
        record =
            daemon.result("align", {{"procedure", "record"}, {"guided", false}, {"operator", "Meyer"}}).at("record");
        ASSERT_TRUE(daemon.until([&] { return daemon.values_told() > 0; }));
        ASSERT_TRUE(daemon.runner.cancel("the test"));
        ASSERT_TRUE(daemon.until([&] { return daemon.ended.has_value(); }));
        kept = daemon.logbook->alignments(10)->front().values.size();
        EXPECT_GE(kept, daemon.values_told());
    }
    Daemon daemon(folder_);
    EXPECT_EQ(daemon.offer("record").at("unfinished").at("steps"), kept);
    EXPECT_TRUE(daemon.offer("quick").at("unfinished").is_null());
    EXPECT_EQ(daemon.result("align", {{"procedure", "record"}, {"guided", false}, {"batch", "18"}}).at("gone_on"),
              false) // another batch is another alignment
        << json::serialize(record);
    ASSERT_TRUE(daemon.runner.cancel("the test"));
    ASSERT_TRUE(daemon.until([&] { return daemon.ended.has_value(); }));
    daemon.ended.reset();
    const json::object anew =
        daemon.result("align", {{"procedure", "record"}, {"guided", false}, {"operator", "Lang"}});
    EXPECT_EQ(anew.at("gone_on"), true);
    EXPECT_EQ(anew.at("record"), record);
    ASSERT_TRUE(daemon.until([&] { return daemon.ended.has_value(); }));
    EXPECT_EQ(word(daemon.ended->ending), std::string("pass")) << daemon.ended->reason;
    EXPECT_TRUE(daemon.offer("record").at("unfinished").is_null());
    EXPECT_EQ(daemon.result("alignment_record", {{"uuid", record}}).at("operators"), "Meyer, Lang");
}

TEST_F(AlignmentDeskTest, RefusedInWordsAndTheDeckIsFreeAfterwards) {
    Daemon daemon(folder_);
    daemon.against = "the deck is recording";
    EXPECT_EQ(daemon.call("align", {{"procedure", "quick"}}).message, "align was refused: the deck is recording");
    EXPECT_EQ(daemon.offer("quick").at("obstacle"), "the deck is recording");
    daemon.against.clear();
    EXPECT_EQ(daemon.call("align", {{"procedure", "record"}, {"stock", "scotch-206"}}).code, ErrorCode::UnusableInput);
    EXPECT_EQ(daemon.call("align", {{"procedure", "record"}, {"stock", "no-such"}}).code, ErrorCode::UnusableInput);
    EXPECT_FALSE(daemon.runner.busy());
}

TEST_F(AlignmentDeskTest, DeckTimeDoesNotRunAheadOfWhoHasToAnswer) {
    Daemon daemon(folder_);
    daemon.result("align", {{"procedure", "lines"}});
    ASSERT_TRUE(daemon.until([&] { return daemon.shows("lines.play_dbu"); }));
    ASSERT_TRUE(daemon.until([&] { return daemon.paced > 0; }));
    EXPECT_TRUE(daemon.desk->waits_for_operator());
    EXPECT_EQ(daemon.shown().at("view").at("task"), "enter");
    daemon.result("align_say", {{"says", "abort"}});
    ASSERT_TRUE(daemon.until([&] { return daemon.ended.has_value(); }));
    EXPECT_FALSE(daemon.desk->waits_for_operator());
}

TEST_F(AlignmentDeskTest, TheEndHasTheIdOfTheAlignment) {
    Daemon daemon(folder_);
    const json::object started = daemon.result("align", {{"procedure", "lines"}});
    ASSERT_TRUE(daemon.until([&] { return daemon.shows("lines.play_dbu"); }));
    daemon.result("align_say", {{"says", "abort"}});
    ASSERT_TRUE(daemon.until([&] { return daemon.ended.has_value(); }));
    EXPECT_EQ(daemon.ended->id, json::value_to<std::string>(started.at("job")));
    for (const auto& [topic, what] : daemon.told) {
        if (topic == "alignment" && what.is_object()) {
            EXPECT_EQ(what.at("job"), started.at("job"));
        }
    }
    EXPECT_TRUE(daemon.told.back().second.is_null());
}

// --- the arm hold

TEST_F(AlignmentDeskTest, ATapeThatMustNotBeRecordedOnIsStillSoAfterARestart) {
    {
        Daemon daemon(folder_);
        ASSERT_TRUE(daemon.transport.arm().status == transport::CommandStatus::Accepted);
        daemon.transport.disarm();
        ASSERT_FALSE(daemon.transport.hold_arm("a calibration tape is on the deck").denied());
        EXPECT_EQ(daemon.held(), "a calibration tape is on the deck");
        EXPECT_EQ(daemon.holds_told.back(), "a calibration tape is on the deck");
    } // its worker ends what was given to it
    {
        Daemon daemon(folder_);
        EXPECT_EQ(daemon.held(), "a calibration tape is on the deck");
        EXPECT_THAT(daemon.transport.arm().reason, HasSubstr("a calibration tape is on the deck"));
        EXPECT_EQ(daemon.call("align", {{"procedure", "quick"}}).message,
                  "align was refused: a calibration tape is on the deck");
        EXPECT_EQ(daemon.result("tape_changed").at("status"), "accepted");
        EXPECT_THAT(daemon.held(), IsEmpty());
        EXPECT_THAT(daemon.holds_told.back(), IsEmpty());
        EXPECT_FALSE(daemon.transport.arm().denied());
        daemon.transport.disarm();
        EXPECT_EQ(daemon.result("tape_changed").at("status"), "unchanged");
    }
    Daemon daemon(folder_);
    EXPECT_THAT(daemon.held(), IsEmpty());
}

TEST_F(AlignmentDeskTest, AHoldThatCanNotBeReadHolds) {
    fs::create_directories(folder_ / "arm_hold"); // a folder where the file should be
    Daemon daemon(folder_);
    EXPECT_THAT(daemon.held(), HasSubstr("a calibration tape may be on the deck"));
    EXPECT_TRUE(daemon.transport.arm().denied());
}

TEST_F(AlignmentDeskTest, TheExpectationOfSuchATapeIsOnTheDiskBeforeItIsAskedFor) {
    {
        Daemon daemon(folder_);
        ArmHoldKeeper hold(folder_, daemon.timeline, daemon.transport, *daemon.worker);
        std::optional<bool> kept;
        hold.may_come("a tape may come", [&](const Result<void>& done) { kept = done.ok(); });
        EXPECT_FALSE(kept.has_value());
        ASSERT_TRUE(daemon.until([&] { return kept.has_value(); }));
        EXPECT_TRUE(*kept);
        hold.look(daemon.transport.state()); // nothing is held yet: what is expected stays
    }
    Daemon daemon(folder_);
    EXPECT_EQ(daemon.held(), "a tape may come");
}

// --- the logbook behind it

TEST_F(AlignmentDeskTest, WhatTheLogbookCouldNotWriteIsAnErrorOfTheNextStore) {
    Daemon daemon(folder_);
    LoggedAlignments history(*daemon.logbook, daemon.timeline);
    std::size_t stored = 0;
    history.on_stored([&](const std::string&, std::size_t) { ++stored; });
    tape::AlignmentRecord record;
    record.uuid = "0d000000-0000-4000-8000-0000000000a1";
    record.key.deck_uuid = "nobody knows this deck";
    record.key.head_block_uuid = kIdentity.head_block_uuid;
    record.procedure = "record";
    record.begun_at = "2024-05-03T10:15:00.000Z";
    ASSERT_TRUE(history.store(record).ok());
    ASSERT_TRUE(daemon.logbook->flush().ok());
    const auto second = history.store(record);
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.error().message, HasSubstr("alignment " + record.uuid));
    (void)daemon.until(
        [&, from = daemon.timeline.now()] { return daemon.timeline.now() > from + std::chrono::milliseconds(100); });
    EXPECT_EQ(stored, 0u);
    tape::AlignmentStep step;
    step.id = "x";
    step.reading = std::numeric_limits<double>::infinity();
    record.steps.push_back(step);
    EXPECT_FALSE(history.store(record).ok());
}

} // namespace
} // namespace overbias::controller
