// SPDX-License-Identifier: Apache-2.0
// overbias: the command line. It talks to a running daemon over its UNIX socket.
#include "audio/demo_programme.hpp"
#include "base/json/json_text.hpp"
#include "controller/client/align_line.hpp"
#include "controller/client/alignments_line.hpp"
#include "controller/client/analyse_line.hpp"
#include "controller/client/bias_line.hpp"
#include "controller/client/child_daemon.hpp"
#include "controller/client/deck_line.hpp"
#include "controller/client/generate_line.hpp"
#include "controller/client/locator_line.hpp"
#include "controller/client/machine_line.hpp"
#include "controller/client/measure_command.hpp"
#include "controller/client/meters_line.hpp"
#include "controller/client/oscillator_line.hpp"
#include "controller/client/position_line.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/print_line.hpp"
#include "controller/client/rpc_client.hpp"
#include "controller/client/simulated_deck_line.hpp"
#include "controller/client/texts.hpp"
#include "controller/command_registry.hpp"
#include "controller/default_places.hpp"
#include "controller/usage_error.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace overbias::controller {
namespace {

namespace json = boost::json;

struct Common {
    std::string socket, state_dir;
    bool json = false;
};

std::filesystem::path socket_of(const Common& common) {
    if (!common.socket.empty()) {
        return common.socket;
    }
    return common.state_dir.empty() ? default_socket() : std::filesystem::path(common.state_dir) / kSocketName;
}

int exit_status_of(int code) {
    switch (static_cast<ErrorCode>(code)) {
    case ErrorCode::UnusableInput:
    case ErrorCode::InvalidParams:
    case ErrorCode::InvalidRequest:
    case ErrorCode::MethodNotFound:
        return 2;
    case ErrorCode::Refused:
        return 3;
    case ErrorCode::Fault:
    case ErrorCode::InternalError:
    case ErrorCode::ParseError:
        break;
    }
    return 4;
}

int tell_failure(const Common& common, const std::string& message, int status) {
    std::fprintf(stderr, "overbias: %s\n", printable(message).c_str());
    if (common.json) {
        std::printf("%s\n", json_line(json::object{{"error", message}, {"exit_status", status}}).c_str());
    }
    return status;
}

/// Runs `action`, turning what can go wrong into a line and a status.
int guarded(const Common& common, const std::function<int()>& action) {
    try {
        return action();
    } catch (const RpcFailure& failure) {
        return tell_failure(common, failure.what(), exit_status_of(failure.code()));
    } catch (const ChildFailed& failure) {
        return tell_failure(common, failure.what(), failure.exit_status());
    } catch (const UnusableArgument& failure) {
        return tell_failure(common, failure.what(), 2);
    } catch (const std::exception& failure) { // ConnectionLost among them
        return tell_failure(common, failure.what(), 4);
    }
}

class CommandLine {
  public:
    CommandLine() {
        app_.require_subcommand(1);
        app_.set_version_flag("--version", "overbias " OVERBIAS_VERSION);
        app_.footer("Exit status: 0 done; 1 the verdict is a failure, or there is none; 2 usage or unusable input; "
                    "3 the machine refused; 4 fault.");
        add_common(app_);
        add_status();
        add_machine();
        add_locator();
        add_deck();
        add_service();
        add_print();
        add_jobs_and_log();
        add_measure();
        add_generate();
        add_alignments();
        add_demo_programme();
    }

    int run(int argc, char** argv) {
        std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
        if (!words.empty() && words.front() == "help") { // `overbias help align` is `overbias align --help`
            words.erase(words.begin());
            words.emplace_back("--help");
        }
        std::reverse(words.begin(), words.end()); // as CLI11 takes them
        try {
            app_.parse(std::move(words));
        } catch (const CLI::ParseError& error) {
            return end_of_parsing(app_, error);
        }
        return guarded(common_, action_);
    }

  private:
    CLI::App* subcommand(const std::string& name, const std::string& help) {
        CLI::App* sub = app_.add_subcommand(name, help);
        add_common(*sub);
        return sub;
    }
    void add_common(CLI::App& app) {
        add_places(app);
        app.add_flag("--json", common_.json, "print one JSON object");
    }
    void add_places(CLI::App& app) {
        app.add_option("--socket", common_.socket, "socket of the daemon");
        app.add_option("--state-dir", common_.state_dir,
                       "state directory of the daemon; its socket is overbias.sock in there");
    }
    void show(const json::value& answer, const std::string& text) const {
        if (common_.json) {
            std::printf("%s\n", json_line(answer).c_str());
        } else {
            std::fputs(text.c_str(), stdout);
        }
    }
    int machine_command(const std::string& told, const std::string& method, const json::object& parameters) const {
        RpcClient daemon(socket_of(common_));
        const json::value answer = daemon.call(method, parameters);
        show(answer, command_text(told, answer));
        return 0;
    }

