// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/drive_process.hpp"

#include "deck-sim/direct-drive/drive_machine.hpp"
#include "deck-sim/faces/serial_pair.hpp"
#include "deck-sim/process/asound_conf.hpp"
#include "deck-sim/process/card_bridge.hpp"
#include "deck-sim/process/control_commands.hpp"
#include "deck-sim/process/event_log.hpp"
#include "deck-sim/process/gpio_server.hpp"
#include "deck-sim/process/paced_timeline.hpp"
#include "deck-sim/process/playback_tap.hpp"
#include "deck-sim/process/serial_socket.hpp"
#include "deck-sim/process/wires.hpp"
#include "deck-sim/simulated_machine.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::deck_sim {

namespace json = boost::json;

namespace {

constexpr DeckDuration kTurn = std::chrono::milliseconds(2);
constexpr std::array kOutputs{"brake_supply", "brake_take_up", "pinch", "lifters", "capstan", "record", "heartbeat"};
constexpr std::array kInputs{"tape_out", "tally_record"};
constexpr unsigned kFirstInput = kOutputs.size();
constexpr unsigned kTachA = kFirstInput + kInputs.size();
constexpr unsigned kTachB = kTachA + 1;

GpioChip chip_of(const DeckProcessConfig& config) {
    GpioChip chip;
    chip.label = kChipLabel;
    chip.lines.assign(kOutputs.begin(), kOutputs.end());
    chip.lines.insert(chip.lines.end(), kInputs.begin(), kInputs.end());
    chip.lines.insert(chip.lines.end(), {kTachALine, kTachBLine});
    chip.on_release = config.gpio_release;
    return chip;
}

transport::LineId required(Result<transport::LineId> line) {
    if (!line) {
        throw std::logic_error(line.error().message);
    }
    return *line;
}

json::object reel(double radius_m, double turn_rad_s, double tension_n, bool brake_holds) {
    return {{"radius_m", radius_m}, {"turn_rad_s", turn_rad_s}, {"tension_n", tension_n}, {"brake_holds", brake_holds}};
}

} // namespace

struct DriveProcess::Impl {
    Impl(SteadyTimeline& line, DeckProcessConfig given)
        : timeline(line), config(std::move(given)), log(-timeline.at_monotonic({}).time_since_epoch()), paced(timeline),
          machine(paced, config.settings, DriveSettings{}, config.faults), tap(machine.pcm()),
          bridge(paced, tap, card_bridge_config(config)),
          gpio(timeline.io_context(), config.directory.gpio_socket(), chip_of(config)),
          vesc(timeline.io_context(), machine.line(), config.directory.vesc()), commands(timeline, log),
          turning(timeline, kTurn, [this] { turn(); }) {
        wire();
        bridge.patch_cable(config.patch_cable);
        add_commands();
        write_file(config.directory.asound_conf(), asound_conf(config.directory.card(), config.directory.modules));
        write_file(config.directory.env(), environment_text(config.directory));
        write_file(config.directory.configuration(),
                   direct_drive_configuration_text(config.directory, config.settings));
        door = std::make_unique<ControlDoor>(timeline.io_context(), config.directory.control_socket(),
                                             [this](const json::object& request, const ControlDoor::Answer& answer) {
                                                 commands.serve(request, answer);
                                             });
    }
    ~Impl() { machine.lines().on_edge({}); }

    void wire() {
        transport::Lines& lines = machine.lines();
        for (const char* name : kOutputs) {
            outputs.push_back(required(lines.find_output(name)));
        }
        for (unsigned i = 0; i < kInputs.size(); ++i) {
            const transport::LineId line = required(lines.find_input(kInputs[i]));
            input_offsets[line.value] = kFirstInput + i;
            drive(kFirstInput + i, lines.get(line), timeline.now());
        }
        lines.on_edge([this](const transport::LineEdge& edge) {
            const unsigned offset = input_offsets.at(edge.line.value);
            drive(offset, edge.active, edge.at);
            log.note(edge.at, edge.active ? "input_on" : "input_off", {{"name", kInputs[offset - kFirstInput]}});
        });
        machine.machine().roller().note_pulses();
        gpio.on_output([this](unsigned offset, bool high) {
            if (offset < outputs.size()) {
                machine.lines().set(outputs[offset], high);
                if (offset != kOutputs.size() - 1) { // not every beat
                    log.note(timeline.now(), high ? "output_on" : "output_off", {{"name", kOutputs[offset]}});
                }
            }
        });
        gpio.on_release([this](const std::vector<unsigned>& offsets, int pid) {
            log.note(timeline.now(), "client_gone", {{"pid", pid}, {"lines", offsets.size()}});
        });
    }

