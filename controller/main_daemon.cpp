// SPDX-License-Identifier: Apache-2.0
// overbiasd: the daemon.
#include "audio/decoder/decoder_settings.hpp"
#include "base/journal.hpp"
#include "controller/config.hpp"
#include "controller/default_places.hpp"
#include "controller/hardware_back_ends.hpp"
#include "controller/installation.hpp"
#include "controller/make_safe.hpp"
#include "controller/simulated/simulated_back_ends.hpp"
#include "controller/usage_error.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <thread>

namespace overbias::controller {
namespace {

constexpr int kUsage = 2;
constexpr int kFault = 4;

struct DaemonOptions {
    std::string config, deck, state_dir, socket, listen;
    bool simulate = false, check = false, make_safe = false;
    double time_scale = 1.0;
    std::vector<std::string> faults;
    std::string tape;
    std::uint64_t misaligned = 0;
    std::string source;
    std::string log_level = "info";
};

void complain(const std::string& message) {
    std::fprintf(stderr, "overbiasd: %s\n", message.c_str());
}

/// The signals we take; blocked in every thread from the start, so that they reach the one that waits for them.
sigset_t block_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) {
        sigaddset(&set, signal);
    }
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, nullptr);
    return set;
}

/// SIGTERM and SIGINT end the daemon in order; a second one ends it at once.
class SignalThread {
  public:
    SignalThread(const sigset_t& set, std::function<void(const std::string&)> end)
        : thread_([set, end = std::move(end)] {
              int taken = 0;
              for (int count = 0; sigwait(&set, &taken) == 0 && taken != SIGUSR1; ++count) {
                  if (count > 0) {
                      std::_Exit(kFault);
                  }
                  end(taken == SIGTERM ? "SIGTERM" : "SIGINT");
              }
          }) {}
    ~SignalThread() {
        pthread_kill(thread_.native_handle(), SIGUSR1); // our own sign that the wait is over
        thread_.join();
    }
    SignalThread(const SignalThread&) = delete;
    SignalThread& operator=(const SignalThread&) = delete;

  private:
    std::thread thread_;
};

Result<Config> configuration(const DaemonOptions& options) {
    auto config =
        options.config.empty() ? simulated_config(options.deck) : load_config(options.config, options.simulate);
    if (!config) {
        return config;
    }
    if (!options.state_dir.empty()) {
        config->daemon.state_dir = std::filesystem::absolute(options.state_dir).lexically_normal();
        config->daemon.socket = config->daemon.state_dir / kSocketName;
    }
    if (!options.socket.empty()) {
        config->daemon.socket = std::filesystem::absolute(options.socket).lexically_normal();
    }
    if (!options.listen.empty()) {
        auto panel = parse_listen(options.listen);
        if (!panel) {
            return Error{"overbiasd: --listen: " + panel.error().message};
        }
        panel->host_names = config->panel.host_names;
        config->panel = std::move(panel).value();
    }
    return config;
}

std::unique_ptr<BackEnds> back_ends_for(const Config& config, const DaemonOptions& options) {
    if (config.simulate) {
        return make_simulated_back_ends(config, {.time_scale = options.time_scale,
                                                 .faults = options.faults,
                                                 .tape = options.tape,
                                                 .misaligned = options.misaligned,
                                                 .source = options.source});
    }
    return make_hardware_back_ends(config);
}

int check(const DaemonOptions& options) {
    if (options.config.empty() && !options.simulate) {
        complain("--check needs --config FILE, or --simulate for the built-in configuration");
        return kUsage;
    }
    const auto config = configuration(options);
    if (!config) {
        std::fprintf(stderr, "%s\n", config.error().message.c_str()); // lines that name file and key by themselves
        return kUsage;
    }
    std::printf("configuration is good: deck %s (profile %s), tape %s, %g ips %s, %g Hz\n",
                config->deck.profile.name.c_str(), config->deck.profile.id.c_str(), config->tape.stock.name.c_str(),
                config->tape.speed_ips, std::string(tape::equalisation_name(config->tape.equalisation)).c_str(),
                config->audio.sample_rate_hz);
    return 0;
}

int serve(const DaemonOptions& options) {
    const auto config = configuration(options);
    if (!config) {
        std::fprintf(stderr, "%s\n", config.error().message.c_str());
        return kUsage;
    }
    const sigset_t signals = block_signals(); // before any thread
    const auto decoder = config->files.decoder.empty() ? audio::installed_decoder() : config->files.decoder;
    if (const auto used = audio::decode_in_child({.program = decoder}); !used) {
        complain(used.error().message);
        return kUsage;
    }
    const auto back_ends = back_ends_for(*config, options);
    Installation installation(*config, *back_ends);
    const SignalThread ending(signals, [&installation](const std::string& signal) { installation.shutdown(signal); });
    installation.run([&config, &installation] {
        std::printf("overbiasd: ready, socket %s\n%s", config->daemon.socket.c_str(),
                    installation.panel_text().c_str());
        std::fflush(stdout);
    });
    return 0;
}