    void add_status() {
        subcommand("status", "what the machine does, where the tape is, what job runs")->callback([this] {
            action_ = [this] {
                RpcClient daemon(socket_of(common_));
                const json::value status = daemon.call("status");
                show(status, status_text(status));
                return 0;
            };
        });
    }

    /// A command that answers with words of its own.
    void add_service() {
        subcommand("loop", "measure the converters' round trip, with a cable in place of the deck")->callback([this] {
            action_ = [this] {
                RpcClient daemon(socket_of(common_));
                const json::value answer = daemon.call("loop", {}, std::chrono::minutes(2));
                show(answer, loop_text(answer));
                return 0;
            };
        });
        subcommand("pair", "print a new address that pairs one browser with the panel")->callback([this] {
            action_ = [this] {
                RpcClient daemon(socket_of(common_));
                const json::value answer = daemon.call("pair");
                show(answer, json::value_to<std::string>(answer.at("address")) + "\n");
                return 0;
            };
        });
        subcommand("acknowledge-no-hardware-stop",
                   "say that you know: nothing stops this deck when the daemon dies (once a session, before arm)")
            ->callback([this] {
                action_ = [this] {
                    RpcClient daemon(socket_of(common_));
                    const json::value answer = daemon.call("acknowledge_no_hardware_stop");
                    show(answer, acknowledged_text(answer));
                    return 0;
                };
            });
    }

    void add_machine() {
        machine_ = std::make_unique<MachineLine>(
            [this](const std::string& name, const std::string& help) { return subcommand(name, help); },
            [this](const std::string& told, const std::string& method, const json::object& parameters) {
                action_ = [this, told, method, parameters] { return machine_command(told, method, parameters); };
            });
    }

    void add_locator() {
        locator_ = std::make_unique<LocatorLine>(
            app_, LocatorLine::Ways{
                      .add =
                          [this](CLI::App* parent, const std::string& name, const std::string& help) {
                              CLI::App* sub = parent->add_subcommand(name, help);
                              add_common(*sub);
                              return sub;
                          },
                      .command =
                          [this](const std::string& told, const std::string& method, const json::object& parameters) {
                              action_ = [this, told, method, parameters] {
                                  return machine_command(told, method, parameters);
                              };
                          },
                      .places =
                          [this](const std::string& method, const json::object& parameters) {
                              action_ = [this, method, parameters] {
                                  RpcClient daemon(socket_of(common_));
                                  const json::value answer = daemon.call(method, parameters);
                                  show(answer, locator_text(answer));
                                  return 0;
                              };
                          }});
    }

    void add_deck() {
        const DeckLine::Ways ways{
            .daemon = [this] { return RpcClient(socket_of(common_)); },
            .add_common = [this](CLI::App& app) { add_common(app); },
            .chosen = [this](std::function<int()> action) { action_ = std::move(action); },
            .show = [this](const json::value& answer, const std::string& text) { show(answer, text); },
            .json = [this] { return common_.json; }};
        deck_ = std::make_unique<DeckLine>(
            *app_.add_subcommand("deck", "what is measured of the deck and read from it"), ways);
        meters_ = std::make_unique<MetersLine>(*app_.add_subcommand("meters", "the live meters, as text"), ways);
        analyse_ = std::make_unique<AnalyseLine>(
            *app_.add_subcommand("analyse", "what comes off tape now: tone, azimuth, wow and flutter, noise"), ways);
        bias_ = std::make_unique<BiasLine>(
            *app_.add_subcommand("bias", "the bias of each track against what it was at set-up"), ways);
        oscillator_ = std::make_unique<OscillatorLine>(
            *app_.add_subcommand("oscillator", "a test signal on the programme outputs; alone: what plays"), ways);
        align_ = std::make_unique<AlignLine>(
            *app_.add_subcommand("align", "align the deck, step by step; alone: the procedures there are"),
            *app_.add_subcommand("tape-changed", "say that the calibration tape is off the deck: record may be armed"),
            ways);
        simulated_ = std::make_unique<SimulatedDeckLine>(
            *app_.add_subcommand("simulated-deck", "hands at the simulated deck: another tape on it, a screw turned"),
            ways);
        position_ = std::make_unique<PositionLine>(
            *app_.add_subcommand("position", "lets the tape itself tell where it is"), ways);
    }

    void add_print() {
        print_ = std::make_unique<PrintLine>(
            *subcommand("print", "print sound files to tape, and judge them off tape while they are recorded"),
            PrintLine::Ways{.daemon = [this] { return RpcClient(socket_of(common_)); },
                            .chosen = [this](std::function<int()> action) { action_ = std::move(action); },
                            .json = [this] { return common_.json; },
                            .socket = [this] { return common_.socket; },
                            .state_dir = [this] { return common_.state_dir; }});
    }