    void drive(unsigned offset, bool high, DeckTime at) {
        gpio.drive(offset, high, std::chrono::nanoseconds(log.monotonic_ns(at)));
    }

    void turn() {
        bridge.turn();
        RollerCounter& roller = machine.machine().roller();
        for (const RollerPulse& pulse : roller.pulses()) {
            drive(pulse.of_b ? kTachB : kTachA, pulse.high, DeckTime(deck_seconds(pulse.at_s)));
        }
        roller.pulses().clear();
        commands.turn();
    }

    json::object truth() {
        const DriveMachine& is = machine.machine();
        const TapeWeb& web = is.web();
        return {{"recording", is.recording()},
                {"tape_broken", web.broken()},
                {"tape_out", is.tape_out()},
                {"place_m", web.place_m()},
                {"speed_m_s", web.speed_m_s()},
                {"still", web.still()},
                {"powered", is.powered()},
                {"tape_on_heads", !is.lifted() && web.threaded()},
                {"pinch_closed", is.pinch_closed()},
                {"supply",
                 reel(web.supply_radius_m(), web.supply_turn_rad_s(), web.supply_tension_n(), is.supply_brake_holds())},
                {"take_up", reel(web.take_up_radius_m(), web.take_up_turn_rad_s(), web.take_up_tension_n(),
                                 is.take_up_brake_holds())},
                {"now_ns", log.monotonic_ns(timeline.now())}};
    }

    json::object thread(double place_m) {
        DriveMachine& here = machine.machine();
        if (!here.web().still() || here.web().broken()) {
            return {{"error", "simulated machine: tape is threaded by hand only when it is whole and stands still"}};
        }
        if (!(place_m > 0.0 && place_m < config.settings.tape_length_m)) {
            return {{"error", "simulated machine: a place of " + std::to_string(place_m) +
                                  " m is not on the tape: expected 0 to " +
                                  std::to_string(config.settings.tape_length_m) + " m"}};
        }
        here.thread_at(place_m);
        return {};
    }

    void add_commands() {
        commands.add("truth", [this](const json::object&) { return truth(); });
        commands.add_cable("unplug", [this] { bridge.unplug(); });
        commands.add_cable("plug_in", [this] { bridge.plug_in(); });
        commands.add_cable("unplug_gpio", [this] { gpio.unplug(); });
        commands.add_cable("plug_in_gpio", [this] { gpio.plug_in(); });
        commands.add_cable("break_tape", [this] { machine.machine().break_tape(); });
        commands.add("patch_cable", [this](const json::object& request) {
            bridge.patch_cable(flag_of(request, "on"));
            return json::object{};
        });
        commands.add("power", [this](const json::object& request) {
            const bool on = flag_of(request, "on");
            log.note(timeline.now(), on ? "power_on" : "power_off");
            machine.machine().set_power(on);
            return json::object{};
        });
        commands.add("serial", [this](const json::object& request) {
            const json::value* socket = request.if_contains("socket");
            if (socket == nullptr || !socket->is_string() || socket->get_string() != "vesc") {
                throw std::invalid_argument("expected 'socket': \"vesc\"");
            }
            vesc.obey(request);
            return json::object{};
        });
        commands.add("thread", [this](const json::object& request) { return thread(number_of(request, "place_m")); });
        commands.add("programme_starts", [this](const json::object& request) {
            machine.programme_starts(log.deck_time(static_cast<std::int64_t>(number_of(request, "at_ns"))));
            return json::object{};
        });
    }

    SteadyTimeline& timeline;
    DeckProcessConfig config;
    EventLog log;
    PacedTimeline paced; ///< the machine's time: it waits for its card when this process was held up
    SimulatedMachine machine;
    PlaybackTap tap;
    CardBridge bridge;
    GpioServer gpio;
    SerialSocket vesc;
    ControlCommands commands;
    PeriodicTimer turning;
    std::vector<transport::LineId> outputs; ///< by offset
    std::map<int, unsigned> input_offsets;  ///< by line
    std::unique_ptr<ControlDoor> door;
};

DriveProcess::DriveProcess(SteadyTimeline& timeline, DeckProcessConfig config)
    : impl_(std::make_unique<Impl>(timeline, std::move(config))) {
}

DriveProcess::~DriveProcess() = default;

} // namespace overbias::deck_sim
