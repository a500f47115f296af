// SPDX-License-Identifier: Apache-2.0
// Random commands, hands on the deck and faults, through the machine and a deck of deck-sim's mechanics, under the
// rules of property_rules.hpp. Half of the lives reach it through the parallel remote (with and without lamps), half
// over a link that can be cut. What may never be, by the deck's own truth:
//   - RECORD is pressed only armed, asked for, in play and at play speed; the deck never records otherwise than by that
//     key or by a hand
//   - no other key of motion, no speed and no record-ready is touched while the deck records
//   - never two motion contacts at once, never RECORD's contact alone
//   - PLAY only with the tape still, a wind never against a running tape; the tape is never torn
//   - without tape the deck stops recording within the lag of its sensor
//   - in Unknown, Faulted and TapeOut no key but STOP; no key that the last commands did not ask for: nothing resumes
//     after a fault, a lost link, a restart; after a fault the tape comes to rest
//   - record that nobody asked for is stopped, whatever the machine thinks it is doing
//   - lifters are not defeated above the cue limit, and do not stay so
//   - the speed is switched, and edit mode entered, only with the tape still
//   - the machine does not say Recording, or Stopped, when it is not so; while the link is lost it says Unknown
//   - every command is answered; denied and deferred ones with a reason, the others without
// One life has at most one failed sensor (a stuck lamp, a dead or losing tach); hands, power cuts, a torn tape, the end
// of the tape, lost links and restarts of the machine come on top. OVERBIAS_PROPERTY_ACTIONS sets the number of random
// actions (100 000, a tenth of scripts/soak's), OVERBIAS_SEED the seed; a failure prints the life that repeats it
// (OVERBIAS_PROPERTY_LIFE).
#include "property_rules.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <sstream>

namespace overbias::transport {

namespace {

using property::Dice;
using property::LinkedDeck;
using property::Plant;
using property::PlantTach;
using property::Rules;
using property::SocketLines;
namespace sim = overbias::deck_sim;

enum class Kind { Lamps, NoLamps, Linked };

struct Coverage {
    std::map<std::string, long> counts;
    long recordings = 0, hand_recordings = 0, edges = 0;
};

sim::Settings settings_of(Dice& dice) {
    sim::Settings settings;
    settings.tape_length_m = dice.chance(0.5) ? dice.real(30.0, 80.0) : 500.0;
    settings.start_place_m = dice.real(0.1, 0.9) * settings.tape_length_m;
    settings.speeds_ips = {15.0, 30.0};
    settings.seed = dice.next();
    return settings;
}

std::vector<sim::Fault> faults_of(Dice& dice, std::optional<double>& breaks_at_s) {
    if (!dice.chance(0.15)) {
        return {};
    }
    breaks_at_s = dice.real(2.0, 60.0);
    sim::Fault torn;
    torn.kind = sim::FaultKind::TapeBreak;
    torn.at = {sim::FaultPlace::Scale::Time, *breaks_at_s};
    return {torn};
}

ParallelRemoteConfig remote_config(bool lamps) {
    ParallelRemoteConfig config;
    config.edit = {"edit"};
    config.library_wind = "library";
    config.lifter_defeat = "lifters";
    config.thread = "thread";
    config.ready = {"ready_1", "ready_2"};
    config.speeds = {{15.0, {}}, {30.0, {"speed_high"}}};
    if (!lamps) {
        config.tally_stop = config.tally_play = config.tally_record = "";
        config.tally_fast_forward = config.tally_rewind = "";
    }
    return config;
}

/// One deck, one machine, some hundred actions.
class Life {
  public:
    Life(std::uint64_t seed, Coverage& coverage)
        : dice_(seed), coverage_(coverage), kind_(static_cast<Kind>(std::array{0, 0, 1, 2, 2, 2}[dice_.next() % 6])),
          settings_(settings_of(dice_)), plant_(settings_, faults_of(dice_, breaks_at_s_)),
          rules_(plant_, timeline_, [this] { return transport_ ? &state_ : nullptr; }) {
        rules_.breaks_at_s = breaks_at_s_;
        rules_.has_tallies = kind_ != Kind::NoLamps;
        rules_.linked = kind_ == Kind::Linked;
        const auto watcher = [this](Press press) { rules_.touched(press); };
        if (kind_ == Kind::Linked) {
            linked_ = std::make_unique<LinkedDeck>(plant_, watcher);
        } else {
            lines_ = std::make_unique<SocketLines>(plant_, timeline_, watcher);
            remote_ = std::make_unique<ParallelRemote>(timeline_, *lines_, &tach_, remote_config(kind_ == Kind::Lamps));
        }
        config_.proof_by_tally = kind_ != Kind::NoLamps;
        config_.tape_length_m = settings_.tape_length_m;
        config_.still_timeout_s = 20.0;
        start();
    }
    ~Life() {
        rules_.off = true;
        transport_.reset();
        coverage_.recordings += rules_.recordings;
        coverage_.hand_recordings += rules_.hand_recordings;
        coverage_.edges += std::abs(plant_.mechanics.roller().edges());
        for (std::size_t i = 0; i < rules_.touches.size(); ++i) {
            coverage_.counts["touch " + std::to_string(i)] += rules_.touches[i];
        }
    }
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;