    void add_jobs_and_log() {
        subcommand("job", "the job that runs, or how the last one ended")->callback([this] {
            action_ = [this] {
                RpcClient daemon(socket_of(common_));
                const json::value answer = daemon.call("job_status");
                show(answer, job_text(answer));
                return 0;
            };
        });
        subcommand("cancel", "stop the deck and end the job")->callback([this] {
            action_ = [this] { return machine_command("cancel", "job_cancel", {}); };
        });
        CLI::App* log = subcommand("log", "what the logbook holds");
        log->add_option("--last", last_, "how many, newest ones (default 20)")->check(CLI::Range(1, 1000));
        CLI::Option* session = log->add_option("--session", session_, "events of this session only");
        log->add_flag(
               "--sessions", [this](std::int64_t) { what_ = "sessions"; }, "list sessions, newest first")
            ->excludes(session);
        log->add_flag(
               "--prints", [this](std::int64_t) { what_ = "prints"; }, "list prints with their verdicts, newest first")
            ->excludes(session);
        log->add_flag(
               "--verify", [this](std::int64_t) { what_ = "verify"; }, "check that nothing logged was changed later")
            ->excludes(session);
        log->callback([this] {
            action_ = [this] {
                RpcClient daemon(socket_of(common_));
                json::object parameters{{"what", what_}, {"last", last_}};
                if (!session_.empty()) {
                    parameters["session"] = session_;
                }
                const json::value answer = daemon.call("log", parameters, std::chrono::minutes(5));
                show(answer, log_text(answer));
                return what_ == "verify" && answer.at("intact") != true ? 1 : 0;
            };
        });
    }

    void add_measure() {
        CLI::App* measure = app_.add_subcommand(
            "measure", "everything the meters and analysers can say about a sound file; needs no daemon");
        measure->add_option("FILE", measured_file_, "WAV, RF64 or FLAC, 44.1 to 192 kHz, any number of channels")
            ->required();
        measure->add_flag("--json", common_.json, "print one JSON object; what does not apply is null");
        measure->callback([this] { action_ = [this] { return run_measure(measured_file_, common_.json); }; });
    }

    void add_generate() {
        generate_ = std::make_unique<GenerateLine>(
            *app_.add_subcommand("generate", "write a test signal to a sound file; needs no daemon"), common_.json,
            [this](std::function<int()> action) { action_ = std::move(action); });
    }

    void add_alignments() {
        alignments_ = std::make_unique<AlignmentsLine>(
            *app_.add_subcommand("alignments",
                                 "the alignments that are stored: show, compare, export as PDF, CSV, JSON"),
            AlignmentsLine::Ways{
                .daemon = [this] { return RpcClient(socket_of(common_)); },
                .add_places = [this](CLI::App& app) { add_places(app); },
                .add_common = [this](CLI::App& app) { add_common(app); },
                .chosen = [this](std::function<int()> action) { action_ = std::move(action); },
                .show = [this](const json::value& answer, const std::string& text) { show(answer, text); },
                .program = "overbias " OVERBIAS_VERSION});
    }

    void add_demo_programme() {
        CLI::App* demo =
            subcommand("demo-programme", "write a music-like sound file of our own, for trying things out");
        demo->add_option("FILE", demo_file_, "the WAV file to write")->required();
        demo->add_option("--seconds", demo_seconds_, "its length (default 30)")->check(CLI::Range(1.0, 3600.0));
        demo->add_option("--seed", demo_seed_, "another piece of music for another number");
        demo->callback([this] {
            action_ = [this] {
                if (const auto written = audio::write_demo_programme(demo_file_, demo_seconds_, demo_seed_); !written) {
                    return tell_failure(common_, written.error().message, 2);
                }
                show({{"file", demo_file_}, {"duration_s", demo_seconds_}}, "wrote " + demo_file_ + "\n");
                return 0;
            };
        });
    }

    CLI::App app_{"Overbias: controls an analog mastering recorder through its daemon", "overbias"};
    Common common_;
    std::function<int()> action_;
    std::unique_ptr<MachineLine> machine_;
    std::unique_ptr<LocatorLine> locator_;
    std::unique_ptr<PrintLine> print_;
    std::unique_ptr<PositionLine> position_;
    std::unique_ptr<DeckLine> deck_;
    std::unique_ptr<MetersLine> meters_;
    std::unique_ptr<OscillatorLine> oscillator_;
    std::unique_ptr<GenerateLine> generate_;
    std::unique_ptr<AlignLine> align_;
    std::unique_ptr<AnalyseLine> analyse_;
    std::unique_ptr<AlignmentsLine> alignments_;
    std::unique_ptr<BiasLine> bias_;
    std::unique_ptr<SimulatedDeckLine> simulated_;
    int last_ = 20;
    std::string session_, what_ = "events";
    std::string measured_file_;
    std::string demo_file_;
    double demo_seconds_ = 30.0;
    std::uint64_t demo_seed_ = 1;
};

} // namespace
} // namespace overbias::controller

int main(int argc, char** argv) {
    return overbias::controller::CommandLine().run(argc, argv);
}
