// SPDX-License-Identifier: Apache-2.0
#include "controller/client/meters_line.hpp"

#include "base/figure.hpp"
#include "base/json/json_text.hpp"
#include "controller/client/texts.hpp"

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <thread>
#include <unistd.h>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

struct Row {
    const char* key;
    const char* name;
    int decimals;
};
constexpr std::array kRows{Row{"vu", "VU", 1},
                           Row{"ppm_type_i", "PPM type I", 1},
                           Row{"ppm_type_ii", "PPM type II", 1},
                           Row{"true_peak", "true peak", 1},
                           Row{"sample_peak", "sample peak", 1},
                           Row{"clips", "clips", 0},
                           Row{"momentary", "M", 1},
                           Row{"short_term", "S", 1},
                           Row{"integrated", "I", 1},
                           Row{"range", "LRA", 1},
                           Row{"correlation", "correlation", 2}};
constexpr std::array kSources{"tape_return", "programme"};

std::string words(const json::value& value, int decimals) {
    return value.is_number() ? figure(value.to_number<double>(), decimals) : "-";
}

std::string right(const std::string& text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}
std::string left(const std::string& text, std::size_t width) {
    return text + std::string(width > text.size() ? width - text.size() : 1, ' ');
}

/// Both channels side by side; what belongs to the pair under the second.
std::string cells(const json::value& value, int decimals, std::size_t width) {
    if (const json::array* const channels = value.if_array()) {
        return right(words(channels->at(0), decimals), width) + right(words(channels->at(1), decimals), width);
    }
    return right(words(value, decimals), 2 * width);
}

const json::value& value_of(const json::value& answer, const char* source, const char* key) {
    return answer.at(source).at(key).at("value");
}

} // namespace

std::string meters_text(const json::value& answer) {
    std::string out;
    if (answer.at("stale") == true) {
        out += "STALE: nothing new for " + words(answer.at("age_s"), 1) + " s\n";
    }
    out += left("", 12) + right("tape return", 16) + right("programme", 16) + "\n";
    for (const Row& row : kRows) {
        out += left(row.name, 12);
        for (const char* source : kSources) {
            out += cells(value_of(answer, source, row.key), row.decimals, 8);
        }
        const json::value& kind = answer.at(kSources[0]).at(row.key);
        const std::string standard = printable(text(at(kind, "standard")));
        out += "  " + left(printable(text(at(kind, "unit"))), 6) +
               (standard == "none" ? printable(text(at(kind, "detector"))) : standard) + "\n";
    }
    return out;
}

std::string meters_line_text(const json::value& answer) {
    std::string out = answer.at("stale") == true ? "STALE " : "";
    for (const char* source : kSources) {
        out += std::string(source == kSources[0] ? "" : "   ") + source;
        for (const char* key : {"vu", "true_peak"}) {
            const json::value& value = value_of(answer, source, key);
            out += "  " + words(value.at(0), 1) + " / " + words(value.at(1), 1) + " " +
                   printable(text(at(answer.at(source).at(key), "unit")));
        }
        out += "  M " + words(value_of(answer, source, "momentary"), 1) + "  I " +
               words(value_of(answer, source, "integrated"), 1) + " LUFS";
    }
    return out + "\n";
}

MetersLine::MetersLine(CLI::App& meters, DeckLine::Ways ways) : ways_(std::move(ways)) {
    ways_.add_common(meters);
    meters.add_flag("--follow", follow_, "a line every second, until Ctrl-C");
    CLI::App* const reset = meters.add_subcommand("reset", "let integrated loudness and its range begin anew");
    ways_.add_common(*reset);
    reset->callback([this] {
        ways_.chosen([this] {
            const json::value answer = ways_.daemon().call("meters_reset");
            ways_.show(answer, "I and LRA begin anew\n");
            return 0;
        });
    });
    meters.callback([this, &meters] {
        if (meters.get_subcommands().empty()) {
            ways_.chosen([this] { return follow_ ? follow() : show(); });
        }
    });
}

namespace {

/// The highest of the second that follows.
json::value measured(RpcClient& daemon, bool first) {
    const json::object reader{{"reader", "overbias meters " + std::to_string(::getpid())}};
    if (first) {
        (void)daemon.call("meters", reader);
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return daemon.call("meters", reader);
}

} // namespace

int MetersLine::show() const {
    RpcClient daemon = ways_.daemon();
    const json::value answer = measured(daemon, true);
    ways_.show(answer, meters_text(answer));
    return 0;
}

int MetersLine::follow() const {
    RpcClient daemon = ways_.daemon();
    for (bool first = true;; first = false) {
        const json::value answer = measured(daemon, first);
        ways_.show(answer, meters_line_text(answer));
        std::fflush(stdout);
    }
}

} // namespace overbias::controller
