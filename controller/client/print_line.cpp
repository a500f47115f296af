// SPDX-License-Identifier: Apache-2.0
#include "controller/client/print_line.hpp"

#include "controller/client/child_daemon.hpp"
#include "controller/default_places.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace overbias::controller {

PrintLine::PrintLine(CLI::App& print, Ways ways) : ways_(std::move(ways)) {
    print.add_option("FILES", print_.files, "sound files in order (WAV, RF64, FLAC; mono or stereo; 44.1 to 192 kHz)");
    print.add_option("--start", print_.start,
                     "where the slate begins: metres or h:mm:ss by the counter; else where the tape stands");
    print.add_option("--trim", print_.trim_db, "level change of every file, dB");
    print.add_option("--gap", print_.gap_s, "silence after the slate and between files, seconds");
    print.add_option("--slate-seconds", print_.slate_s,
                     "length of the slate; the proof needs it, so it can't be left out");
    print.add_option("--lead-in", print_.lead_in_s, "recorded silence before the slate, seconds");
    print.add_option("--post-roll", print_.post_roll_s, "recorded silence after the last file, seconds");
    print.add_flag("--stop-on-bias,!--no-stop-on-bias", print_.stop_on_bias,
                   "a failure that the bias monitor sees ends the print; default: print.stop_on_bias_failure");
    print.add_option("--report", print_.report, "put a copy of the report here");
    print.add_flag("--detach", print_.detach, "return when the print has begun");
    print.add_flag("--simulate", simulate_, "print to a simulated deck started for this print");
    print.add_option("--fault", faults_, "with --simulate: give the deck a fault, repeatable; 'help' lists them")
        ->allow_extra_args(false);
    print.add_option("--time-scale", time_scale_, "with --simulate: deck seconds a second; 0: as fast as it goes")
        ->check(CLI::NonNegativeNumber);
    print.callback([this] {
        print_.json = ways_.json();
        check();
        ways_.chosen([this] { return simulate_ ? simulated() : by_daemon(); });
    });
}

/// Throws CLI::ValidationError.
void PrintLine::check() const {
    const bool asks_for_help = std::find(faults_.begin(), faults_.end(), "help") != faults_.end();
    if (print_.files.empty() && !asks_for_help) {
        throw CLI::ValidationError("print", "name the sound files to print, in order");
    }
    if (!simulate_ && (!faults_.empty() || time_scale_ != 0.0)) {
        throw CLI::ValidationError("print", "--fault and --time-scale go with --simulate");
    }
    if (simulate_ && (print_.detach || !ways_.socket().empty())) {
        throw CLI::ValidationError("print",
                                   "--simulate starts a deck of its own: --detach and --socket do not go with it");
    }
}

int PrintLine::by_daemon() const {
    RpcClient daemon = ways_.daemon();
    return run_print(daemon, print_);
}

int PrintLine::simulated() {
    // a folder of its own, so that it does not meet a daemon that runs
    const std::string given = ways_.state_dir();
    const std::filesystem::path state =
        given.empty() ? user_state_dir() / "print-simulated" : std::filesystem::path(given);
    std::vector<std::string> arguments{"--simulate",
                                       "--log-level",
                                       "warning",
                                       "--state-dir",
                                       std::filesystem::absolute(state).string(),
                                       "--listen",
                                       "none",
                                       "--time-scale",
                                       std::to_string(time_scale_)};
    for (const std::string& fault : faults_) {
        if (fault == "help") {
            become_daemon({"--fault", "help"});
        }
        arguments.insert(arguments.end(), {"--fault", fault});
    }
    const ChildDaemon child(arguments);
    RpcClient daemon(child.socket());
    print_.ends_with_us = true;
    return run_print(daemon, print_);
}

} // namespace overbias::controller
