// SPDX-License-Identifier: Apache-2.0
#include "controller/client/deck_line.hpp"

#include "base/json/json_text.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/texts.hpp"
#include "controller/report_file.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

namespace overbias::controller {

namespace json = boost::json;

namespace {

double number_of(const std::string& text, const char* what) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw UnusableArgument(std::string(what) + ": '" + text + "' is not a number; write metres, e.g. 2.5");
    }
    return value;
}

} // namespace

DeckLine::DeckLine(CLI::App& deck, Ways ways) : deck_(deck), ways_(std::move(ways)) {
    deck_.require_subcommand(1);
    add_lines();
    add_reels();
    add_memory();
    add_measurement("calibrate-tach", "calibrate_tach",
                    "measure the tach's edges a metre by a known length of tape, guided", "length_m",
                    "length of tape that passed, in metres: ");
    add_measurement("slip-test", "slip_test", "measure the tach roller's slip by a chalk mark, guided", "mark_beyond_m",
                    "how far the mark lies beyond its place, in metres: ");
}

CLI::App* DeckLine::subcommand(const char* name, const char* help) {
    CLI::App* sub = deck_.add_subcommand(name, help);
    ways_.add_common(*sub);
    return sub;
}

void DeckLine::add_reels() {
    subcommand("reels", "tape remaining, and what the reels tell")->callback([this] {
        ways_.chosen([this] {
            RpcClient daemon = ways_.daemon();
            const json::value answer = daemon.call("reels");
            ways_.show(answer, reels_text(answer));
            return 0;
        });
    });
}

void DeckLine::add_lines() {
    CLI::App* sub = subcommand("lines", "every line to the deck with its level, and the frames of its serial links");
    sub->add_flag("--follow", follow_, "then every change as it comes, until Ctrl-C");
    sub->callback([this] { ways_.chosen([this] { return lines(); }); });
}

int DeckLine::lines() const {
    RpcClient daemon = ways_.daemon();
    if (follow_) {
        daemon.call("subscribe", {{"topics", {"deck_lines"}}});
    }
    const json::object asked = follow_ ? json::object{{"follow", true}} : json::object{};
    const json::value answer = daemon.call("deck_lines", asked);
    ways_.show(answer, deck_lines_text(answer));
    constexpr auto kAskAgain = std::chrono::seconds(10); // the daemon tells for 30 s after each time it was asked
    auto ask_again = std::chrono::steady_clock::now() + kAskAgain;
    while (follow_) {
        if (const auto event = daemon.next_notification(std::chrono::seconds(1));
            event && event->topic == "deck_lines") {
            ways_.show(event->parameters, deck_event_text(event->parameters));
            std::fflush(stdout);
        }
        if (std::chrono::steady_clock::now() >= ask_again) {
            daemon.call("deck_lines", asked);
            ask_again += kAskAgain;
        }
    }
    return 0;
}

void DeckLine::add_memory() {
    CLI::App* save_it = subcommand("save", "keep what the deck has in its memory (alignment) in a file");
    save_it->add_option("FILE", file_, "the file to write")->required();
    save_it->callback([this] { ways_.chosen([this] { return save(); }); });
    CLI::App* restore_it = subcommand("restore", "write a saved memory back to the deck, and check it");
    restore_it->add_option("FILE", file_, "what `overbias deck save` wrote")->required()->check(CLI::ExistingFile);
    restore_it->add_flag("--other-software", other_software_,
                         "even when the deck runs other software than it did then");
    restore_it->callback([this] { ways_.chosen([this] { return restore(); }); });
}

int DeckLine::save() const {
    RpcClient daemon = ways_.daemon();
    const json::value answer = daemon.call("deck_save", {}, std::chrono::minutes(10));
    if (const auto written = write_file_atomically(std::filesystem::absolute(file_), json_line(answer) + "\n");
        !written) {
        throw UnusableArgument(written.error().message);
    }
    ways_.show(answer, deck_saved_text(answer, file_));
    return list(at(answer, "not_saved")).empty() ? 0 : 1;
}

int DeckLine::restore() const {
    std::stringstream text;
    if (std::ifstream file(file_); !(text << file.rdbuf())) {
        throw UnusableArgument(file_ + ": cannot be read");
    }
    RpcClient daemon = ways_.daemon();
    const json::value answer = daemon.call("deck_restore", {{"saved", text.str()}, {"other_software", other_software_}},
                                           std::chrono::minutes(10));
    ways_.show(answer, deck_restored_text(answer));
    return at(answer, "complete") == true ? 0 : 1;
}

void DeckLine::add_measurement(const char* name, const char* method, const char* help, const char* figure,
                               const char* asks) {
    CLI::App* sub = subcommand(name, help);
    CLI::Option* begin = sub->add_flag("--begin", begin_, "only begin; finish later with --finish");
    sub->add_option("--finish", finish_, std::string(asks) + "and the result")->type_name("METRES")->excludes(begin);
    sub->add_option("--reading-error", reading_error_, "of the rule, metres (default 0.001)");
    sub->callback([this, method, figure, asks] {
        ways_.chosen([this, method, figure, asks] { return measure(method, figure, asks); });
    });
}

int DeckLine::step(RpcClient& daemon, const std::string& method, json::object parameters) const {
    const json::value answer = daemon.call(method, parameters);
    ways_.show(answer, json::value_to<std::string>(answer.at("text")) + "\n");
    return answer.as_object().contains("passed") && answer.at("passed") == false ? 1 : 0;
}

int DeckLine::measure(const std::string& method, const std::string& figure, const std::string& asks) const {
    json::object parameters{{"step", "finish"}};
    if (!reading_error_.empty()) {
        parameters["reading_error_m"] = number_of(reading_error_, "--reading-error");
    }
    RpcClient daemon = ways_.daemon();
    if (!finish_.empty()) {
        parameters[figure] = number_of(finish_, "--finish");
        return step(daemon, method, parameters);
    }
    if (const int begun = step(daemon, method, {{"step", "begin"}}); begun != 0 || begin_ || ways_.json()) {
        return begun;
    }
    std::fputs(asks.c_str(), stdout);
    std::fflush(stdout);
    std::string line;
    if (!std::getline(std::cin, line)) {
        throw UnusableArgument("nothing was entered; it is still under way: finish it with --finish METRES");
    }
    parameters[figure] = number_of(line, "entered");
    return step(daemon, method, parameters);
}

} // namespace overbias::controller
