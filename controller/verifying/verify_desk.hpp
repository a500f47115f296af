// SPDX-License-Identifier: Apache-2.0
// VerifyDesk: the command verify. A reel is played record-safe against the files of a print (or files by hand), or a
// pair of inputs on the deck's line input is compared with the tape return while the deck records. What stands in its
// way, what the job is made of. Files are checked, and the job is made, on the worker's thread; nothing moves before
// that is done. Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/command_registry.hpp"
#include "controller/job_runner.hpp"
#include "controller/verifying/print_report_search.hpp"
#include "controller/worker.hpp"
#include "mastering/off_tape_comparison.hpp"
#include "mastering/print_job.hpp"
#include "mastering/verify/verify_job.hpp"
#include "transport/transport.hpp"

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace overbias::controller {

class VerifyDesk {
  public:
    struct Parts {
        Timeline& timeline;
        transport::Transport& transport;
        audio::BlockEngine& engine;
        audio::FrameTap& tape_return;
        double return_rate_hz = 48000.0;
        JobRunner& runner;
        Worker& worker;
        std::filesystem::path reports; ///< folder: <job uuid>.json
        std::filesystem::path prints;  ///< folder of the print sessions (SessionStore)
        std::function<mastering::ComparisonConfig()> comparison;
        /// What the tape is played on, for this session.
        std::function<mastering::PrintIdentity(const std::string& id)> identity;
        std::function<double()> heard_later_m;
        /// Timeline's thread: why no reel can be played now, or empty.
        std::function<std::string()> obstacle;
        std::function<std::string()> record_obstacle;    ///< likewise, why nothing can be recorded and proven
        std::function<std::string()> recording_obstacle; ///< likewise, for a deck that records already
        /// What is meant by a file; any thread. Empty: an absolute path.
        std::function<Result<std::filesystem::path>(const std::string& file, bool local)> resolve = {};
        /// Timeline's thread, just before the job starts.
        std::function<void(const std::string& id, const boost::json::object& detail)> starting = {};
    };
    /// Before the engine's first turn: it has a tap of its own where the card captures the deck's line input.
    /// `capture_roles`: of the card's channels.
    VerifyDesk(Parts parts, const std::vector<audio::ChannelRole>& capture_roles);
    VerifyDesk(const VerifyDesk&) = delete;
    VerifyDesk& operator=(const VerifyDesk&) = delete;

    /// This must outlive the registry.
    void add_command(CommandRegistry& registry);

  private:
    struct Request;
    struct Prepared;
    void verify(const boost::json::object& given, const Caller& caller, const Answer& answer);
    /// Worker's thread.
    [[nodiscard]] static Prepared prepared(const Request& request, const mastering::VerifyContext& context,
                                           const Parts& parts);
    [[nodiscard]] static Result<PrintReportText> report_of(const std::string& print, const Parts& parts);
    /// The pair on the deck's line input against the tape return, while the deck records.
    void verify_pair(const boost::json::object& given, const Answer& answer);
    void start(Prepared made, std::uint64_t reservation, const std::string& id, const Answer& answer);

    Parts parts_;
    std::string return_words_, source_words_; ///< "capture:1,2"; source empty: the card has none
    audio::FrameTap* source_ = nullptr;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace overbias::controller
