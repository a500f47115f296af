// SPDX-License-Identifier: Apache-2.0
// A whole installation on simulated deck time: simulated deck and card, parallel-remote driver, machine, engine, job
// runner. Prints files and gives the report, or the way the job ended.
#pragma once

#include "audio/block_engine.hpp"
#include "base/async/simulated_timeline.hpp"
#include "controller/job_runner.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "mastering/print_job.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/drivers/relay_adjust.hpp"
#include "transport/transport.hpp"

#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::test {

struct PrintRigOptions {
    std::vector<std::string> faults; ///< texts as for --fault
    deck_sim::Settings settings{};
    mastering::VerdictLimits limits{};
    double calibrated_head_delay_s = 0.0;
    std::size_t tap_frames = 96000;
    bool zero_counter = true; ///< false: the position stays doubtful
    std::optional<double> erase_to_record_m = 0.0330;
};

/// How a print ended.
struct PrintEnd {
    controller::JobEnd end;
    boost::json::value report; ///< null when there is none
    [[nodiscard]] std::string verdict() const;
    [[nodiscard]] std::string reason() const; ///< "" when null
    [[nodiscard]] const boost::json::object& track(std::size_t index) const;
    /// All reasons and texts, for a failing test's message.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool names(const std::string& reason_word) const;
};

class PrintRig {
  public:
    explicit PrintRig(PrintRigOptions options = {});
    ~PrintRig();

    /// A request with a short slate and short gaps, printed from where the tape stands.
    [[nodiscard]] static mastering::PrintRequest quick_request(std::vector<std::string> files);
    /// Plans and starts; throws std::runtime_error with the plan's error.
    void start(const mastering::PrintRequest& request);
    /// Lays all sides of a plan out and prints them; `stored` is what would be on the disk.
    void start(const mastering::ReelPlan& plan);
    /// Goes on with what is stored; the error is why it can't.
    [[nodiscard]] Result<void> resume(std::optional<mastering::Boundary> from = {});
    /// The machine ends and begins anew with a kept place that is wrong by this much, in doubt; no job may run.
    void restart(double wrong_m);
    /// Runs deck time until the job has ended (or `limit_s` of deck time passed: then throws).
    PrintEnd finish(double limit_s = 4000.0);
    PrintEnd print(const mastering::PrintRequest& request) {
        start(request);
        return finish();
    }
    /// What comes off tape; a print reads it while it runs.
    [[nodiscard]] audio::FrameTap& tape_return() noexcept { return *return_; }
    /// True as soon as the job has ended.
    [[nodiscard]] bool ended() const noexcept { return end_.has_value(); }
    [[nodiscard]] const mastering::PrintSession& session() const noexcept { return session_; }
    std::string stored; ///< text of the session, as of the last boundary
    int asides = 0;     ///< works that were left to another thread

    SimulatedTimeline timeline;
    std::unique_ptr<deck_sim::SimulatedDeck> deck;
    std::unique_ptr<transport::ParallelRemote> driver;
    std::unique_ptr<transport::RelayAdjust> adjust;
    std::unique_ptr<transport::Transport> transport;
    std::unique_ptr<audio::BlockEngine> engine;
    std::unique_ptr<controller::JobRunner> runner;
    std::vector<transport::JobEvent> events;

  private:
    [[nodiscard]] mastering::PrintInstallation installation() const;
    [[nodiscard]] mastering::PrintContext context();
    void run(std::unique_ptr<transport::Job> job);
    void make_transport(std::optional<double> last_position_m);
    mastering::PrintSession session_;
    PrintRigOptions options_;
    audio::FrameTap* played_ = nullptr;
    audio::FrameTap* return_ = nullptr;
    std::unique_ptr<PeriodicTimer> engine_turn_;
    std::optional<controller::JobEnd> end_;
    int jobs_ = 0;
};

} // namespace overbias::test
