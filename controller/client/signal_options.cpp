// SPDX-License-Identifier: Apache-2.0
#include "controller/client/signal_options.hpp"

#include <array>
#include <utility>

namespace overbias::controller {

namespace {

constexpr std::array<std::pair<std::string_view, const char*>, 9> kHelp{
    {{"silence", "silence"},
     {"sine", "a sine"},
     {"square", "a band-limited square"},
     {"sweep", "a logarithmic sweep"},
     {"burst", "bursts of a sine, each from a zero crossing"},
     {"tones", "tones one after the other"},
     {"multitone", "tones all at once"},
     {"white", "white noise; its level is its rms re a full-scale sine's"},
     {"pink", "pink noise, -3 dB an octave; its level is its rms re a full-scale sine's"}}};

} // namespace

std::string signal_help(std::string_view signal) {
    for (const auto& [name, help] : kHelp) {
        if (name == signal) {
            return help;
        }
    }
    return {};
}

SignalOptions::SignalOptions(CLI::App& parent, const Ways& ways) {
    for (const std::string& name : signal_names()) {
        if (name == "silence" && !ways.silence) {
            continue;
        }
        CLI::App& signal = *parent.add_subcommand(name, signal_help(name));
        for (const std::string& part : signal_parts(name)) {
            add(signal, part, ways);
        }
        ways.common(signal);
        signal.callback([this, name, chosen = ways.chosen] {
            request_.signal = name;
            chosen();
        });
    }
}

void SignalOptions::add(CLI::App& signal, std::string_view part, const Ways& ways) {
    const bool sequence = signal.get_name() == "tones";
    const bool several = sequence || signal.get_name() == "multitone";
    if (part == "frequency_hz") {
        signal.add_option("--frequency", request_.frequency_hz, "Hz (1000)");
    } else if (part == "level_dbfs") {
        signal.add_option("--level", request_.level_dbfs,
                          several ? "dBFS that the levels of the tones are relative to (0)"
                                  : "dBFS; a full-scale sine has 0");
    } else if (part == "from_hz") {
        signal.add_option("--from", request_.from_hz, "Hz at its beginning (20)");
    } else if (part == "to_hz") {
        signal.add_option("--to", request_.to_hz, "Hz at its end (20000)");
    } else if (part == "duration_s") {
        signal.add_option("--duration", request_.duration_s, "seconds from beginning to end (10)");
    } else if (part == "on_s") {
        signal.add_option("--on", request_.on_s, "seconds of a burst (0.01)");
    } else if (part == "off_s") {
        signal.add_option("--off", request_.off_s, "seconds between bursts (0.99)");
    } else if (part == "tones") {
        signal
            .add_option("--tone", request_.tones,
                        sequence ? "FREQUENCY:LEVEL:SECONDS:GAP, repeatable: Hz, dB (re --level), seconds (30), "
                                   "seconds of silence after it (0)"
                                 : "FREQUENCY:LEVEL, repeatable: Hz, dB (re --level)")
            ->allow_extra_args(false)
            ->required();
    } else if (part == "repeat" && ways.repeat) {
        signal.add_flag("--repeat", request_.repeat, "from the beginning again, until something else is asked for");
    }
}

} // namespace overbias::controller
