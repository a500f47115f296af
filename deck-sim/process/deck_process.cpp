// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/deck_process.hpp"

#include "deck-sim/process/asound_conf.hpp"
#include "deck-sim/process/card_bridge.hpp"
#include "deck-sim/process/control_door.hpp"
#include "deck-sim/process/deck_wiring.hpp"
#include "deck-sim/process/event_log.hpp"
#include "deck-sim/process/nine_pin_face.hpp"
#include "deck-sim/process/nine_pin_socket.hpp"
#include "deck-sim/process/paced_timeline.hpp"
#include "deck-sim/process/playback_tap.hpp"
#include "deck-sim/process/pty.hpp"
#include "deck-sim/process/tape_digest.hpp"
#include "deck-sim/process/wires.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <functional>
#include <list>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::deck_sim {

namespace json = boost::json;

namespace {

constexpr DeckDuration kTurn = std::chrono::milliseconds(2);

GpioChip chip_of(const DeckProcessConfig& config) {
    GpioChip chip;
    chip.label = kChipLabel;
    chip.lines = DeckWiring::names();
    chip.on_release = config.gpio_release;
    return chip;
}

CardBridgeConfig card_of(const DeckProcessConfig& config) {
    CardBridgeConfig card;
    card.file = config.directory.card();
    card.play_clock_ppm = config.settings.play_clock_ppm;
    card.capture_clock_ppm =
        config.settings.shared_clock ? config.settings.play_clock_ppm : config.settings.capture_clock_ppm;
    card.round_trip_frames = config.settings.round_trip_frames;
    card.converter_noise_dbfs = config.settings.converter_noise_dbfs;
    card.seed = config.settings.seed;
    return card;
}

json::value or_null(const EventLog& log, const std::optional<DeckTime>& at) {
    return at ? json::value(log.monotonic_ns(*at)) : json::value(nullptr);
}

double number(const json::object& request, const char* name) {
    const json::value* value = request.if_contains(name);
    if (value == nullptr || !value->is_number()) {
        throw std::invalid_argument(std::string("expected the number '") + name + "'");
    }
    return value->to_number<double>();
}

bool flag(const json::object& request, const char* name) {
    const json::value* value = request.if_contains(name);
    if (value == nullptr || !value->is_bool()) {
        throw std::invalid_argument(std::string("expected '") + name + "': true or false");
    }
    return value->get_bool();
}

/// {} for what was done, else {"error": ...}.
json::object outcome(const Result<void>& result) {
    return result ? json::object{} : json::object{{"error", result.error().message}};
}

} // namespace

struct DeckProcess::Impl {
    using Answer = ControlDoor::Answer;
    using Command = std::function<void(const json::object&, const Answer&)>;

    Impl(SteadyTimeline& line, DeckProcessConfig given)
        : timeline(line), config(std::move(given)), log(-timeline.at_monotonic({}).time_since_epoch()), paced(timeline),
          deck(paced, config.settings, config.faults), tap(deck.pcm()), bridge(paced, tap, card_of(config)),
          gpio(timeline.io_context(), config.directory.gpio_socket(), chip_of(config)),
          wiring(timeline, deck, config.heartbeat_contact,
                 [this](unsigned offset, bool high, DeckTime at) {
                     gpio.drive(offset, high, std::chrono::nanoseconds(log.monotonic_ns(at)));
                 },
                 {[this](const std::string& name, bool closed, DeckTime at) {
                      log.note(at, closed ? "contact_closed" : "contact_opened", {{"name", name}});
                  },
                  [this](bool closed, DeckTime at) {
                      log.note(at, closed ? "heartbeat_picked_up" : "heartbeat_dropped");
                  }}),
          nine_pin_deck(timeline, deck, wiring, config.settings),
          nine_pin_line(timeline.io_context(), config.directory.nine_pin()),
          nine_pin_face(timeline, nine_pin_deck, {},
                        [this](std::span<const std::uint8_t> bytes) { nine_pin_line.write(bytes); }),
          turning(timeline, kTurn, [this] { turn(); }) {
        nine_pin_line.on_bytes([this](std::span<const std::uint8_t> bytes) { nine_pin_face.receive(bytes); });
        deck.on_event([this](const DeckEvent& event) { log.note(event); });
        gpio.on_output([this](unsigned offset, bool high) { wiring.output(offset, high); });
        gpio.on_release([this](const std::vector<unsigned>& offsets, int pid) { client_gone(offsets, pid); });
        bridge.patch_cable(config.patch_cable);
        add_commands();
        write_file(config.directory.asound_conf(), asound_conf(config.directory.card(), config.directory.modules));
        write_file(config.directory.env(), environment_text(config.directory));
        write_file(config.directory.configuration(),
                   configuration_text(config.directory, config.settings, config.heartbeat_contact));
        door = std::make_unique<ControlDoor>(
            timeline.io_context(), config.directory.control_socket(),
            [this](const json::object& request, const Answer& answer) { serve(request, answer); });
    }

