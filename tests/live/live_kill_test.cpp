// SPDX-License-Identifier: Apache-2.0
// kill -9 of the daemon at random moments of a print. A deck latches: alone it would go on recording to the end of the
// reel. Two things stop it, each shown here with the other switched off: `overbiasd --make-safe`, run when the daemon
// has died, and the heartbeat contact. OVERBIAS_LIVE_KILLS says how many (50), OVERBIAS_SEED which (1).
#include "live_rig.hpp"

#include "base/json/json_text.hpp"

#include <algorithm>
#include <boost/json/value_to.hpp>
#include <cstdlib>
#include <gtest/gtest.h>
#include <random>
#include <sstream>
#include <thread>

namespace overbias::live {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr double kTape_m = 40.0;
constexpr double kStart_m = 10.0;
constexpr double kPiece_m = 0.04;
constexpr double kEraseToRecord_m = 0.033;
constexpr double kMusic_s = 4.0;

enum class StoppedBy { MakeSafe, Heartbeat };

struct Worst {
    int kills = 0, in_record = 0, moving = 0, proven = 0;
    double record_off_ms = 0.0, still_ms = 0.0, death_ms = 0.0;
};

std::int64_t from_environment(const char* name, std::int64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

class KillRig {
  public:
    KillRig(StoppedBy stopped_by, bool gpio_keeps_last, std::uint64_t seed, std::string music)
        : stopped_by_(stopped_by), random_(seed), music_(std::move(music)),
          rig_({.gpio_keeps_last = gpio_keeps_last,
                .heartbeat_contact = stopped_by == StoppedBy::Heartbeat,
                .tape_length_m = kTape_m}) {
        name_ = std::string(stopped_by == StoppedBy::MakeSafe ? "make-safe" : "heartbeat contact") +
                (gpio_keeps_last ? ", lines keep their last level" : ", lines fall back");
        carried_ = digest();
    }

    void run(int kills) {
        try {
            for (int i = 0; i < kills; ++i) {
                kill_once(i);
            }
        } catch (const std::exception& failure) {
            ADD_FAILURE() << where_ << ": " << failure.what() << "\n" << rig_.daemon_log();
        }
    }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const Worst& worst() const noexcept { return worst_; }

  private:
    struct Killed {
        std::string job;
        double counter_zero_m = 0; ///< the daemon's counter began here
        std::uint64_t before = 0;  ///< last event before the print
        std::int64_t at_ns = 0;
        std::optional<DeckHappening> record_on, record_off;
    };

    std::vector<std::string> digest() { return rig_.deck().digest(0.0, kTape_m, kPiece_m); }

    void kill_once(int number) {
        where_ = name_ + ", kill " + std::to_string(number);
        rig_.deck().ask({{"cmd", "thread"}, {"place_m", kStart_m}});
        if (rig_.has_daemon()) { // its counter knows nothing of that
            rig_.kill_daemon();
            if (stopped_by_ == StoppedBy::MakeSafe) {
                EXPECT_EQ(rig_.make_safe(), 0) << where_ << ": a deck that stands is safe";
            }
        }
        Killed killed = print_and_kill();
        if (stopped_by_ == StoppedBy::MakeSafe) {
            EXPECT_EQ(rig_.make_safe(), 0) << where_;
        }
        expect_stopped(killed);
        restart_and_look(killed);
        expect_only_recorded_places_altered(killed);
        ++worst_.kills;
    }

    Killed print_and_kill() {
        Killed killed;
        Daemon& daemon = rig_.daemon();
        daemon.wait_for_status([](const json::value& status) { return status.at("motion").at("current") == "Stopped"; },
                               seconds(10), "the machine is stopped");
        killed.before = rig_.deck().last_event();
        killed.counter_zero_m = kStart_m - daemon.status().at("position").at("tape_m").to_number<double>();
        const json::value started = daemon.start_print(
            {{"files", {music_}}, {"slate_s", 2.0}, {"lead_in_s", 0.5}, {"gap_s", 1.0}, {"post_roll_s", 1.0}});
        killed.job = json::value_to<std::string>(started.at("job"));
        const double length_s = started.at("duration_s").to_number<double>();
        const double moment_s = std::uniform_real_distribution<double>(0.0, length_s)(random_);
        where_ += ", " + std::to_string(moment_s) + " s into the print";
        rig_.deck().wait_until(monotonic_ns() + static_cast<std::int64_t>(moment_s * 1e9));
        if (const json::value status = daemon.status(); status.at("job").is_null()) {
            ADD_FAILURE() << where_ << ": the print had ended before: " << json_line(status.at("last_job")) << "\n"
                          << rig_.daemon_log();
        }
        killed.at_ns = rig_.kill_daemon();
        worst_.death_ms = std::max(worst_.death_ms, rig_.last_death_ms());
        return killed;
    }

    void expect_stopped(Killed& killed) {
        DeckControl& deck = rig_.deck();
        if (stopped_by_ == StoppedBy::Heartbeat) { // a key pressed just before may still set the deck going until then
            const auto dropped = deck.wait_for("heartbeat_dropped", killed.before, seconds(5));
            ASSERT_TRUE(dropped) << where_;
            EXPECT_LE(dropped->at_ns - killed.at_ns, 500'000'000) << where_;
        }
        std::optional<DeckHappening> moving, still;
        for (const DeckHappening& one : deck.events(killed.before)) {
            killed.record_on = one.what == "record_on" ? std::optional(one) : killed.record_on;
            moving = one.what == "moving" ? std::optional(one) : moving;
        }
        if (killed.record_on) {
            killed.record_off = deck.wait_for("record_off", killed.record_on->n, seconds(10));
            ASSERT_TRUE(killed.record_off) << where_ << ": the deck goes on recording";
            const double late_ms = static_cast<double>(killed.record_off->at_ns - killed.at_ns) / 1e6;
            EXPECT_LE(late_ms, 500.0) << where_ << "; the daemon took " << rig_.last_death_ms() << " ms to die";
            worst_.record_off_ms = std::max(worst_.record_off_ms, late_ms);
            ++worst_.in_record;
        }
        if (moving) {
            still = deck.wait_for("still", moving->n, seconds(10));
            ASSERT_TRUE(still) << where_ << ": the tape goes on";
            const double late_ms = static_cast<double>(still->at_ns - killed.at_ns) / 1e6;
            EXPECT_LE(late_ms, 3000.0) << where_ << "; the daemon took " << rig_.last_death_ms() << " ms to die";
            worst_.still_ms = std::max(worst_.still_ms, late_ms);
            ++worst_.moving;
        }
        const json::object truth = deck.truth();
        EXPECT_EQ(truth.at("recording"), false) << where_;
        EXPECT_EQ(truth.at("mode"), "stopped") << where_;
    }

    void restart_and_look(const Killed& killed) {
        DeckControl& deck = rig_.deck();
        const double place_m = deck.place_m();
        const std::uint64_t before = deck.last_event();
        Daemon& daemon = rig_.daemon();
        daemon.wait_for_status([](const json::value& status) { return status.at("motion").at("current") == "Stopped"; },
                               seconds(10), "the machine is stopped");
        EXPECT_TRUE(daemon.status().at("job").is_null()) << where_;
        expect_interrupted(daemon, killed);
        EXPECT_FALSE(deck.wait_for("moving", before, std::chrono::milliseconds(2500))) << where_;
        EXPECT_EQ(deck.place_m(), place_m) << where_ << ": nothing moves by itself";
        for (const DeckHappening& one : deck.events(before)) {
            EXPECT_FALSE(one.what == "contact_closed" && one.all.at("name") != "stop" &&
                         !std::string(one.all.at("name").as_string()).starts_with("monitor"))
                << where_ << ": " << json_line(one.all);
        }
        daemon.call("play");
        const auto moving = deck.wait_for("moving", before, seconds(5));
        ASSERT_TRUE(moving) << where_ << ": it plays when told\n" << happened_since(before) << rig_.daemon_log();
        daemon.call("stop");
        ASSERT_TRUE(deck.wait_for("still", moving->n, seconds(5))) << where_;
    }

    std::string happened_since(std::uint64_t before) {
        std::string text;
        for (const DeckHappening& one : rig_.deck().events(before)) {
            text += json_line(one.all) + "\n";
        }
        return text;
    }

    void expect_interrupted(Daemon& daemon, const Killed& killed) {
        const json::value log = daemon.call("log", json::object{{"what", "sessions"}, {"last", 10}});
        const json::array& sessions = log.at("sessions").as_array();
        const auto* const found = std::find_if(sessions.begin(), sessions.end(), [&killed](const json::value& session) {
            return session.at("session").as_string() == killed.job;
        });
        ASSERT_NE(found, sessions.end()) << where_ << ": " << json_line(log);
        EXPECT_EQ(found->at("state"), "interrupted") << where_;
        const json::value& proven = found->at("last_proven_m");
        if (!proven.is_null()) {
            // off tape nothing can have been heard that the record head had not written before the kill
            ASSERT_TRUE(killed.record_off) << where_;
            const double place_m = killed.counter_zero_m + proven.to_number<double>();
            EXPECT_LE(place_m, killed.record_off->place_m()) << where_;
            EXPECT_GE(place_m, killed.record_on->place_m()) << where_;
            ++worst_.proven;
        }
    }

    void expect_only_recorded_places_altered(const Killed& killed) {
        const std::vector<std::string> now = digest();
        ASSERT_EQ(now.size(), carried_.size());
        std::size_t altered = 0;
        for (std::size_t i = 0; i < now.size(); ++i) {
            const double begin_m = kPiece_m * static_cast<double>(i), end_m = begin_m + kPiece_m;
            const bool touched = killed.record_on && end_m > killed.record_on->place_m() &&
                                 begin_m < killed.record_off->place_m() + kEraseToRecord_m;
            altered += now[i] != carried_[i] ? 1U : 0U;
            EXPECT_TRUE(touched || now[i] == carried_[i])
                << where_ << ": the tape was altered between " << begin_m << " and " << end_m << " m; record ended at "
                << (killed.record_off ? killed.record_off->place_m() : -1.0) << " m";
        }
        if (killed.record_on) { // the digest does see what is altered
            const double way_m = killed.record_off->place_m() - killed.record_on->place_m();
            EXPECT_GE(static_cast<double>(altered), std::floor(way_m / kPiece_m)) << where_;
        }
        carried_ = now;
    }

    StoppedBy stopped_by_;
    std::mt19937_64 random_;
    std::string music_;
    LiveRig rig_;
    std::string name_, where_;
    std::vector<std::string> carried_; ///< the tape after the last kill
    Worst worst_;
};

TEST(LiveKillTest, the_deck_stops_and_nothing_beyond_is_altered) {
    const auto kills = static_cast<int>(from_environment("OVERBIAS_LIVE_KILLS", 50));
    const auto seed = static_cast<std::uint64_t>(from_environment("OVERBIAS_SEED", 1));
    std::printf("%d kills, OVERBIAS_SEED=%llu\n", kills, static_cast<unsigned long long>(seed));
    LiveRig workshop; // for its folder
    const std::string music = workshop.music(kMusic_s);
    std::vector<std::unique_ptr<KillRig>> rigs;
    for (const StoppedBy by : {StoppedBy::MakeSafe, StoppedBy::Heartbeat}) {
        for (const bool keeps_last : {false, true}) {
            rigs.push_back(std::make_unique<KillRig>(by, keeps_last, seed * 4 + rigs.size(), music));
        }
    }
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < rigs.size(); ++i) {
        const int share = (kills + static_cast<int>(i)) / static_cast<int>(rigs.size());
        threads.emplace_back([&rig = *rigs[i], share] { rig.run(share); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    int all = 0;
    for (const auto& rig : rigs) {
        const Worst& worst = rig->worst();
        all += worst.kills;
        std::printf("%s: %d kills; %d in record, off after at most %.0f ms; %d moving, still after at most %.0f ms; "
                    "%d with a proven place; the daemon dead after at most %.0f ms\n",
                    rig->name().c_str(), worst.kills, worst.in_record, worst.record_off_ms, worst.moving,
                    worst.still_ms, worst.proven, worst.death_ms);
    }
    EXPECT_EQ(all, kills);
}

} // namespace
} // namespace overbias::live
