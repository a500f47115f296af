// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/deck_process.hpp"

#include "deck-sim/process/asound_conf.hpp"
#include "deck-sim/process/card_bridge.hpp"
#include "deck-sim/process/control_commands.hpp"
#include "deck-sim/process/control_door.hpp"
#include "deck-sim/process/deck_wiring.hpp"
#include "deck-sim/process/event_log.hpp"
#include "deck-sim/process/paced_timeline.hpp"
#include "deck-sim/process/playback_tap.hpp"
#include "deck-sim/process/screw_names.hpp"
#include "deck-sim/process/serial_sockets.hpp"
#include "deck-sim/process/tape_digest.hpp"
#include "deck-sim/process/wires.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <functional>
#include <list>
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

json::value or_null(const EventLog& log, const std::optional<DeckTime>& at) {
    return at ? json::value(log.monotonic_ns(*at)) : json::value(nullptr);
}

} // namespace

CardBridgeConfig card_bridge_config(const DeckProcessConfig& config) {
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

struct DeckProcess::Impl {
    using Answer = ControlDoor::Answer;

    Impl(SteadyTimeline& line, DeckProcessConfig given)
        : timeline(line), config(std::move(given)), log(-timeline.at_monotonic({}).time_since_epoch()), paced(timeline),
          deck(paced, config.settings, config.faults), tap(deck.pcm()), bridge(paced, tap, card_bridge_config(config)),
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
          serial(timeline.io_context(), timeline, deck, wiring, config.directory, config.studer),
          turning(timeline, kTurn, [this] { turn(); }), commands(timeline, log) {
        deck.on_event([this](const DeckEvent& event) { log.note(event); });
        gpio.on_output([this](unsigned offset, bool high) { wiring.output(offset, high); });
        gpio.on_release([this](const std::vector<unsigned>& offsets, int pid) { client_gone(offsets, pid); });
        bridge.patch_cable(config.patch_cable);
        add_commands();
        write_file(config.directory.asound_conf(), asound_conf(config.directory.card(), config.directory.modules));
        write_file(config.directory.env(), environment_text(config.directory));
        write_file(config.directory.configuration(),
                   configuration_text(config.directory, config.settings, config.heartbeat_contact));
        write_file(config.directory.nine_pin_configuration(),
                   serial_configuration_text(config.directory, config.settings, "simulated-nine-pin",
                                             config.directory.nine_pin()));
        write_file(config.directory.studer_configuration(),
                   serial_configuration_text(config.directory, config.settings, "simulated-studer",
                                             config.directory.studer()));
        door = std::make_unique<ControlDoor>(
            timeline.io_context(), config.directory.control_socket(),
            [this](const json::object& request, const Answer& answer) { commands.serve(request, answer); });
    }

    void turn() {
        bridge.turn();
        commands.turn();
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

    void client_gone(const std::vector<unsigned>& offsets, int pid) {
        json::array lines;
        for (const unsigned offset : offsets) {
            lines.emplace_back(DeckWiring::names().at(offset));
        }
        log.note(timeline.now(), "client_gone", {{"pid", pid}, {"lines", std::move(lines)}});
    }

    static json::object reel(double radius_m, double turn_rad_s, double tension_n) {
        return {{"radius_m", radius_m}, {"turn_rad_s", turn_rad_s}, {"tension_n", tension_n}};
    }

    json::object truth() {
        const Truth is = deck.truth();
        const Patch patch = deck.patch();
        const CardBridge::Counts card = bridge.counts();
        return {{"mode", mode_name(is.mode)},
                {"recording", is.recording},
                {"tape_broken", is.tape_broken},
                {"place_m", is.place_at_record_head_m},
                {"speed_m_s", is.speed_m_s},
                {"powered", is.powered},
                {"tape_on_heads", is.tape_on_heads},
                {"library_wind", is.library_wind},
                {"selected_speed_ips", is.selected_speed_ips},
                {"recorded_tracks", {is.recorded_tracks[0], is.recorded_tracks[1]}},
                {"supply", reel(is.supply_radius_m, is.supply_turn_rad_s, is.supply_tension_n)},
                {"take_up", reel(is.take_up_radius_m, is.take_up_turn_rad_s, is.take_up_tension_n)},
                {"patch",
                 {{"source", patch.source},
                  {"oscillator", patch.oscillator},
                  {"tape_return", patch.tape_return},
                  {"mute", patch.mute},
                  {"mono", patch.mono}}},
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

    void add_commands() {
        commands.add("truth", [this](const json::object&) { return truth(); });
        commands.add_cable("unplug", [this] { bridge.unplug(); });
        commands.add_cable("plug_in", [this] { bridge.plug_in(); });
        commands.add_cable("unplug_gpio", [this] { gpio.unplug(); });
        commands.add_cable("plug_in_gpio", [this] { gpio.plug_in(); });
        commands.add("patch_cable", [this](const json::object& request) {
            bridge.patch_cable(flag_of(request, "on"));
            return json::object{};
        });
        commands.add("programme_starts", [this](const json::object& request) {
            deck.programme_starts(log.deck_time(static_cast<std::int64_t>(number_of(request, "at_ns"))));
            return json::object{};
        });
        commands.add("serial", [this](const json::object& request) {
            serial.obey(request);
            return json::object{};
        });
        commands.add("power", [this](const json::object& request) {
            const bool on = flag_of(request, "on");
            log.note(timeline.now(), on ? "power_on" : "power_off");
            deck.power(on);
            return json::object{};
        });
        commands.add("hands", [this](const json::object& request) {
            const json::value* speed = request.if_contains("speed_m_s");
            deck.hands(speed != nullptr && speed->is_null() ? std::nullopt
                                                            : std::optional(number_of(request, "speed_m_s")));
            return json::object{};
        });
        commands.add("thread", [this](const json::object& request) {
            return outcome_of(deck.thread_at(number_of(request, "place_m")));
        });
        commands.add("screw", [this](const json::object& request) {
            const Screw screw = screw_named(text_of(request, "screw"));
            const double track = request.contains("track") ? number_of(request, "track") : 1.0;
            if (track != 1.0 && track != 2.0) {
                throw std::invalid_argument("expected 'track': 1 or 2");
            }
            const auto index = static_cast<std::size_t>(track) - 1;
            if (request.contains("position")) {
                deck.set_screw(screw, index, number_of(request, "position"));
            }
            return json::object{{"position", deck.screw(screw, index)}, {"bias_ma", deck.bias_ma(index)}};
        });
        commands.add("tape", [this](const json::object& request) {
            const std::string text = text_of(request, "tape");
            if (text == "blank") {
                return outcome_of(deck.mount_blank());
            }
            TapeContent usual;
            usual.equalisation = config.settings.equalisation;
            usual.speed_ips = config.settings.play_speed_ips;
            const auto content = parse_tape(text, usual);
            return content ? outcome_of(deck.mount(*content)) : json::object{{"error", content.error().message}};
        });
        commands.add("record_playback", [this](const json::object& request) -> json::object {
            if (!flag_of(request, "on")) {
                const auto frames = tap.end_recording();
                return frames ? json::object{{"frames", *frames}} : json::object{{"error", frames.error().message}};
            }
            const json::value* file = request.if_contains("file");
            if (file == nullptr || !file->is_string() || !file->get_string().starts_with('/')) {
                throw std::invalid_argument("expected 'file': an absolute path");
            }
            return outcome_of(tap.record_to(json::value_to<std::string>(*file)));
        });
        commands.add_later("digest", [this](const json::object& request, const Answer& answer) {
            auto digest = TapeDigest::make(deck, number_of(request, "from_m"), number_of(request, "to_m"),
                                           number_of(request, "piece_m"));
            if (!digest) {
                return answer({{"error", digest.error().message}});
            }
            digests.push_back({std::move(*digest), answer});
        });
    }

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
    SerialSockets serial;
    PeriodicTimer turning;
    ControlCommands commands;
    std::list<Digest> digests;
    std::unique_ptr<ControlDoor> door;
};

DeckProcess::DeckProcess(SteadyTimeline& timeline, DeckProcessConfig config)
    : impl_(std::make_unique<Impl>(timeline, std::move(config))) {
}

DeckProcess::~DeckProcess() = default;

} // namespace overbias::deck_sim