    void turn() {
        bridge.turn();
        tell_waiting();
        if (!digests.empty()) { // one at a time, a little of it each turn
            Digest& first = digests.front();
            if (first.digest.step()) {
                json::array pieces;
                for (const std::string& piece : first.digest.pieces()) {
                    pieces.emplace_back(piece);
                }
                first.answer({{"pieces", std::move(pieces)}});
                digests.pop_front();
            }
        }
    }

    /// Whoever waits for an event hears of it within a turn.
    void tell_waiting() {
        for (auto one = waiting.begin(); one != waiting.end();) {
            const json::value event = log.find(one->what, one->after);
            if (event.is_null() && timeline.now() < one->until) {
                ++one;
                continue;
            }
            const Answer answer = std::move(one->answer);
            one = waiting.erase(one);
            answer({{"event", event}});
        }
    }

    void client_gone(const std::vector<unsigned>& offsets, int pid) {
        json::array lines;
        for (const unsigned offset : offsets) {
            lines.emplace_back(DeckWiring::names().at(offset));
        }
        log.note(timeline.now(), "client_gone", {{"pid", pid}, {"lines", std::move(lines)}});
    }

    json::object truth() {
        const Truth is = deck.truth();
        const CardBridge::Counts card = bridge.counts();
        return {{"mode", mode_name(is.mode)},
                {"recording", is.recording},
                {"tape_broken", is.tape_broken},
                {"place_m", is.place_at_record_head_m},
                {"speed_m_s", is.speed_m_s},
                {"now_ns", log.monotonic_ns(timeline.now())},
                {"record_on_ns", or_null(log, log.record_on())},
                {"record_off_ns", or_null(log, log.record_off())},
                {"still_since_ns", or_null(log, log.still_since())},
                {"heartbeat_contact", wiring.heartbeat_state()},
                {"card",
                 {{"plugged", bridge.plugged()},
                  {"playback_pid", card.playback_pid},
                  {"playback_frames", card.playback_frames},
                  {"capture_frames", card.capture_frames},
                  {"playback_xruns", card.playback_xruns},
                  {"capture_xruns", card.capture_xruns}}}};
    }

    void serve(const json::object& request, const Answer& answer) {
        const json::value* cmd = request.if_contains("cmd");
        const auto found =
            cmd != nullptr && cmd->is_string() ? commands.find(json::value_to<std::string>(*cmd)) : commands.end();
        if (found == commands.end()) {
            std::string names;
            for (const auto& [name, command] : commands) {
                names += (names.empty() ? "" : ", ") + name;
            }
            throw std::invalid_argument("expected 'cmd': one of " + names);
        }
        found->second(request, answer);
    }

