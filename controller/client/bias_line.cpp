// SPDX-License-Identifier: Apache-2.0
#include "controller/client/bias_line.hpp"

#include "controller/client/bias_text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr auto kBetween = std::chrono::seconds(1);
constexpr int kJudgedBad = 1;

/// Now, or in the last recording.
bool is_bad(const json::value& answer) {
    const json::value& state = answer.at("state");
    return state == "fail" || state == "missing" ||
           std::ranges::any_of(answer.at("concerns").as_array(),
                               [](const json::value& each) { return each.at("severity") == "fail"; });
}

} // namespace

BiasLine::BiasLine(CLI::App& bias, DeckLine::Ways ways) : ways_(std::move(ways)) {
    ways_.add_common(bias);
    bias.add_flag("--watch", watch_, "again every second, until Ctrl-C");
    CLI::App* const set_up =
        bias.add_subcommand("set-up", "while the deck records: takes the bias as it is now as its set-up value");
    ways_.add_common(*set_up);
    set_up->add_option("--track", track_, "of this track only, from 1");
    set_up->callback([this] { ways_.chosen([this] { return this->set_up(); }); });
    bias.callback([this, &bias] {
        if (bias.get_subcommands().empty()) {
            ways_.chosen([this] { return watch_ ? watch() : show(); });
        }
    });
    bias.footer("Exit status: 0 done; 1 bias has failed or is missing, now or in the last recording; 2 usage; 3 "
                "refused (set-up); "
                "4 fault.");
}

int BiasLine::show() const {
    const json::value answer = ways_.daemon().call("bias", json::object{{"history", ways_.json()}});
    ways_.show(answer, bias_text(answer));
    return is_bad(answer) ? kJudgedBad : 0;
}

int BiasLine::watch() const {
    RpcClient daemon = ways_.daemon();
    for (;; std::this_thread::sleep_for(kBetween)) {
        const json::value answer = daemon.call("bias", json::object{{"history", false}});
        ways_.show(answer, bias_text(answer));
        std::fflush(stdout);
    }
}

int BiasLine::set_up() const {
    json::object parameters;
    if (track_) {
        parameters["track"] = *track_;
    }
    const json::value answer = ways_.daemon().call("bias_set_up", parameters);
    ways_.show(answer, bias_set_up_text(answer));
    return 0;
}

} // namespace overbias::controller
