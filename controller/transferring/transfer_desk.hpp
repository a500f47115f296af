// SPDX-License-Identifier: Apache-2.0
// TransferDesk: the command transfer: what stands in its way, the job, its recorder and that one's thread, what is told
// while it runs (topic "transfer") and how it ends: with the file finished, read back, and told with its length,
// whatever ended it. Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/command_registry.hpp"
#include "controller/job_runner.hpp"
#include "controller/transferring/transfer_config.hpp"
#include "controller/transferring/transfer_thread.hpp"
#include "controller/worker.hpp"
#include "mastering/transfer/transfer_recorder.hpp"
#include "transport/transport.hpp"

#include <boost/json/fwd.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace overbias::controller {

class TransferDesk {
  public:
    struct Parts {
        Timeline& timeline;
        transport::Transport& transport;
        audio::BlockEngine& engine;
        JobRunner& runner;
        Worker& worker;
        /// To every door: topic, JSON text.
        std::function<void(std::string_view topic, std::string_view parameters)> tell;
        TransferConfig config;
        std::filesystem::path folder; ///< of transfers; made when it is needed
        double return_rate_hz = 48000.0;
        /// What the tape is played on, but for the session.
        std::function<mastering::TransferIdentity()> identity;
        std::function<std::string()> obstacle; ///< why no transfer can begin now, or empty
        /// Just before the job starts.
        std::function<void(const std::string& id, const boost::json::object& detail)> starting = {};
        /// What became of the file, for the log; after the job, before its end is told.
        std::function<void(const std::string& id, const transport::JobEvent& event)> event = {};
    };
    /// Before the engine's first turn: it has a tap of its own, of 20 s.
    explicit TransferDesk(Parts parts);
    /// The runner has been abandoned. Waits for the disk when a file is still being finished.
    ~TransferDesk();
    TransferDesk(const TransferDesk&) = delete;
    TransferDesk& operator=(const TransferDesk&) = delete;

    void add_command(CommandRegistry& registry);
    /// A job has ended: when it was a transfer, `kept` gets its end with verdict, words and report as soon as the file
    /// is finished; else at once as it is.
    void keep(JobEnd end, std::function<void(JobEnd)> kept);
    /// Every control tick.
    void tick();
    /// Of the transfer that runs, as notices tell it; null: none.
    [[nodiscard]] boost::json::value status() const;
    [[nodiscard]] bool running() const noexcept { return recorder_ != nullptr; }

  private:
    void transfer(const boost::json::object& given, const Caller& caller, const Answer& answer);
    void made(Result<std::unique_ptr<mastering::TransferRecorder>> recorder, const mastering::TransferRequest& request,
              std::uint64_t reservation, const std::string& id, const Answer& answer);
    void keep_up();
    void settle();
    void finished();

    Parts parts_;
    audio::FrameTap& tap_;
    std::shared_ptr<mastering::TransferRecorder> recorder_;
    std::unique_ptr<TransferThread> thread_;
    std::function<void()> when_finished_;
    std::string id_;
    std::chrono::steady_clock::time_point told_at_{};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace overbias::controller