    /// A command that is done at once.
    void add(const std::string& name, std::function<json::object(const json::object&)> action) {
        commands[name] = [action = std::move(action)](const json::object& request, const Answer& answer) {
            answer(action(request));
        };
    }
    /// A cable that is pulled or put back.
    void add_cable(const std::string& name, std::function<void()> action) {
        add(name, [this, name, action = std::move(action)](const json::object&) {
            log.note(timeline.now(), name.c_str());
            action();
            return json::object{};
        });
    }

    void add_commands() {
        add("truth", [this](const json::object&) { return truth(); });
        add("events", [this](const json::object& request) {
            return json::object{{"events", log.after(after_of(request))}};
        });
        add_cable("unplug", [this] { bridge.unplug(); });
        add_cable("plug_in", [this] { bridge.plug_in(); });
        add_cable("unplug_gpio", [this] { gpio.unplug(); });
        add_cable("plug_in_gpio", [this] { gpio.plug_in(); });
        add("patch_cable", [this](const json::object& request) {
            bridge.patch_cable(flag(request, "on"));
            return json::object{};
        });
        add("programme_starts", [this](const json::object& request) {
            deck.programme_starts(log.deck_time(static_cast<std::int64_t>(number(request, "at_ns"))));
            return json::object{};
        });
        add("thread",
            [this](const json::object& request) { return outcome(deck.thread_at(number(request, "place_m"))); });
        add("record_playback", [this](const json::object& request) -> json::object {
            if (!flag(request, "on")) {
                const auto frames = tap.end_recording();
                return frames ? json::object{{"frames", *frames}} : json::object{{"error", frames.error().message}};
            }
            const json::value* file = request.if_contains("file");
            if (file == nullptr || !file->is_string() || !file->get_string().starts_with('/')) {
                throw std::invalid_argument("expected 'file': an absolute path");
            }
            return outcome(tap.record_to(json::value_to<std::string>(*file)));
        });
        commands["wait"] = [this](const json::object& request, const Answer& answer) {
            const json::value* what = request.if_contains("what");
            if (what == nullptr || !what->is_string()) {
                throw std::invalid_argument("expected 'what': the name of an event");
            }
            const DeckTime until = request.contains("until_ns")
                                       ? log.deck_time(static_cast<std::int64_t>(number(request, "until_ns")))
                                       : timeline.now() + deck_seconds(number(request, "timeout_s"));
            waiting.push_back({json::value_to<std::string>(*what), after_of(request), until, answer});
        };
        commands["digest"] = [this](const json::object& request, const Answer& answer) {
            auto digest =
                TapeDigest::make(deck, number(request, "from_m"), number(request, "to_m"), number(request, "piece_m"));
            if (!digest) {
                return answer({{"error", digest.error().message}});
            }
            digests.push_back({std::move(*digest), answer});
        };
    }

    static std::uint64_t after_of(const json::object& request) {
        const json::value* after = request.if_contains("after");
        return after == nullptr ? 0 : after->to_number<std::uint64_t>();
    }

    struct Waiting {
        std::string what;
        std::uint64_t after;
        DeckTime until;
        Answer answer;
    };
    struct Digest {
        TapeDigest digest;
        Answer answer;
    };

    SteadyTimeline& timeline;
    DeckProcessConfig config;
    EventLog log;
    PacedTimeline paced; ///< the deck's time: it waits for its card when this process was held up
    SimulatedDeck deck;
    PlaybackTap tap;
    CardBridge bridge;
    GpioServer gpio;
    DeckWiring wiring;
    NinePinSocket nine_pin_deck;
    Pty nine_pin_line;
    NinePinFace nine_pin_face;
    PeriodicTimer turning;
    std::map<std::string, Command> commands;
    std::list<Waiting> waiting;
    std::list<Digest> digests;
    std::unique_ptr<ControlDoor> door;
};

DeckProcess::DeckProcess(SteadyTimeline& timeline, DeckProcessConfig config)
    : impl_(std::make_unique<Impl>(timeline, std::move(config))) {
}

DeckProcess::~DeckProcess() = default;

} // namespace overbias::deck_sim
