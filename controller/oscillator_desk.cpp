// SPDX-License-Identifier: Apache-2.0
#include "controller/oscillator_desk.hpp"

#include "base/figure.hpp"
#include "base/journal.hpp"
#include "controller/machine_commands.hpp"
#include "controller/signal_request.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;
using audio::OscillatorChannels;
using dsp::Signal;
using Kind = Signal::Kind;

namespace {

const char* word(OscillatorChannels channels) {
    switch (channels) {
    case OscillatorChannels::Left:
        return "left";
    case OscillatorChannels::Right:
        return "right";
    case OscillatorChannels::Both:
        break;
    }
    return "both";
}

std::optional<double> number(const json::object& given, std::string_view name) {
    const json::value* const value = given.if_contains(name);
    return value == nullptr ? std::nullopt : std::optional(value->to_number<double>());
}

SignalRequest request_of(const json::object& given) {
    SignalRequest request;
    request.signal = json::value_to<std::string>(given.at("signal"));
    request.frequency_hz = number(given, "frequency_hz");
    request.level_dbfs = number(given, "level_dbfs");
    request.from_hz = number(given, "from_hz");
    request.to_hz = number(given, "to_hz");
    request.duration_s = number(given, "duration_s");
    request.on_s = number(given, "on_s");
    request.off_s = number(given, "off_s");
    if (const json::value* const tones = given.if_contains("tones")) {
        request.tones = json::value_to<std::vector<std::string>>(*tones);
    }
    if (const json::value* const repeat = given.if_contains("repeat")) {
        request.repeat = repeat->as_bool();
    }
    return request;
}

double rounded(double value) {
    return std::round(value * 1e6) / 1e6 + 0.0; // no minus zero, and no 14.000000000000002
}

json::array tones_json(const Signal& signal, const tape::LevelChart& levels) {
    json::array tones;
    for (const dsp::SignalTone& tone : std::span(signal.tones).first(signal.tone_count)) {
        json::object each{{"frequency_hz", tone.frequency_hz},
                          {"level_dbfs", rounded(tone.level_dbfs)},
                          {"level_re_operating_db", rounded(levels.sent_re_operating_db(tone.level_dbfs))}};
        if (signal.kind == Kind::Sequence) {
            each["duration_s"] = tone.duration_s;
            each["gap_s"] = tone.gap_s;
        }
        tones.push_back(std::move(each));
    }
    return tones;
}

json::object signal_json(const Signal& signal, const tape::LevelChart& levels) {
    json::object object{{"signal", signal_name(signal.kind)}};
    if (signal.tone_count > 0) {
        object["tones"] = tones_json(signal, levels);
    } else {
        object["level_dbfs"] = rounded(signal.level_dbfs);
        object["level_re_operating_db"] = rounded(levels.sent_re_operating_db(signal.level_dbfs));
    }
    if (signal.kind == Kind::Sweep) {
        object["from_hz"] = signal.frequency_hz;
        object["to_hz"] = signal.end_hz;
        object["duration_s"] = signal.duration_s;
    } else if (signal.kind == Kind::Sine || signal.kind == Kind::Square || signal.kind == Kind::Burst) {
        object["frequency_hz"] = signal.frequency_hz;
    }
    if (signal.kind == Kind::Burst) {
        object["on_s"] = signal.on_s;
        object["off_s"] = signal.off_s;
    }
    if (signal.kind == Kind::Sweep || signal.kind == Kind::Sequence) {
        object["repeat"] = signal.repeats;
    }
    return object;
}

Reply refused(const std::string& why) {
    return Reply::error(ErrorCode::Refused, "oscillator was refused: " + why);
}

} // namespace

void OscillatorDesk::add_command(CommandRegistry& registry) {
    std::vector<std::string> signals = signal_names();
    signals.front() = "off"; // silence is to be off
    registry.add(
        {.name = "oscillator",
         .help = "a test signal on the programme outputs, or off; without a signal: what plays",
         .parameters = {{"signal", ParameterType::Text, false, "which", std::move(signals)},
                        {"channel", ParameterType::Text, false, "left, right or both", {"left", "right", "both"}},
                        {"level_dbfs", ParameterType::Number, false, "level; of tones what theirs are relative to"},
                        {"level_re_operating_db", ParameterType::Number, false, "the same, re operating level"},
                        {"frequency_hz", ParameterType::Number, false, "of sine, square and burst; 1000 when absent"},
                        {"from_hz", ParameterType::Number, false, "where a sweep begins; 20 when absent"},
                        {"to_hz", ParameterType::Number, false, "where it ends; 20000 when absent"},
                        {"duration_s", ParameterType::Number, false, "how long it takes; 10 when absent"},
                        {"on_s", ParameterType::Number, false, "length of a burst; 0.01 when absent"},
                        {"off_s", ParameterType::Number, false, "pause after it; 0.99 when absent"},
                        {"tones", ParameterType::TextList, false,
                         "FREQUENCY:LEVEL:SECONDS:GAP each, of multitone "
                         "FREQUENCY:LEVEL"},
                        {"repeat", ParameterType::Flag, false, "tones and sweep begin again"}},
         .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
             answer(command(given));
         }});
}

