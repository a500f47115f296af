// SPDX-License-Identifier: Apache-2.0
// What happens in a life, by chance: commands, hands on the deck, and what goes wrong.
#include "property_life.hpp"

namespace overbias::transport::property {

void Life::act() {
    const int pick = dice_.below(100);
    if (pick < 74) {
        give_command();
    } else if (pick < 84) {
        lay_hands_on();
    } else if (pick < 90) {
        go_wrong();
    } // else time passes
}

void Life::act_while_cut() {
    if (dice_.chance(0.5)) {
        give_command();
    } else {
        lay_hands_on();
    }
}

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

} // namespace overbias::transport::property