    /// The violation, or empty.
    std::string run(int actions) {
        for (int i = 0; i < actions && rules_.violation().empty(); ++i) {
            act();
            const double pick = dice_.real(0.0, 1.0);
            pass(pick < 0.70 ? dice_.below(60) : (pick < 0.96 ? dice_.below(900) : dice_.below(5000)));
        }
        if (rules_.violation().empty()) {
            return {};
        }
        std::ostringstream out;
        out << rules_.violation() << " at " << seconds(timeline_.now()) << " s, deck kind " << static_cast<int>(kind_)
            << "; before:";
        for (const std::string& line : log_) {
            out << "\n  " << line;
        }
        return out.str();
    }

  private:
    Deck& deck() { return linked_ ? static_cast<Deck&>(*linked_) : *remote_; }

    void start() {
        config_.play_speed_ips = plant_.mechanics.selected_speed_ips();
        rules_.forget_wants();
        transport_ = std::make_unique<Transport>(timeline_, deck(), adjust_, config_);
        state_ = transport_->state();
        transport_->on_transition([this](const MachineState& state) { state_ = state; });
        transport_->on_fault([this](const std::string& message) {
            rules_.forget_wants();
            note("told: " + message.substr(0, 60));
        });
    }

    void pass(int milliseconds) {
        for (int i = 0; i < milliseconds && rules_.violation().empty(); ++i) {
            timeline_.run_for(std::chrono::milliseconds(1));
            plant_.step(timeline_.now());
            if (lines_) {
                lines_->deliver();
                if (lines_->most_motion_contacts > 1) {
                    rules_.fail("two motion contacts at once");
                }
                if (lines_->record_alone) {
                    rules_.fail("RECORD's contact closed without PLAY's");
                }
            } else {
                linked_->step(timeline_.now());
            }
            rules_.look();
        }
        ++coverage_.counts[std::string(name_of(state_.current))];
    }

    void note(const std::string& what) {
        std::ostringstream line;
        line << seconds(timeline_.now()) << " s: " << what << " [" << name_of(state_.current) << ", " << plant_.speed()
             << " m/s]";
        log_.push_back(line.str());
        if (log_.size() > 25) {
            log_.pop_front();
        }
    }

    void command(const std::string& name, std::optional<Press> wants, const std::function<CommandResult()>& give) {
        note(name);
        rules_.offer = wants;
        const CommandResult result = give();
        const bool needs_reason = result.status == CommandStatus::Denied || result.status == CommandStatus::Deferred;
        if (result.reason.empty() == needs_reason) {
            rules_.fail(name + " was answered without the reason it owes, or with one it does not");
        }
        const bool goes = result.status == CommandStatus::Accepted || result.status == CommandStatus::Deferred;
        rules_.answered(goes, result.status == CommandStatus::Accepted);
        ++coverage_.counts[name + (goes ? " goes" : " does not")];
        log_.back() += goes ? " goes" : " no: " + result.reason.substr(0, 60);
    }

    void act() {
        const int pick = dice_.below(100);
        if (pick < 74) {
            give_command();
        } else if (pick < 84) {
            lay_hands_on();
        } else if (pick < 90) {
            go_wrong();
        } // else time passes
    }

    void give_command();
    void lay_hands_on();
    void go_wrong();
    void act_while_cut() {
        if (dice_.chance(0.5)) {
            give_command();
        } else {
            lay_hands_on();
        }
    }

