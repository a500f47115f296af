// SPDX-License-Identifier: Apache-2.0
#include "controller/client/print_line.hpp"

#include "controller/client/child_daemon.hpp"
#include "controller/client/said_flag.hpp"
#include "controller/default_places.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace overbias::controller {

PrintLine::PrintLine(CLI::App& print, Ways ways) : ways_(std::move(ways)) {
    print.add_option(
        "FILES", print_.files,
        "sound files in order (WAV, RF64, FLAC; mono or stereo; 44.1 to 192 kHz), or one reel plan (.toml)");
    print.add_flag("--split", print_.split, "of a plan: split sides that do not fit at a track boundary");
    print.add_option(
        "--resume", print_.resume,
        "go on with an interrupted print: its session ('overbias print-sessions' lists them), or 'latest'");
    print.add_option("--side", print_.side, "with --resume: go on with this side ...");
    print
        .add_option("--track", print_.track,
                    "... before this track, from 1 (1: the side anew); else where it was interrupted")
        ->check(CLI::PositiveNumber);
    print.add_option("--start", print_.start,
                     "where the slate begins: metres or h:mm:ss by the counter; else where the tape stands");
    print.add_option("--trim", print_.trim_db, "level change of every file, dB");
    print.add_option("--gap", print_.gap_s, "silence after the slate and between files, seconds");
    print.add_option("--slate-seconds", print_.slate_s,
                     "length of the slate; the proof needs it, so it can't be left out");
    print.add_option("--lead-in", print_.lead_in_s, "recorded silence before the slate, seconds");
    print.add_option("--post-roll", print_.post_roll_s, "recorded silence after the last file, seconds");
    add_said_flag(print, "--stop-on-bias,!--no-stop-on-bias", print_.stop_on_bias,
                  "a failure that the bias monitor sees ends the print; default: print.stop_on_bias_failure");
    print.add_option("--report", print_.report, "put a copy of the report here");
    print.add_flag("--detach", print_.detach, "return when the print has begun");
    print.add_flag("--simulate", simulate_, "print to a simulated deck started for this print");
    print.add_option("--fault", faults_, "with --simulate: give the deck a fault, repeatable; 'help' lists them")
        ->allow_extra_args(false);
    print.add_option("--time-scale", time_scale_, "with --simulate: deck seconds a second; 0: as fast as it goes")
        ->check(CLI::NonNegativeNumber);
    print.add_flag("--change-tapes", print_.changes_tapes,
                   "with a simulated deck: thread another blank tape and confirm, at every gate");
    print.callback([this] {
        print_.json = ways_.json();
        check();
        ways_.chosen([this] { return simulate_ ? simulated() : by_daemon(); });
    });
}

/// Throws CLI::ValidationError.
void PrintLine::check() const {
    const bool asks_for_help = std::find(faults_.begin(), faults_.end(), "help") != faults_.end();
    if (!print_.resume.empty() && !print_.files.empty()) {
        throw CLI::ValidationError("print", "--resume goes on with a session: no files go with it");
    }
    if (print_.resume.empty() && (!print_.side.empty() || print_.track)) {
        throw CLI::ValidationError("print", "--side and --track go with --resume");
    }
    if (print_.files.empty() && print_.resume.empty() && !asks_for_help) {
        throw CLI::ValidationError("print", "name the sound files to print, in order");
    }
    const bool plan = is_reel_plan(print_.files);
    if (!plan && std::ranges::any_of(print_.files, is_plan_file)) {
        throw CLI::ValidationError("print", "a reel plan (.toml) is printed alone: it names its files itself");
    }
    if (print_.split && !plan) {
        throw CLI::ValidationError("print", "--split goes with a reel plan (.toml)");
    }
    if ((plan || !print_.resume.empty()) &&
        (!print_.start.empty() || print_.trim_db || print_.gap_s || print_.slate_s || print_.lead_in_s ||
         print_.post_roll_s || print_.stop_on_bias)) {
        throw CLI::ValidationError("print", "--start, --trim, --gap, --slate-seconds, --lead-in, --post-roll and "
                                            "--stop-on-bias go with sound files; of a reel plan these stand in the "
                                            "plan");
    }
    if (!simulate_ && (!faults_.empty() || time_scale_ != 0.0)) {
        throw CLI::ValidationError("print", "--fault and --time-scale go with --simulate");
    }
    if (simulate_ && !print_.resume.empty()) {
        throw CLI::ValidationError("print", "--resume goes on with a print on a tape; a new simulated deck has none");
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
