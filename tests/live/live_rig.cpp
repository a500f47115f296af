// SPDX-License-Identifier: Apache-2.0
#include "live_rig.hpp"

#include "audio/demo_programme.hpp"
#include "base/json/json_text.hpp"

#include <boost/json/value_to.hpp>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <stdexcept>

namespace overbias::live {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr std::chrono::seconds kStartPatience{30};
constexpr std::chrono::seconds kEndPatience{20};
constexpr std::chrono::seconds kQuiet{1};

/// NAME -> value of a shell file of lines "export NAME='value'".
std::map<std::string, std::string> read_environment(const fs::path& file) {
    std::map<std::string, std::string> all;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const std::size_t equals = line.find('=');
        if (line.starts_with("export ") && equals != std::string::npos && line.size() > equals + 2) {
            all[line.substr(7, equals - 7)] = line.substr(equals + 2, line.size() - equals - 3);
        }
    }
    if (all.empty()) {
        throw std::runtime_error("'" + file.string() + "' exports nothing");
    }
    return all;
}

} // namespace

fs::path programs() {
    const char* const build = std::getenv("OVERBIAS_BINARY_DIR");
    if (build == nullptr) {
        throw std::runtime_error("OVERBIAS_BINARY_DIR is not set: run the test by ctest");
    }
    return fs::path(build) / "bin";
}

TemporaryFolder::TemporaryFolder() {
    // short: the path of a socket in it has at most 107 bytes
    std::string pattern = (fs::path(testing::TempDir()) / "obl.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make " + pattern);
    }
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    if (std::getenv("OVERBIAS_LIVE_KEEP") == nullptr) {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
}

Daemon::Daemon(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
               const fs::path& log)
    : process_({programs() / "overbiasd", arguments, environment, log}) {
    constexpr std::string_view kReady = "overbiasd: ready, socket ";
    std::string line = process_.line(kStartPatience);
    while (!line.starts_with(kReady)) { // it may tell the panel's address first
        line = process_.line(kStartPatience);
    }
    rpc_ = std::make_unique<controller::RpcClient>(line.substr(kReady.size()));
    rpc_->call("subscribe");
}

json::value Daemon::wait_for_status(const std::function<bool(const json::value&)>& holds, std::chrono::seconds patience,
                                    const std::string& what) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
        const json::value is = status();
        if (holds(is)) {
            return is;
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("not within " + std::to_string(patience.count()) + " s: " + what + "; status is " +
                                     json_line(is));
        }
        rpc_->next_notification(kQuiet);
    }
}

std::string Daemon::motion() {
    return json::value_to<std::string>(status().at("motion").at("current"));
}

int Daemon::end() {
    rpc_.reset();
    return process_.end(SIGTERM, kEndPatience);
}

json::value Daemon::start_print(const json::object& request) {
    if (status().at("safety").at("acknowledgement_needed") == true) { // stopped by its stop line only
        rpc_->call("acknowledge_no_hardware_stop");
    }
    return rpc_->call("print", request, std::chrono::seconds(60));
}

Daemon::Print Daemon::finish_print(const json::value& started) {
    const json::value& id = started.at("job");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60) +
                          std::chrono::seconds(static_cast<int>(started.at("duration_s").to_number<double>() * 2.0));
    while (std::chrono::steady_clock::now() < deadline) {
        const auto heard = rpc_->next_notification(kQuiet);
        json::value end = heard && heard->topic == "job_end" ? heard->parameters : nullptr;
        if (!heard) { // it may have been heard before somebody asked for it
            end = status().at("last_job");
        }
        if (!end.is_object() || end.at("id") != id) {
            continue;
        }
        Print print{std::move(end), nullptr};
        if (print.end.at("report_path").is_string()) {
            print.report = rpc_->call("job_report", json::object{{"job", id}});
        }
        return print;
    }
    throw std::runtime_error("the print did not end; status is " + json_line(status()));
}

std::string Daemon::Print::text() const {
    return json_line(end) + "\n" + json_indented(report);
}

LiveRig::LiveRig(LiveRigOptions options) : options_(std::move(options)) {
    std::vector<std::string> arguments{"--dir",
                                       deck_folder().string(),
                                       "--sample-rate",
                                       std::to_string(options_.sample_rate_hz),
                                       "--tape-length",
                                       std::to_string(options_.tape_length_m),
                                       "--gpio-release",
                                       options_.gpio_keeps_last ? "keep_last" : "pull_down",
                                       "--heartbeat-contact",
                                       options_.heartbeat_contact ? "on" : "off"};
    for (const std::string& fault : options_.faults) {
        arguments.insert(arguments.end(), {"--fault", fault});
    }
    deck_process_ = std::make_unique<ChildProcess>(
        ChildProcess::Start{programs() / "overbias-decksim", arguments, {}, folder() / "decksim.log"});
    if (const std::string line = deck_process_->line(kStartPatience); line != "overbias-decksim: ready") {
        throw std::runtime_error("overbias-decksim says '" + line + "'");
    }
    control_ = std::make_unique<DeckControl>(deck_folder() / "control.sock");
    environment_ = read_environment(deck_folder() / "env");
}

LiveRig::~LiveRig() = default;

Daemon& LiveRig::daemon() {
    if (!daemon_) {
        daemon_ = std::make_unique<Daemon>(
            std::vector<std::string>{"--config", (deck_folder() / "overbias.toml").string(), "--listen", "none"},
            environment_, folder() / "daemon.log");
    }
    return *daemon_;
}

std::int64_t LiveRig::kill_daemon() {
    const std::int64_t at_ns = daemon_->process().kill_hard();
    last_death_ms_ = static_cast<double>(monotonic_ns() - at_ns) / 1e6;
    daemon_.reset();
    return at_ns;
}

int LiveRig::make_safe() {
    ChildProcess safe({programs() / "overbiasd",
                       {"--config", (deck_folder() / "overbias.toml").string(), "--make-safe"},
                       environment_,
                       folder() / "make-safe.log"});
    const int status = safe.end(0, kEndPatience);
    if (status != 0) {
        ADD_FAILURE() << "make-safe: " << safe.line(std::chrono::seconds(1));
    }
    return status;
}

void LiveRig::end_daemon() {
    if (daemon_) {
        EXPECT_EQ(daemon_->end(), 0) << daemon_log();
        daemon_.reset();
    }
}

std::string LiveRig::daemon_log() const {
    std::ifstream in(folder() / "daemon.log");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string LiveRig::music(double duration_s, std::uint64_t seed) {
    const fs::path file = folder() / ("music-" + std::to_string(duration_s) + "-" + std::to_string(seed) + ".wav");
    if (!fs::exists(file)) {
        if (const auto written = audio::write_demo_programme(file, duration_s, seed); !written) {
            throw std::runtime_error(written.error().message);
        }
    }
    return file.string();
}

} // namespace overbias::live
