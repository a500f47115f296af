// SPDX-License-Identifier: Apache-2.0
// overbias: the command line. It talks to a running daemon over its UNIX socket.
#include "base/json/json_text.hpp"
#include "controller/client/align_line.hpp"
#include "controller/client/alignments_line.hpp"
#include "controller/client/analyse_line.hpp"
#include "controller/client/bias_line.hpp"
#include "controller/client/child_daemon.hpp"
#include "controller/client/deck_line.hpp"
#include "controller/client/demo_line.hpp"
#include "controller/client/files_line.hpp"
#include "controller/client/generate_line.hpp"
#include "controller/client/listen_line.hpp"
#include "controller/client/locator_line.hpp"
#include "controller/client/log_line.hpp"
#include "controller/client/machine_line.hpp"
#include "controller/client/measure_command.hpp"
#include "controller/client/meters_line.hpp"
#include "controller/client/oscillator_line.hpp"
#include "controller/client/paper_line.hpp"
#include "controller/client/plan_line.hpp"
#include "controller/client/position_line.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/print_line.hpp"
#include "controller/client/rpc_client.hpp"
#include "controller/client/simulated_deck_line.hpp"
#include "controller/client/texts.hpp"
#include "controller/client/transfer_line.hpp"
#include "controller/client/verify_line.hpp"
#include "controller/command_registry.hpp"
#include "controller/default_places.hpp"
#include "controller/usage_error.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
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

