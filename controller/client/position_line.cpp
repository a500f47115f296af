// SPDX-License-Identifier: Apache-2.0
#include "controller/client/position_line.hpp"

#include "controller/client/texts.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

PositionLine::PositionLine(CLI::App& position, DeckLine::Ways ways) : ways_(std::move(ways)) {
    position.require_subcommand(1);
    CLI::App* sub =
        position.add_subcommand("match", "correct the counter by the programme that is heard off tape, while it plays");
    ways_.add_common(*sub);
    CLI::Option* print =
        sub->add_option("--print", print_, "UUID of the print on this tape (log --prints); default: the last one");
    CLI::Option* file = sub->add_option("--file", file_, "instead: a sound file that is on it, with --at")
                            ->excludes(print)
                            ->check(CLI::ExistingFile);
    CLI::Option* at = sub->add_option("--at", at_, "where the file's first frame is heard: metres, or h:mm:ss.hh");
    file->needs(at);
    at->needs(file);
    sub->add_option("--within", within_s_,
                    "how far off the counter may be, seconds of tape either way (default 10, or three times its "
                    "uncertainty)")
        ->check(CLI::Range(1.0, 300.0));
    sub->add_flag("--force", force_, "even when the counter's uncertainty does not allow for the correction");
    sub->callback([this] { ways_.chosen([this] { return match(); }); });
}

int PositionLine::match() const {
    json::object parameters;
    if (!print_.empty()) {
        parameters["print"] = print_;
    }
    if (!file_.empty()) {
        parameters["file"] = std::filesystem::absolute(file_).lexically_normal().string();
        parameters["at"] = at_;
    }
    if (within_s_ > 0.0) {
        parameters["within_s"] = within_s_;
    }
    if (force_) {
        parameters["force"] = true;
    }
    RpcClient daemon = ways_.daemon();
    const json::value answer = daemon.call("position_match", parameters, std::chrono::minutes(3));
    ways_.show(answer, printable(text(at(answer, "text"))) + "\n");
    return 0;
}

} // namespace overbias::controller
