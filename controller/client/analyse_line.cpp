// SPDX-License-Identifier: Apache-2.0
#include "controller/client/analyse_line.hpp"

#include "base/figure.hpp"
#include "base/json/json_text.hpp"
#include "controller/client/texts.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <thread>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr auto kBetweenLines = std::chrono::milliseconds(500);

std::string words(const json::value& value, int decimals) {
    return value.is_number() ? figure(value.to_number<double>(), decimals) : "-";
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size() + 1), ' ');
    return text;
}

/// A figure's value; both channels side by side. Empty: there is none.
std::string shown(const json::value& value, int decimals) {
    if (const json::array* const channels = value.if_array()) {
        std::string out;
        bool any = false;
        for (const json::value& each : *channels) {
            out += (out.empty() ? "" : "  ") + words(each, decimals);
            any = any || each.is_number();
        }
        return any ? out : "";
    }
    return value.is_number() ? words(value, decimals) : "";
}

/// Standard, weighting and detector, those there are, and the averaging time.
std::string how(const json::value& it) {
    std::string out;
    for (const char* member : {"standard", "weighting", "detector"}) {
        const std::string word = printable(text(at(it, member)));
        const bool weighting = std::string_view(member) == "weighting";
        const bool said = weighting && word.size() > 1 && out.find(word) != std::string::npos;
        if (word == "none" || said) {
            continue;
        }
        out += (out.empty() ? "" : "; ") + word + (weighting ? " weighting" : "");
    }
    return out + (out.empty() ? "" : "; ") + words(at(it, "averaging_s"), 1) + " s";
}

/// Lines of one group; its title comes before the first.
class Group {
  public:
    Group(std::string& to, std::string title, const json::value& of) : to_(to), title_(std::move(title)), of_(of) {}

    void line(const char* name, const char* key, int decimals, const std::string& more = {}) {
        const json::value& it = at(of_, key);
        const std::string value = shown(at(it, "value"), decimals);
        if (!value.empty()) {
            add(name, value + " " + printable(text(at(it, "unit"))), how(it) + more);
        }
    }
    void add(const std::string& name, const std::string& value, const std::string& beside) {
        if (!title_.empty()) {
            to_ += "\n" + std::exchange(title_, {}) + "\n";
        }
        std::string whole = "  " + padded(name, 22) + " " + padded(value, 26) + beside;
        whole.erase(whole.find_last_not_of(' ') + 1);
        to_ += whole + "\n";
    }

  private:
    std::string& to_;
    std::string title_;
    const json::value& of_;
};

void add_tone(std::string& to, const json::value& tone) {
    Group group(to, "Tone, for " + words(at(tone, "plays_s"), 1) + " s", tone);
    group.line("frequency", "frequency", 3);
    group.line("level", "level", 2);
    group.line("re operating level", "level_re_operating", 2);
    group.line("THD", "thd", 4);
    group.line("third harmonic", "third_harmonic", 4);
    group.line("THD+N", "thd_n", 4);
}

void add_flutter(std::string& to, const json::value& flutter) {
    Group group(to, "Wow and flutter, channel " + words(at(flutter, "channel"), 0), flutter);
    group.line("carrier", "carrier", 3);
    group.line("speed error", "speed_error", 3, ", " + words(at(flutter, "nominal_hz"), 0) + " Hz");
    group.line("drift", "drift", 3);
    group.line("weighted", "weighted", 4);
    group.line("weighted, quasi-peak", "weighted_quasi_peak", 4);
    group.line("unweighted", "unweighted", 4);
    group.line("wow", "wow", 4);
    group.line("flutter", "flutter", 4);
    if (const json::array* const lines = at(flutter, "lines").if_array()) {
        for (const json::value& line : *lines) {
            const std::string part = printable(text(at(line, "part")));
            const json::value& times = at(line, "times_a_turn");
            const bool once = times.is_number() && times.to_number<int>() == 1;
            group.add("  line", words(at(line, "frequency_hz"), 2) + " Hz",
                      words(at(line, "peak_percent"), 4) + " % peak" +
                          (part.empty() ? "" : "; " + part + (once ? "" : ", " + words(times, 0) + " times a turn")));
        }
    }
}

void add_stereo(std::string& to, const json::value& stereo) {
    Group group(to, "Second channel against the first", stereo);
    group.line("level", "level_difference", 2);
    std::string more;
    const std::string from = printable(text(at(stereo, "azimuth_from")));
    if (at(stereo, "azimuth_period_us").is_number()) {
        more = "; whole periods of " + words(at(stereo, "azimuth_period_us"), 1) + " us may be missing";
    } else if (at(stereo, "azimuth_confidence").is_number()) {
        more = "; from " + from + ", confidence " + words(at(stereo, "azimuth_confidence"), 2);
    }
    const json::value& error = at(stereo, "azimuth_error_us");
    group.line("azimuth", "azimuth", 2, (error.is_number() ? "; +- " + words(error, 2) + " us" : "") + more);
    group.line("azimuth, now", "azimuth_now", 2);
    group.line("phase at the tone", "phase", 1);
    group.line("correlation", "correlation", 3);
}

