// SPDX-License-Identifier: Apache-2.0
#include "controller/client/locator_line.hpp"

#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {
constexpr const char* kPlaceHelp = "metres (34.5), or tape time (h:mm:ss.hh or m:ss)";
} // namespace

LocatorLine::LocatorLine(CLI::App& app, Ways ways) : app_(app), ways_(std::move(ways)) {
    add_locating();
    add_cues();
    add_marks();
    add_ranges();
}

CLI::App* LocatorLine::going(CLI::App* parent, const std::string& name, const std::string& help) {
    CLI::App* command = ways_.add(parent, name, help);
    command->add_flag("--play", play_, "play when it has arrived");
    return command;
}

json::object LocatorLine::with_play(json::object parameters) const {
    if (play_) {
        parameters["play"] = true;
    }
    return parameters;
}

void LocatorLine::add_locating() {
    CLI::App* locate = going(&app_, "locate", "wind to a place and stop or play there");
    locate->add_option("PLACE", place_, kPlaceHelp)->required();
    locate->callback([this] { ways_.command("locate", "locate", with_play({{"position", place_}})); });
    going(&app_, "rtz", "return to the counter's zero")->callback([this] {
        ways_.command("rtz", "return_to_zero", with_play({}));
    });
    ways_.add(&app_, "locator", "cue points, marks, and what the autolocator does")->callback([this] {
        ways_.places("locator", {});
    });
}

void LocatorLine::add_cues() {
    CLI::App* cue = app_.add_subcommand("cue", "ten cue points");
    cue->require_subcommand(1);
    CLI::App* set = ways_.add(cue, "set", "make a cue point of a place");
    set->add_option("NUMBER", number_, "0 to 9")->required()->check(CLI::Range(0, 9));
    set->add_option("--name", name_, "what it is called");
    set->add_option("--at", place_, std::string("the place: ") + kPlaceHelp + "; default: where the tape is now");
    set->callback([this] {
        json::object parameters{{"cue", number_}};
        if (!name_.empty()) {
            parameters["name"] = name_;
        }
        if (!place_.empty()) {
            parameters["position"] = place_;
        }
        ways_.places("cue_set", std::move(parameters));
    });
    CLI::App* go = going(cue, "go", "wind to a cue point");
    go->add_option("CUE", word_, "its number or name")->required();
    go->callback([this] { ways_.command("cue " + word_, "cue_go", with_play({{"cue", word_}})); });
    CLI::App* clear = ways_.add(cue, "clear", "forget a cue point");
    clear->add_option("NUMBER", number_, "0 to 9")->required()->check(CLI::Range(0, 9));
    clear->callback([this] { ways_.places("cue_clear", {{"cue", number_}}); });
    ways_.add(cue, "list", "every cue point and mark")->callback([this] { ways_.places("locator", {}); });
}

void LocatorLine::add_marks() {
    CLI::App* mark = app_.add_subcommand("mark", "mark in and mark out: of a repeat, of a punch");
    mark->require_subcommand(1);
    for (const char* which : {"in", "out"}) {
        CLI::App* set = ways_.add(mark, which, std::string("mark ") + which);
        set->add_option("--at", place_, std::string("the place: ") + kPlaceHelp + "; default: where the tape is now");
        set->callback([this, which] {
            json::object parameters{{"which", which}};
            if (!place_.empty()) {
                parameters["position"] = place_;
            }
            ways_.places("mark", std::move(parameters));
        });
    }
    CLI::App* go = going(mark, "go", "wind to a mark");
    go->add_option("WHICH", word_, "in or out")->required()->check(CLI::IsMember({"in", "out"}));
    go->callback([this] { ways_.command("mark " + word_, "mark_go", with_play({{"which", word_}})); });
    ways_.add(mark, "clear", "forget both marks")->callback([this] { ways_.places("mark_clear", {}); });
}

void LocatorLine::add_ranges() {
    CLI::App* repeat = ways_.add(&app_, "repeat", "play from mark in to mark out again and again");
    repeat->add_option("--passes", passes_, "so many times; default: until stopped")->check(CLI::Range(1, 10000));
    repeat->callback([this] {
        ways_.command("repeat", "repeat", passes_ == 0 ? json::object{} : json::object{{"passes", passes_}});
    });
    ways_.add(&app_, "rehearse", "play past mark in and mark out without recording")->callback([this] {
        ways_.command("rehearse", "rehearse", {});
    });
    ways_.add(&app_, "punch", "record from mark in to mark out: goes to before it and waits there for arm")
        ->callback([this] { ways_.command("punch", "punch", {}); });
}

} // namespace overbias::controller