    Dice dice_;
    Coverage& coverage_;
    Kind kind_;
    std::optional<double> breaks_at_s_;
    sim::Settings settings_;
    Plant plant_;
    SimulatedTimeline timeline_;
    Rules rules_;
    PlantTach tach_{plant_};
    ManualAdjust adjust_;
    TransportConfig config_;
    std::unique_ptr<SocketLines> lines_;
    std::unique_ptr<ParallelRemote> remote_;
    std::unique_ptr<LinkedDeck> linked_;
    std::unique_ptr<Transport> transport_;
    MachineState state_;
    bool sensor_failed_ = false;
    std::deque<std::string> log_;
};

void Life::give_command() {
    Transport& t = *transport_;
    // one in three follows a thread that leads somewhere: play, arm, record, punch out
    int pick = dice_.below(42);
    if (dice_.chance(0.45)) {
        pick = state_.current == Motion::Stopped     ? (state_.arm == RecordArm::Armed ? 4 : dice_.below(3))
               : state_.current == Motion::Playing   ? (state_.arm == RecordArm::Armed ? 4 : 2)
               : state_.current == Motion::Recording ? 7
               : state_.current == Motion::Faulted   ? 17
                                                     : pick;
    }
    switch (pick) {
    case 0:
    case 1:
        return command("play", Press::Play, [&] { return t.play(); });
    case 2:
    case 3:
        return command("arm", {}, [&] {
            const CommandResult result = t.arm();
            if (!result.denied()) {
                rules_.arm();
            }
            return result;
        });
    case 4:
    case 5:
    case 6:
        return command("record", Press::Record, [&] { return t.record(); });
    case 7:
        return command("punch out", Press::Play, [&] { return t.punch_out(); });
    case 8:
    case 9:
        return command("fast forward", Press::FastForward, [&] { return t.fast_forward(); });
    case 10:
    case 11:
        return command("rewind", Press::Rewind, [&] { return t.rewind(); });
    case 12:
    case 13:
    case 14:
        return command("stop", {}, [&] {
            const CommandResult result = t.stop();
            rules_.forget_wants();
            return result;
        });
    case 15:
    case 16:
        return command("locate", Press::Stop, [&] { return t.locate(dice_.real(0.0, 1.0) * settings_.tape_length_m); });
    case 17:
    case 18:
        return command("clear fault", {}, [&] { return t.clear_fault(); });
    case 19:
    case 20:
        return command("library forward", Press::LibraryForward, [&] { return t.library_wind(Direction::Forward); });
    case 21:
        return command("library reverse", Press::LibraryReverse, [&] { return t.library_wind(Direction::Reverse); });
    case 22:
    case 23:
    case 24: {
        const double m_s =
            dice_.chance(0.2) ? 0.0 : (dice_.chance(0.5) ? dice_.real(-1.5, 1.5) : dice_.real(-8.0, 8.0));
        return command("shuttle", Press::Shuttle, [&] { return t.shuttle(m_s); });
    }
    case 25:
    case 26:
        return command("edit", Press::Edit, [&] { return t.edit(); });
    case 27:
    case 28:
    case 29:
        return command("defeat lifters", {}, [&] { return t.defeat_lifters(true); });
    case 30:
        return command("restore lifters", {}, [&] { return t.defeat_lifters(false); });
    case 31:
        return command("thread", {}, [&] { return t.thread(dice_.chance(0.6)); });
    case 32:
    case 33:
        return command("select speed", {}, [&] { return t.select_speed(dice_.chance(0.5) ? 15.0 : 30.0); });
    case 34:
    case 35:
        return command("set ready", {}, [&] { return t.set_ready(1 + dice_.below(3), dice_.chance(0.8)); });
    case 36:
        return command("zero", {}, [&] { return t.zero_counter(); });
    case 37:
        return command("preset", {}, [&] { return t.preset_counter(dice_.real(0.0, 1.0) * settings_.tape_length_m); });
    case 38:
        return command("correct", {}, [&] { return t.correct_position(plant_.mechanics.drive().place_m(), 0.1); });
    case 39:
        return command("disarm", {}, [&] { return t.disarm(); });
    case 40:
        note("restart");
        ++coverage_.counts["restart"];
        transport_.reset();
        rules_.restarted();
        pass(dice_.below(300));
        return start();
    default:
        if (dice_.chance(0.1)) {
            note("raise fault");
            t.raise_fault("the card is gone");
        }
    }
}

void Life::lay_hands_on() {
    if (state_.current == Motion::Editing) {
        note("hands on the reels");
        ++coverage_.counts["hands on the reels"];
        rules_.hands_on_reels();
        plant_.mechanics.hands(dice_.real(-1.0, 1.0));
        pass(300);
        plant_.mechanics.hands(std::nullopt);
        return;
    }
    const auto key = static_cast<sim::Contact>(dice_.below(5));
    // nobody who loves the tape engages the pinch roller while it flies
    if ((key == sim::Contact::Play || key == sim::Contact::Record) && std::abs(plant_.speed()) > 0.8) {
        return;
    }
    note("hand on key " + std::to_string(static_cast<int>(key)));
    ++coverage_.counts["hand " + std::to_string(static_cast<int>(key))];
    rules_.hand(key);
    plant_.mechanics.touch(key);
}

void Life::go_wrong() {
    const auto& drive = plant_.mechanics.drive();
    const int what_kind = state_.current == Motion::TapeOut && dice_.chance(0.7) ? 4 : dice_.below(8);
    switch (what_kind) {
    case 0: { // mains off and on again
        note("power off");
        ++coverage_.counts["power cut"];
        rules_.power_changed();
        plant_.mechanics.set_power(false);
        pass(100 + dice_.below(2500));
        note("power on");
        rules_.power_changed();
        plant_.mechanics.set_power(true);
        return;
    }
    case 1:
    case 2:
    case 3:
        if (linked_) {
            note("link cut");
            ++coverage_.counts["link cut"];
            rules_.link_cut = linked_->cut = true;
            for (int more = dice_.below(4); more >= 0; --more) {
                pass(dice_.below(700));
                act_while_cut();
            }
            note("link back");
            rules_.link_cut = linked_->cut = false;
            return;
        }
        [[fallthrough]];
    case 4:
        if (plant_.mechanics.logic().mode() == sim::DeckLogic::Mode::TapeOut && drive.still() && !drive.broken()) {
            note("threaded anew");
            ++coverage_.counts["threaded"];
            rules_.threaded();
            plant_.mechanics.thread_at(dice_.real(0.1, 0.9) * settings_.tape_length_m);
        }
        return;
    default:
        break;
    }
    if (sensor_failed_) {
        return;
    }
    sensor_failed_ = dice_.chance(0.25);
    if (!sensor_failed_) {
        return;
    }
    const int what = dice_.below(8);
    if (what < 6) {
        note("lamp " + std::to_string(what) + " stuck");
        ++coverage_.counts["stuck lamp"];
        const bool lit = what == static_cast<int>(sim::Tally::Record) ? false : dice_.chance(0.5);
        plant_.stuck[static_cast<std::size_t>(what)] = lit;
    } else if (what == 6) {
        note("tach dies");
        ++coverage_.counts["dead tach"];
        plant_.kill_tach();
    } else {
        note("tach loses edges");
        ++coverage_.counts["lost edges"];
        plant_.swallowed += 1 + dice_.below(20);
        ++plant_.gaps;
        sensor_failed_ = false; // once
    }
}

long number_from(const char* name, long otherwise) {
    const char* const text = std::getenv(name);
    return text != nullptr ? std::strtol(text, nullptr, 10) : otherwise;
}

} // namespace

TEST(Property, NoRandomLifeBreaksAnInterlock) {
    const long actions = number_from("OVERBIAS_PROPERTY_ACTIONS", 100'000);
    const auto seed = static_cast<std::uint64_t>(number_from("OVERBIAS_SEED", 4));
    const long only = number_from("OVERBIAS_PROPERTY_LIFE", -1);
    constexpr int kActionsALife = 250;
    Coverage coverage;
    std::printf("seed %llu, %ld actions\n", static_cast<unsigned long long>(seed), actions);
    for (long life = only >= 0 ? only : 0; life * kActionsALife < actions; ++life) {
        Life one(seed * 1'000'003U + static_cast<std::uint64_t>(life), coverage);
        const std::string violation = one.run(kActionsALife);
        ASSERT_EQ(violation, "") << "repeat with OVERBIAS_SEED=" << seed << " OVERBIAS_PROPERTY_LIFE=" << life;
        if (only >= 0) {
            return;
        }
    }
    for (const auto& [what, count] : coverage.counts) {
        std::printf("  %-28s %ld\n", what.c_str(), count);
    }
    std::printf("  recordings %ld, by hand %ld, tach edges %ld\n", coverage.recordings, coverage.hand_recordings,
                coverage.edges);
    // a run that went nowhere shows nothing
    for (const char* state : {"Unknown", "Stopped", "Starting", "Playing", "Recording", "FastForwarding", "Rewinding",
                              "Shuttling", "Editing", "Locating", "Braking", "TapeOut", "Faulted"}) {
        EXPECT_GT(coverage.counts[state], actions / 1000) << state;
    }
    for (const char* what : {"play goes",
                             "record goes",
                             "punch out goes",
                             "locate goes",
                             "library forward goes",
                             "library reverse goes",
                             "shuttle goes",
                             "edit goes",
                             "defeat lifters goes",
                             "thread goes",
                             "select speed goes",
                             "set ready goes",
                             "clear fault goes",
                             "hands on the reels",
                             "power cut",
                             "link cut",
                             "threaded",
                             "stuck lamp",
                             "dead tach",
                             "lost edges",
                             "restart"}) {
        EXPECT_GT(coverage.counts[what], actions / 5000) << what;
    }
    EXPECT_GT(coverage.recordings, actions / 500);
    EXPECT_GT(coverage.hand_recordings, actions / 1000);
}

} // namespace overbias::transport