void add_noise(std::string& to, const json::value& noise, const json::value& hum) {
    Group group(to, "Levels of whatever is heard, by weighting", noise);
    group.line("rms", "rms", 2);
    group.line("20 Hz to 20 kHz", "band", 2);
    group.line("A-weighted", "a_weighted", 2);
    group.line("C-weighted", "c_weighted", 2);
    group.line("468", "itu468", 2);
    group.line("CCIR/ARM", "ccir_arm", 2);
    const json::array* const channels = hum.if_array();
    for (std::size_t c = 0; channels != nullptr && c < channels->size(); ++c) {
        const json::array* const lines = at((*channels)[c], "lines").if_array();
        for (std::size_t n = 0; lines != nullptr && n < lines->size(); ++n) {
            group.add("hum, channel " + std::to_string(c + 1), words(at((*lines)[n], "level_dbfs"), 1) + " dBFS",
                      printable(text(at((*lines)[n], "name"))));
        }
    }
}

bool card_lost(const json::value& answer) {
    return at(at(answer, "card"), "lost") == true;
}

/// Why there are no figures; empty: there are.
std::string why_nothing(const json::value& answer) {
    if (card_lost(answer)) {
        return "the sound card is lost: " + printable(text(at(at(answer, "card"), "problem")));
    }
    if (at(answer, "stale") == true) {
        return "STALE: no samples come from the sound card; see overbias status";
    }
    return text(at(answer, "signal")) == "nothing" ? "digital silence" : "";
}

} // namespace

std::string analysis_text(const json::value& answer) {
    if (const std::string why = why_nothing(answer); !why.empty()) {
        return why + "\n";
    }
    std::string out = "off tape: " + printable(text(at(answer, "signal"))) + "; " + words(at(answer, "held_s"), 1) +
                      " s of " + words(at(answer, "memory_s"), 0) + " s held, " +
                      words(at(answer, "sample_rate_hz"), 0) + " Hz\n";
    add_tone(out, at(answer, "tone"));
    add_flutter(out, at(answer, "wow_flutter"));
    add_stereo(out, at(answer, "stereo"));
    add_noise(out, at(answer, "noise"), at(answer, "hum"));
    if (const json::value& lost = at(answer, "lost_frames"); lost.is_number() && lost.to_number<double>() > 0.0) {
        out += "\n" + words(lost, 0) + " frames were lost on the way here since the daemon began\n";
    }
    return out;
}

std::string analysis_line_text(const json::value& answer) {
    if (const std::string why = why_nothing(answer); !why.empty()) {
        return why + "\n";
    }
    std::string out = printable(text(at(answer, "signal")));
    const auto add = [&out](const json::value& group, const char* name, const char* key, int decimals) {
        const json::value& it = at(group, key);
        if (const std::string value = shown(at(it, "value"), decimals); !value.empty()) {
            out += std::string("   ") + name + value + " " + printable(text(at(it, "unit")));
        }
    };
    const json::value& tone = at(answer, "tone");
    add(tone, "", "frequency", 2);
    add(tone, "", "level", 2);
    add(tone, "H3 ", "third_harmonic", 3);
    add(at(answer, "stereo"), "azimuth ", "azimuth_now", 2);
    add(at(answer, "wow_flutter"), "speed ", "speed_error", 3);
    add(at(answer, "wow_flutter"), "W&F ", "weighted", 4);
    if (tone.is_null()) {
        add(at(answer, "noise"), "A ", "a_weighted", 1);
        add(at(answer, "noise"), "468 ", "itu468", 1);
    }
    return out + "\n";
}

AnalyseLine::AnalyseLine(CLI::App& analyse, DeckLine::Ways ways) : ways_(std::move(ways)) {
    ways_.add_common(analyse);
    analyse.add_flag("--watch", watch_, "a line twice a second, until Ctrl-C");
    analyse.callback([this] { ways_.chosen([this] { return watch_ ? watch() : show(); }); });
}

int AnalyseLine::show() const {
    constexpr int kFault = 4;
    const json::value answer = ways_.daemon().call("analysis");
    ways_.show(answer, analysis_text(answer));
    return card_lost(answer) ? kFault : 0;
}

int AnalyseLine::watch() const {
    RpcClient daemon = ways_.daemon();
    for (;; std::this_thread::sleep_for(kBetweenLines)) {
        const json::value answer = daemon.call("analysis");
        ways_.show(answer, analysis_line_text(answer));
        std::fflush(stdout);
    }
}

} // namespace overbias::controller