/// What the daemon has to say may be a list, a line each.
int tell_failure(const Common& common, const std::string& message, int status) {
    // Several refusals come a line each, indented; any other line break is part of a name.
    const char* before = "overbias: ";
    for (std::size_t at = 0, end = 0; at < message.size(); at = end + 1, before = "") {
        end = std::min(message.find("\n  ", at), message.size());
        std::fprintf(stderr, "%s%s\n", before, printable(message.substr(at, end - at)).c_str());
    }
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
        add_answer("status", "what the machine does, where the tape is, what job runs", "status", status_text);
        add_machine();
        add_locator();
        add_deck();
        add_service();
        add_print();
        add_print_sessions();
        add_transfer();
        add_verify();
        add_jobs_and_log();
        add_measure();
        add_generate();
        add_alignments();
        add_papers();
        add_plan();
        add_files();
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

    /// A command without parameters that answers with words of its own.
    void add_answer(const char* name, const char* help, const char* method, std::string (*words)(const json::value&),
                    RpcClient::Duration patience = std::chrono::seconds(20)) {
        subcommand(name, help)->callback([this, method, words, patience] {
            action_ = [this, method, words, patience] {
                RpcClient daemon(socket_of(common_));
                const json::value answer = daemon.call(method, nullptr, patience);
                show(answer, words(answer));
                return 0;
            };
        });
    }

    void add_service() {
        add_answer("loop", "measure the converters' round trip, with a cable in place of the deck", "loop", loop_text,
                   std::chrono::minutes(2));
        add_answer("pair", "print a new address that pairs one browser with the panel", "pair",
                   [](const json::value& answer) { return json::value_to<std::string>(answer.at("address")) + "\n"; });
        add_answer("acknowledge-no-hardware-stop",
                   "say that you know: nothing stops this deck when the daemon dies (once a session, before arm)",
                   "acknowledge_no_hardware_stop", acknowledged_text);
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

    [[nodiscard]] DeckLine::Ways ways() {
        return {.daemon = [this] { return RpcClient(socket_of(common_)); },
                .add_common = [this](CLI::App& app) { add_common(app); },
                .chosen = [this](std::function<int()> action) { action_ = std::move(action); },
                .show = [this](const json::value& answer, const std::string& text) { show(answer, text); },
                .json = [this] { return common_.json; }};
    }
    void add_deck() {
        const DeckLine::Ways ways = this->ways();
        deck_ = std::make_unique<DeckLine>(
            *app_.add_subcommand("deck", "what is measured of the deck and read from it"), ways);
        meters_ = std::make_unique<MetersLine>(*app_.add_subcommand("meters", "the live meters, as text"), ways);
        analyse_ = std::make_unique<AnalyseLine>(
            *app_.add_subcommand("analyse", "what comes off tape now: tone, azimuth, wow and flutter, noise"), ways);
        bias_ = std::make_unique<BiasLine>(
            *app_.add_subcommand("bias", "the bias of each track against what it was at set-up"), ways);
        oscillator_ = std::make_unique<OscillatorLine>(
            *app_.add_subcommand("oscillator", "a test signal on the programme outputs; alone: what plays"), ways);
        listen_ = std::make_unique<ListenLine>(
            *app_.add_subcommand("listen", "what the monitor outputs hear: source or tape, matched; alone: how it "
                                           "stands"),
            ways);
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

    void add_transfer() {
        transfer_ = std::make_unique<TransferLine>(
            *subcommand("transfer", "play the tape, record-safe, into a Broadcast Wave file"),
            TransferLine::Ways{.daemon = [this] { return RpcClient(socket_of(common_)); },
                               .chosen = [this](std::function<int()> action) { action_ = std::move(action); },
                               .json = [this] { return common_.json; }});
    }
    void add_verify() {
        verify_ = std::make_unique<VerifyLine>(
            *subcommand("verify", "play a reel and compare it with the files that were printed on it"),
            VerifyLine::Ways{.daemon = [this] { return RpcClient(socket_of(common_)); },
                             .chosen = [this](std::function<int()> action) { action_ = std::move(action); },
                             .json = [this] { return common_.json; }});
    }
    void add_print_sessions() {
        add_answer("confirm", "say that you have done what the running job waits for (its gate)", "confirm",
                   [](const json::value& answer) {
                       return "confirmed: " + json::value_to<std::string>(answer.at("gate")) + "\n";
                   });
        add_answer("print-sessions", "prints that were begun, and where each can go on", "print_sessions",
                   sessions_text);
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
        log_ = std::make_unique<LogLine>(*app_.add_subcommand("log", "what the logbook holds"),
                                         *app_.add_subcommand("job", "the job that runs, or how the last one ended"),
                                         ways());
        subcommand("cancel", "stop the deck and end the job")->callback([this] {
            action_ = [this] { return machine_command("cancel", "job_cancel", {}); };
        });
    }
    void add_files() {
        files_ = std::make_unique<FilesLine>(
            *app_.add_subcommand("files", "what may be printed, by the names a plan knows it by"),
            *app_.add_subcommand("upload", "send a sound file to the daemon, or go on where that was broken off"),
            ways());
        demo_ = std::make_unique<DemoLine>(
            *app_.add_subcommand("demo-programme", "write a music-like sound file of our own, for trying things out"),
            ways());
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

    void add_plan() {
        plan_ = std::make_unique<PlanLine>(
            *app_.add_subcommand("plan", "the plan of a reel: begin one from files, check it, play it dry"),
            PlanLine::Ways{.daemon = [this] { return RpcClient(socket_of(common_)); },
                           .daemon_named = [this] { return !common_.socket.empty() || !common_.state_dir.empty(); },
                           .add_common = [this](CLI::App& app) { add_common(app); },
                           .chosen = [this](std::function<int()> action) { action_ = std::move(action); },
                           .json = [this] { return common_.json; },
                           .show = [this](const json::value& answer, const std::string& text) { show(answer, text); }});
    }

    void add_papers() {
        papers_ = std::make_unique<PaperLine>(PaperLine::Ways{
            .daemon = [this] { return RpcClient(socket_of(common_)); },
            .add = [this](const std::string& name, const std::string& help) { return subcommand(name, help); },
            .add_common = [this](CLI::App& app) { add_common(app); },
            .chosen = [this](std::function<int()> action) { action_ = std::move(action); },
            .show = [this](const json::value& answer, const std::string& text) { show(answer, text); },
            .json = [this] { return common_.json; }});
    }

    CLI::App app_{"Overbias: controls an analog mastering recorder through its daemon", "overbias"};
    Common common_;
    std::function<int()> action_;
    std::unique_ptr<MachineLine> machine_;
    std::unique_ptr<LocatorLine> locator_;
    std::unique_ptr<PrintLine> print_;
    std::unique_ptr<VerifyLine> verify_;
    std::unique_ptr<TransferLine> transfer_;
    std::unique_ptr<PositionLine> position_;
    std::unique_ptr<DeckLine> deck_;
    std::unique_ptr<MetersLine> meters_;
    std::unique_ptr<OscillatorLine> oscillator_;
    std::unique_ptr<ListenLine> listen_;
    std::unique_ptr<GenerateLine> generate_;
    std::unique_ptr<AlignLine> align_;
    std::unique_ptr<AnalyseLine> analyse_;
    std::unique_ptr<AlignmentsLine> alignments_;
    std::unique_ptr<PlanLine> plan_;
    std::unique_ptr<BiasLine> bias_;
    std::unique_ptr<PaperLine> papers_;
    std::unique_ptr<SimulatedDeckLine> simulated_;
    std::unique_ptr<LogLine> log_;
    std::unique_ptr<FilesLine> files_;
    std::unique_ptr<DemoLine> demo_;
    std::string measured_file_;
};

} // namespace
} // namespace overbias::controller

int main(int argc, char** argv) {
    return overbias::controller::CommandLine().run(argc, argv);
}
