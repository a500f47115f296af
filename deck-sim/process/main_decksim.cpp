// SPDX-License-Identifier: Apache-2.0
// overbias-decksim: the simulated deck as a process of its own (docs/decksim.md).
#include "base/nearest_word.hpp"
#include "deck-sim/faults.hpp"
#include "deck-sim/process/deck_process.hpp"
#include "deck-sim/process/drive_process.hpp"
#include "deck-sim/process/serial_sockets.hpp"
#include "deck-sim/tape_content.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <sched.h>
#include <string>
#include <unistd.h>

namespace overbias::deck_sim {
namespace {

constexpr int kUsage = 2;
constexpr int kPriority = 80; // hardware does not wait for anybody's audio thread

struct Options {
    std::string dir;
    Settings settings;
    bool start_place_given = false;
    std::vector<std::string> faults;
    std::string tape;
    GpioChip::OnRelease gpio_release = GpioChip::OnRelease::PullDown;
    bool heartbeat_contact = false;
    std::vector<std::string> studer_commands;
    bool patch_cable = false;
    bool direct_drive = false;
};

void complain(const std::string& message) {
    std::fprintf(stderr, "overbias-decksim: %s\n", message.c_str());
}

/// One line for a command line that can't be understood, with the nearest option there is.
int end_of_parsing(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
        return app.exit(error);
    }
    const std::vector<std::string> words = app.remaining();
    std::string message = error.what();
    if (!words.empty()) {
        std::vector<std::string> known;
        for (const CLI::Option* option : app.get_options()) {
            for (const std::string& name : option->get_lnames()) {
                known.push_back("--" + name);
            }
        }
        const std::string given = words.front().substr(0, words.front().find('='));
        const std::string nearest = nearest_word(given, known);
        message = "there is no option '" + given + "'" + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
    }
    complain(message + " (overbias-decksim --help)");
    return kUsage;
}

DeckProcessConfig config_of(const Options& options) {
    DeckProcessConfig config;
    config.settings = options.settings;
    if (!options.start_place_given) {
        config.settings.start_place_m = std::min(config.settings.start_place_m, config.settings.tape_length_m / 4.0);
    }
    for (const std::string& text : options.faults) {
        auto fault = parse_fault(text);
        if (!fault) {
            throw std::invalid_argument("--" + fault.error().message + " (--fault help lists them)");
        }
        config.faults.push_back(std::move(*fault));
    }
    if (!options.tape.empty()) {
        TapeContent usual;
        usual.equalisation = options.settings.equalisation;
        usual.speed_ips = options.settings.play_speed_ips;
        auto tape = parse_tape(options.tape, usual);
        if (!tape) {
            throw std::invalid_argument("--" + tape.error().message + " (--tape help lists the kinds)");
        }
        config.settings.tape = std::move(*tape);
    }
    config.gpio_release = options.gpio_release;
    config.heartbeat_contact = options.heartbeat_contact;
    config.studer = studer_settings(options.studer_commands);
    config.patch_cable = options.patch_cable;
    config.directory = open_directory(options.dir);
    return config;
}

int run(const Options& options) {
    if (std::find(options.faults.begin(), options.faults.end(), "help") != options.faults.end()) {
        std::fputs(fault_help().c_str(), stdout);
        return 0;
    }
    if (options.tape == "help") {
        std::fputs(tape_help().c_str(), stdout);
        return 0;
    }
    if (options.dir.empty()) {
        complain("--dir is required: the directory for its sockets and files (overbias-decksim --help)");
        return kUsage;
    }
    try {
        SteadyTimeline timeline;
        boost::asio::signal_set signals(timeline.io_context(), SIGTERM, SIGINT);
        signals.async_wait([&timeline](const boost::system::error_code& error, int) {
            if (!error) {
                timeline.stop();
            }
        });
        std::unique_ptr<DeckProcess> deck;
        std::unique_ptr<DriveProcess> machine;
        if (options.direct_drive) {
            machine = std::make_unique<DriveProcess>(timeline, config_of(options));
        } else {
            deck = std::make_unique<DeckProcess>(timeline, config_of(options));
        }
        const sched_param priority{.sched_priority = kPriority};
        (void)::sched_setscheduler(0, SCHED_FIFO, &priority); // where it is not permitted it goes without
        std::puts("overbias-decksim: ready");
        std::fflush(stdout);
        timeline.run();
        return 0;
    } catch (const std::exception& failure) {
        complain(failure.what());
        return kUsage;
    }
}

} // namespace
} // namespace overbias::deck_sim