Reply OscillatorDesk::command(const json::object& given) {
    const json::value* const signal = given.if_contains("signal");
    if (signal == nullptr) {
        return given.empty() ? answer("unchanged", "")
                             : Reply::error(ErrorCode::InvalidParams,
                                            "oscillator: say which signal is to be played ('signal'), or give nothing "
                                            "to hear what plays");
    }
    Reply reply = *signal == "off" ? off(given) : play(given);
    if (parts_.commanded) {
        parts_.commanded("oscillator", reply.ok() ? json::value_to<std::string>(*signal) : reply.message);
    }
    tell();
    return reply;
}

Reply OscillatorDesk::off(const json::object& given) {
    if (given.size() > 1) {
        return Reply::error(ErrorCode::InvalidParams, "oscillator: nothing goes with 'off'");
    }
    if (!parts_.oscillator.playing()) {
        return answer("unchanged", "it is off");
    }
    parts_.oscillator.stop();
    return answer("accepted", "");
}

Reply OscillatorDesk::play(const json::object& given) {
    if (const std::string owner = owner_of(parts_.runner); !owner.empty()) {
        return refused(owner);
    }
    if (const std::string against = parts_.obstacle(); !against.empty()) {
        return refused(against);
    }
    const auto signal = wanted(given);
    if (!signal) {
        return Reply::error(ErrorCode::InvalidParams, "oscillator: " + signal.error().message);
    }
    auto channels = OscillatorChannels::Both;
    if (const json::value* const channel = given.if_contains("channel")) {
        channels = *channel == "left"    ? OscillatorChannels::Left
                   : *channel == "right" ? OscillatorChannels::Right
                                         : OscillatorChannels::Both;
    }
    if (const auto playing = parts_.oscillator.play(*signal, channels); !playing) {
        return Reply::error(ErrorCode::InvalidParams, "oscillator: " + playing.error().message);
    }
    told_ = {}; // it is new, whatever played
    return answer("accepted", "");
}

/// The signal in dBFS, as the level chart has it.
Result<Signal> OscillatorDesk::wanted(const json::object& given) const {
    SignalRequest request = request_of(given);
    if (const auto re_operating_db = number(given, "level_re_operating_db")) {
        if (request.level_dbfs) {
            return Error{"give one level: level_dbfs, or level_re_operating_db"};
        }
        request.level_dbfs = parts_.levels.play_dbfs(*re_operating_db);
    }
    if (!request.level_dbfs && request.tones.empty()) {
        return Error{"say at what level: level_dbfs, or level_re_operating_db"};
    }
    auto signal = signal_of(request);
    if (!signal) {
        return signal;
    }
    double highest_dbfs = signal->tone_count == 0 ? signal->level_dbfs : signal->tones[0].level_dbfs;
    for (const dsp::SignalTone& tone : std::span(signal->tones).first(signal->tone_count)) {
        highest_dbfs = std::max(highest_dbfs, tone.level_dbfs);
    }
    if (!(highest_dbfs <= 0.0)) {
        return Error{"a level of " + figure(highest_dbfs, 2, true) + " dBFS (" +
                     figure(parts_.levels.sent_re_operating_db(highest_dbfs), 2, true) +
                     " dB re operating level) is more than the converter has; expected 0 dBFS, that is " +
                     figure(parts_.levels.play_headroom_db(), 2, true) + " dB re operating level, or less"};
    }
    return signal;
}

Reply OscillatorDesk::answer(const char* status, const std::string& reason) const {
    return Reply::with(json::object{{"status", status},
                                    {"reason", reason.empty() ? json::value(nullptr) : json::value(reason)},
                                    {"oscillator", state()}});
}

json::value OscillatorDesk::state() const {
    const audio::Oscillator& oscillator = parts_.oscillator;
    if (!oscillator.playing()) {
        return nullptr;
    }
    json::object object = signal_json(oscillator.signal(), parts_.levels);
    object["channel"] = word(oscillator.channels());
    const auto change = oscillator.last_change();
    const auto frame = [](std::int64_t at) { return at < 0 ? json::value(nullptr) : json::value(at); };
    object["from_frame"] = frame(change.from_frame);
    object["settled_frame"] = frame(change.settled_frame);
    return object;
}

void OscillatorDesk::end(const std::string& why) {
    if (parts_.oscillator.playing()) {
        parts_.oscillator.stop();
        journal(JournalLevel::Notice, "overbiasd", "the oscillator is off: " + why);
    }
    tell();
}

void OscillatorDesk::tick() {
    if (parts_.oscillator.playing()) {
        if (const std::string against = parts_.obstacle(); !against.empty()) {
            end(against);
        }
    }
    tell();
}

void OscillatorDesk::tell() {
    const bool playing = parts_.oscillator.playing();
    const Told now{playing, playing ? parts_.oscillator.last_change().from_frame : -1};
    if (now != told_) {
        told_ = now;
        if (parts_.changed) {
            parts_.changed();
        }
    }
}

} // namespace overbias::controller
