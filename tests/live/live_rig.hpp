// SPDX-License-Identifier: Apache-2.0
// LiveRig: the real programs against each other. overbias-decksim in a directory of its own, overbiasd on it through
// ALSA, the GPIO character device and real time, and a test that asks both what is the case. Everything waits on events
// with a deadline. Thread: one.
#pragma once

#include "child_process.hpp"
#include "controller/client/rpc_client.hpp"
#include "deck_control.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::live {

struct LiveRigOptions {
    double sample_rate_hz = 48000.0;
    std::vector<std::string> faults{}; ///< as for --fault
    bool gpio_keeps_last = false;      ///< output lines stay where their dead owner left them
    bool heartbeat_contact = false;
    double tape_length_m = 762.0;
};

/// A folder in the test's temporary directory, removed at the end unless OVERBIAS_LIVE_KEEP is set.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

/// A daemon that runs, and the RPC connection to it.
class Daemon {
  public:
    Daemon(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
           const std::filesystem::path& log);
    [[nodiscard]] ChildProcess& process() noexcept { return process_; }
    [[nodiscard]] controller::RpcClient& rpc() noexcept { return *rpc_; }
    boost::json::value call(const std::string& method, const boost::json::value& parameters = nullptr) {
        return rpc_->call(method, parameters);
    }
    [[nodiscard]] boost::json::value status() { return rpc_->call("status"); }
    /// Comes back as soon as `holds`, asked after every notification; throws with the last status when the time is
    /// over.
    boost::json::value wait_for_status(const std::function<bool(const boost::json::value&)>& holds,
                                       std::chrono::seconds patience, const std::string& what);
    /// The motion the machine shows ("Stopped").
    [[nodiscard]] std::string motion();
    /// Ends in order; its exit status.
    int end();

    struct Print {
        boost::json::value end;    ///< as notification job_end
        boost::json::value report; ///< null when there is none
        [[nodiscard]] std::string text() const;
    };
    /// Starts a print; its id and planned length.
    boost::json::value start_print(const boost::json::object& request);
    /// Waits until it has ended.
    Print finish_print(const boost::json::value& started);

  private:
    ChildProcess process_;
    std::unique_ptr<controller::RpcClient> rpc_;
};

/// bin/ of the build under test.
[[nodiscard]] std::filesystem::path programs();

class LiveRig {
  public:
    LiveRig() : LiveRig(LiveRigOptions{}) {}
    explicit LiveRig(LiveRigOptions options);
    ~LiveRig();

    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_.path(); }
    /// The simulated deck's directory.
    [[nodiscard]] std::filesystem::path deck_folder() const { return folder() / "deck"; }
    /// What a program needs in its environment to find the deck.
    [[nodiscard]] const std::map<std::string, std::string>& environment() const noexcept { return environment_; }
    [[nodiscard]] DeckControl& deck() noexcept { return *control_; }
    /// Starts a daemon, or gives the one that runs.
    Daemon& daemon();
    [[nodiscard]] bool has_daemon() const noexcept { return daemon_ != nullptr; }
    /// kill -9; the time just before. It has been reaped when this returns.
    std::int64_t kill_daemon();
    /// How long the kernel took to end the daemon that was killed last: a thread inside fsync ends with it only.
    [[nodiscard]] double last_death_ms() const noexcept { return last_death_ms_; }
    /// `overbiasd --make-safe`, as the unit runs it when the daemon has died; its exit status.
    int make_safe();
    void end_daemon();
    /// Everything the daemon wrote, for a failing test's message.
    [[nodiscard]] std::string daemon_log() const;
    /// A demo programme of that length, once made.
    [[nodiscard]] std::string music(double duration_s, std::uint64_t seed = 1);

  private:
    LiveRigOptions options_;
    TemporaryFolder folder_;
    std::unique_ptr<ChildProcess> deck_process_;
    std::unique_ptr<DeckControl> control_;
    std::map<std::string, std::string> environment_;
    std::unique_ptr<Daemon> daemon_;
    double last_death_ms_ = 0;
};

} // namespace overbias::live