int make_deck_safe(const DaemonOptions& options) {
    if (options.simulate) {
        std::printf("overbiasd: make-safe: the simulated deck ends with its daemon; there is nothing to do\n");
        return 0;
    }
    const auto config = configuration(options);
    if (!config) {
        std::fprintf(stderr, "%s\n", config.error().message.c_str());
        return kUsage;
    }
    return make_safe([&config](SteadyTimeline& timeline) { return open_bare_deck(*config, timeline); },
                     deck_seconds(config->deck.profile.still_timeout_s.value));
}

int run(const DaemonOptions& options) {
    if (std::find(options.faults.begin(), options.faults.end(), "help") != options.faults.end()) {
        std::fputs(simulated_fault_help().c_str(), stdout);
        return 0;
    }
    if (options.tape == "help") {
        std::fputs(simulated_tape_help().c_str(), stdout);
        return 0;
    }
    const std::map<std::string, JournalLevel> levels{{"error", JournalLevel::Error},
                                                     {"warning", JournalLevel::Warning},
                                                     {"notice", JournalLevel::Notice},
                                                     {"info", JournalLevel::Info},
                                                     {"debug", JournalLevel::Debug}};
    set_journal_level(levels.at(options.log_level));
    if (options.check) {
        return check(options);
    }
    if (options.config.empty() && !options.simulate) {
        complain("give --config FILE (docs/real-deck.md), or --simulate for the simulated deck");
        return kUsage;
    }
    if (options.make_safe) {
        return make_deck_safe(options);
    }
    try {
        return serve(options);
    } catch (const std::exception& failure) {
        complain(failure.what());
        return kUsage;
    }
}

} // namespace
} // namespace overbias::controller

int main(int argc, char** argv) {
    overbias::controller::DaemonOptions options;
    CLI::App app{"overbiasd: drives an analog mastering recorder and keeps its log", "overbiasd"};
    app.set_version_flag("--version", "overbiasd " OVERBIAS_VERSION);
    CLI::Option* config = app.add_option("--config", options.config, "configuration file (docs/configuration.md)");
    CLI::Option* simulate = app.add_flag("--simulate", options.simulate, "drive the simulated deck");
    app.add_option("--deck", options.deck,
                   "simulated: another kind of deck, by its profile: simulated-nine-pin, simulated-studer, "
                   "simulated-direct-drive")
        ->needs(simulate)
        ->excludes(config);
    app.add_flag("--check", options.check,
                 "read configuration and profiles, say what is wrong, and end (status 0 or 2)");
    app.add_flag("--make-safe", options.make_safe,
                 "record off and stop, without a daemon; for use after a crash (status 0: seen safe, 4: not)");
    app.add_option("--state-dir", options.state_dir,
                   "logbook, reports and identity are kept here; the socket is overbias.sock in it");
    app.add_option("--socket", options.socket, "UNIX socket for the overbias command");
    app.add_option("--listen", options.listen, "address and port of the panel (default 127.0.0.1:8038), or 'none'");
    app.add_option("--time-scale", options.time_scale,
                   "simulated: deck seconds a second; 0: as fast as it goes while something runs (default 1)")
        ->check(CLI::Range(0.0, 1.0e6))
        ->needs(simulate);
    app.add_option("--fault", options.faults, "simulated: KIND:key=value,... repeatable; 'help' lists the kinds")
        ->allow_extra_args(false);
    app.add_option(
        "--tape", options.tape,
        "simulated: what is on the tape, KIND:key=value,... ; 'help' lists the kinds (default: bulk-erased)");
    app.add_option("--source", options.source,
                   "simulated: a sound file that somebody plays into the deck's line input 4 s after it went into "
                   "record, instead of our playback; two more capture channels carry that input");
    app.add_option(
        "--misaligned", options.misaligned,
        "simulated: a number: every screw of the deck is off by random amounts, the same for the same number");
    app.add_option("--log-level", options.log_level, "error, warning, notice, info or debug (default info)")
        ->check(CLI::IsMember({"error", "warning", "notice", "info", "debug"}));
    app.footer("Exit status: 0 ended in order; 2 usage or configuration; 4 fault.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return overbias::controller::end_of_parsing(app, error);
    }
    return overbias::controller::run(options);
}