int main(int argc, char** argv) {
    using namespace overbias::deck_sim;
    Options options;
    Settings& settings = options.settings;
    CLI::App app{
        "overbias-decksim: a tape deck and its sound card in software, reached through ALSA, the GPIO character "
        "device and a serial line by unmodified programs (docs/decksim.md)",
        "overbias-decksim"};
    app.set_version_flag("--version", "overbias-decksim " OVERBIAS_VERSION);
    app.add_option("--dir", options.dir, "directory for its sockets and files; made when it is not there");
    app.add_option("--machine", options.direct_drive,
                   "deck (default): one with a logic of its own, behind relays, 9-pin and ASCII; direct-drive: three "
                   "motors on VESC controllers, and solenoids")
        ->transform(CLI::CheckedTransformer(std::map<std::string, bool>{{"deck", false}, {"direct-drive", true}}));
    app.add_option("--sample-rate", settings.sample_rate_hz, "of the card, Hz")
        ->check(CLI::Range(8000.0, 192000.0))
        ->capture_default_str();
    app.add_option("--capture-sample-rate", settings.capture_sample_rate_hz,
                   "of the card's capture, Hz (default: as --sample-rate)")
        ->check(CLI::Range(8000.0, 192000.0));
    app.add_option("--speed-ips", settings.play_speed_ips, "play speed, inches a second")
        ->check(CLI::Range(3.75, 30.0))
        ->capture_default_str();
    app.add_option("--equalisation", settings.equalisation, "NAB, IEC1 or AES (default IEC1)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, Equalisation>{{"NAB", Equalisation::Nab},
                                                                                {"IEC1", Equalisation::Iec1},
                                                                                {"AES", Equalisation::Aes}},
                                            CLI::ignore_case));
    app.add_option("--tape-length", settings.tape_length_m, "metres")
        ->check(CLI::Range(10.0, 2500.0))
        ->capture_default_str();
    app.add_option("--start-place", settings.start_place_m,
                   "metres of tape on the take-up reel at power-on (default 12, at most a quarter of the tape)")
        ->check(CLI::Range(0.1, 2500.0))
        ->each([&options](const std::string&) { options.start_place_given = true; });
    app.add_option("--seed", settings.seed, "of noise and flutter")->capture_default_str();
    app.add_option("--fault", options.faults, "KIND:key=value,... repeatable; 'help' lists the kinds")
        ->allow_extra_args(false);
    app.add_option("--tape", options.tape,
                   "what is on the tape: KIND:key=value,... ; 'help' lists the kinds (default: bulk-erased)");
    app.add_option("--misaligned", settings.misaligned,
                   "a number: every screw of the deck is off by random amounts, the same ones for the same number");
    app.add_flag("--bias-capture", settings.bias_capture,
                 "two more capture channels, 5 and 6: the bias of each track mixed down to 9.6 kHz");
    app.add_option("--gpio-release", options.gpio_release,
                   "what an output line does when its owner gives it back or dies: pull_down (default) or keep_last")
        ->transform(CLI::CheckedTransformer(std::map<std::string, GpioChip::OnRelease>{
            {"pull_down", GpioChip::OnRelease::PullDown}, {"keep_last", GpioChip::OnRelease::KeepLast}}));
    app.add_option("--heartbeat-contact", options.heartbeat_contact,
                   "on: a relay that presses STOP and opens record-enable when the heartbeat line falls silent; off "
                   "(default): none is fitted")
        ->transform(CLI::CheckedTransformer(std::map<std::string, bool>{{"on", true}, {"off", false}}));
    app.add_option("--speeds", settings.speeds_ips,
                   "what the deck's speed switch offers a remote, inches a second, comma separated (default: "
                   "--speed-ips alone)")
        ->delimiter(',')
        ->check(CLI::Range(3.75, 30.0));
    app.add_flag("!--tracks-safe", settings.tracks_ready,
                 "the tracks are safe at power-on: nothing is recorded before the remote has made them ready");
    app.add_option(
           "--studer-command", options.studer_commands,
           "NAME=TEXT, repeatable: what the ASCII socket understands beside its own vocabulary, like rewind=RWD")
        ->allow_extra_args(false);
    app.add_flag("--patch-cable", options.patch_cable,
                 "a cable in place of the deck, to measure the converters' round trip");
    app.footer("It prints 'overbias-decksim: ready' when everything is there, and goes on until SIGTERM.\n"
               "Exit status: 0 ended in order; 2 usage.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return end_of_parsing(app, error);
    }
    return run(options);
}
