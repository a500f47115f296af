// SPDX-License-Identifier: Apache-2.0
#include "controller/client/machine_line.hpp"

#include <utility>

namespace overbias::controller {

namespace json = boost::json;

MachineLine::MachineLine(const std::function<CLI::App*(const std::string&, const std::string&)>& add, Chosen chosen)
    : add_(add), chosen_(std::move(chosen)) {
    add_keys();
    add_modes();
    add_places();
}

void MachineLine::plain(const char* name, const char* method, const char* help) {
    add_(name, help)->callback([this, name, method] { chosen_(name, method, {}); });
}

void MachineLine::with_switch(const char* name, const char* method, const char* help) {
    CLI::App* command = add_(name, help);
    command->add_option("STATE", on_, "on or off")->required()->check(CLI::IsMember({"on", "off"}));
    command->callback([this, name, method] { chosen_(name, method, {{"on", on_ == "on"}}); });
}

void MachineLine::add_keys() {
    plain("play", "play", "play at the deck's speed");
    plain("stop", "stop", "record off, then stop; never refused; ends a running job");
    plain("record", "record", "record; only armed: in play at once, from stop as soon as the deck is seen to play");
    plain("arm", "arm", "allow record once");
    plain("disarm", "disarm", "withdraw arm");
    plain("punch-out", "punch_out", "leave record, go on playing");
    plain("wind", "fast_forward", "wind forward");
    plain("rewind", "rewind", "wind back");
    plain("clear-fault", "clear_fault", "take the machine out of fault, after its cause is gone");
}

void MachineLine::add_modes() {
    CLI::App* library = add_("library-wind", "wind slowly and evenly, for storage");
    library->add_option("DIRECTION", word_, "forward or reverse")
        ->required()
        ->check(CLI::IsMember({"forward", "reverse"}));
    library->callback([this] { chosen_("library-wind", "library_wind", {{"direction", word_}}); });

    CLI::App* shuttle = add_("shuttle", "move the tape at a speed, until stop or another key");
    shuttle->add_option("IPS", number_, "inches a second; negative is backward, 0 holds the tape still")->required();
    shuttle->callback([this] { chosen_("shuttle", "shuttle", {{"speed", number_}}); });

    plain("edit", "edit", "edit mode: move the reels by hand; stop ends it");
    with_switch("defeat-lifters", "defeat_lifters", "lay the tape on the heads while it is wound slowly or stands");
    with_switch("thread", "thread", "low tension for threading, while the tape is out");

    CLI::App* speed = add_("speed", "switch the deck's speed; only while the tape is still");
    speed->add_option("IPS", number_, "inches a second")->required();
    speed->callback([this] { chosen_("speed", "select_speed", {{"ips", number_}}); });

    CLI::App* ready = add_("ready", "make a track record ready, or safe");
    ready->add_option("TRACK", track_, "1 and up")->required();
    ready->add_option("STATE", on_, "on (ready) or off (safe)")->required()->check(CLI::IsMember({"on", "off"}));
    ready->callback([this] { chosen_("ready", "ready", {{"track", track_}, {"on", on_ == "on"}}); });

    CLI::App* monitor = add_("monitor", "what the deck's output carries");
    monitor->add_option("SELECT", word_, "input, sync or repro")
        ->required()
        ->check(CLI::IsMember({"input", "sync", "repro"}));
    monitor->callback([this] { chosen_("monitor", "monitor", {{"select", word_}}); });

    CLI::App* route = add_("route", "close or open a relay of the patch");
    route->add_option("NAME", word_, "source, oscillator, tape_return, mute or mono")
        ->required()
        ->check(CLI::IsMember({"source", "oscillator", "tape_return", "mute", "mono"}));
    route->add_option("STATE", on_, "on or off")->required()->check(CLI::IsMember({"on", "off"}));
    route->callback([this] { chosen_("route", "route", {{"name", word_}, {"on", on_ == "on"}}); });
}

void MachineLine::add_places() {
    plain("zero", "zero_counter", "this place is 0 of the counter");
    CLI::App* preset = add_("preset", "this place is PLACE on the counter");
    preset->add_option("PLACE", place_, "metres (34.5), or tape time (h:mm:ss.hh or m:ss)")->required();
    preset->callback([this] { chosen_("preset", "preset_counter", {{"position", place_}}); });
}

} // namespace overbias::controller
