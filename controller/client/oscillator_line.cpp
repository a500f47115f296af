// SPDX-License-Identifier: Apache-2.0
#include "controller/client/oscillator_line.hpp"

#include "controller/client/texts.hpp"

#include <boost/json.hpp>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

std::string levels(const json::value& of) {
    return number(at(of, "level_dbfs"), 2) + " dBFS (" + number(at(of, "level_re_operating_db"), 2) +
           " dB re operating level)";
}

} // namespace

std::string oscillator_text(const json::value& answer) {
    const json::value& oscillator = at(answer, "oscillator");
    if (!oscillator.is_object()) {
        return "the oscillator is off\n";
    }
    std::string out = "the oscillator plays: " + printable(text(at(oscillator, "signal")));
    if (at(oscillator, "frequency_hz").is_number()) {
        out += " of " + number(at(oscillator, "frequency_hz"), 1) + " Hz";
    }
    if (at(oscillator, "from_hz").is_number()) {
        out += " from " + number(at(oscillator, "from_hz"), 1) + " to " + number(at(oscillator, "to_hz"), 1) + " Hz";
    }
    if (at(oscillator, "level_dbfs").is_number()) {
        out += " at " + levels(oscillator);
    }
    const std::string channel = printable(text(at(oscillator, "channel")));
    out += channel == "both" ? ", both channels\n" : ", the " + channel + " channel\n";
    if (const json::array* const tones = at(oscillator, "tones").if_array()) {
        for (const json::value& tone : *tones) {
            out += "  " + number(at(tone, "frequency_hz"), 1) + " Hz at " + levels(tone);
            if (at(tone, "duration_s").is_number()) {
                out += ", " + number(at(tone, "duration_s"), 2) + " s";
            }
            out += "\n";
        }
    }
    return out;
}

OscillatorLine::OscillatorLine(CLI::App& oscillator, DeckLine::Ways ways) : ways_(std::move(ways)) {
    ways_.add_common(oscillator);
    signals_ = std::make_unique<SignalOptions>(
        oscillator, SignalOptions::Ways{.common = [this](CLI::App& signal) { add_common(signal); },
                                        .chosen = [this] { ways_.chosen([this] { return call(parameters()); }); },
                                        .repeat = true,
                                        .silence = false});
    CLI::App* const off = oscillator.add_subcommand("off", "fade it out");
    ways_.add_common(*off);
    off->callback([this] { ways_.chosen([this] { return call({{"signal", "off"}}); }); });
    oscillator.callback([this, &oscillator] {
        if (oscillator.get_subcommands().empty()) {
            ways_.chosen([this] { return call({}); });
        }
    });
}

void OscillatorLine::add_common(CLI::App& signal) {
    signal.add_option("--level-re-operating", level_re_operating_db_,
                      "instead of --level: dB re operating level, by the level chart (0 is 0 VU)");
    signal.add_option("--channel", channel_, "which programme output carries it: left, right or both (both)")
        ->check(CLI::IsMember({"left", "right", "both"}));
    ways_.add_common(signal);
}

json::object OscillatorLine::parameters() const {
    const SignalRequest& request = signals_->request();
    json::object given{{"signal", request.signal}};
    const auto add = [&given](const char* name, const std::optional<double>& value) {
        if (value) {
            given[name] = *value;
        }
    };
    add("frequency_hz", request.frequency_hz);
    add("level_dbfs", request.level_dbfs);
    add("level_re_operating_db", level_re_operating_db_);
    add("from_hz", request.from_hz);
    add("to_hz", request.to_hz);
    add("duration_s", request.duration_s);
    add("on_s", request.on_s);
    add("off_s", request.off_s);
    if (!request.tones.empty()) {
        given["tones"] = json::value_from(request.tones);
    }
    if (request.repeat) {
        given["repeat"] = true;
    }
    if (!channel_.empty()) {
        given["channel"] = channel_;
    }
    return given;
}

int OscillatorLine::call(json::object parameters) const {
    const json::value answer = ways_.daemon().call("oscillator", parameters);
    ways_.show(answer, oscillator_text(answer));
    return 0;
}

} // namespace overbias::controller
