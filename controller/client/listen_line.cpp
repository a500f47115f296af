// SPDX-License-Identifier: Apache-2.0
#include "controller/client/listen_line.hpp"

#include "controller/client/said_flag.hpp"
#include "controller/client/texts.hpp"

#include <boost/json.hpp>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

std::string listen_text(const json::value& answer) {
    const json::value& listening = at(answer, "listening");
    const json::value& monitor = at(listening, "monitor");
    const json::value& browser = at(listening, "browser");
    std::string out = "listening: " + printable(text(at(listening, "what")));
    for (const char* const each : {"dim", "mono", "mute"}) {
        if (at(listening, each) == true) {
            out += std::string(", ") + each;
        }
    }
    const json::value& match = at(listening, "match");
    const json::array* const levels = at(match, "level_difference_db").if_array();
    out += "\nmatched:   the source " + number(at(match, "delay_ms"), 2) + " ms later";
    if (levels != nullptr && levels->size() == 2) {
        out += ", left " + number((*levels)[0], 2) + " dB, right " + number((*levels)[1], 2) + " dB";
    }
    out += at(match, "basis") == "comparison" ? " (as the print that runs is compared)\n"
                                              : " (as configuration and calibration say)\n";
    out += "monitors:  ";
    if (monitor.is_object()) {
        out += "playback channels ";
        const json::array* const channels = at(monitor, "channels").if_array();
        for (std::size_t i = 0; channels != nullptr && i < channels->size(); ++i) {
            out += (i == 0 ? "" : " and ") + number((*channels)[i], 0);
        }
        out += ", " + number(at(monitor, "underrun_frames"), 0) + " frames came too late\n";
    } else {
        out += "none (audio.monitor_channels)\n";
    }
    out += "browsers:  ";
    if (browser.is_object()) {
        double all = 0.0;
        if (const json::object* const listeners = at(browser, "listeners").if_object()) {
            for (const auto& each : *listeners) {
                all += each.value().to_number<double>();
            }
        }
        out += number(json::value(all), 0) + " listening, " + number(at(browser, "cut_off"), 0) + " cut off so far\n";
    } else {
        out += "off (listening.browser)\n";
    }
    return out;
}

ListenLine::ListenLine(CLI::App& listen, DeckLine::Ways ways) : ways_(std::move(ways)) {
    ways_.add_common(listen);
    listen.add_option("what", what_, "tape, source, off, or status: how it stands (status)")
        ->check(CLI::IsMember({"tape", "source", "off", "status"}));
    add_said_flag(listen, "--dim,!--no-dim", dim_, "softer, by listening.dim_db");
    add_said_flag(listen, "--mono,!--no-mono", mono_, "both channels together");
    add_said_flag(listen, "--mute,!--no-mute", mute_, "silent, and the rest stays as it is");
    listen.footer("The source is what is sent to the deck, held back and gained so that it fits the tape. Exit status: "
                  "0 done; 2 usage; 3 refused: there are no monitor outputs and no browsers may listen; 4 fault.");
    listen.callback([this] { ways_.chosen([this] { return call(); }); });
}

int ListenLine::call() const {
    json::object parameters;
    if (what_ != "status") {
        parameters["what"] = what_;
    }
    for (const auto& [name, flag] : {std::pair("dim", &dim_), std::pair("mono", &mono_), std::pair("mute", &mute_)}) {
        if (*flag) {
            parameters[name] = **flag;
        }
    }
    const json::value answer = ways_.daemon().call("listen", parameters);
    ways_.show(answer, listen_text(answer));
    return 0;
}

} // namespace overbias::controller
