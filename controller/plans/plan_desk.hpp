// SPDX-License-Identifier: Apache-2.0
// PlanDesk: reel plans, read and checked for whoever asks (plan_check), begun from files (plan_template), and
// taken apart for a form (plan_read). A check reads every file once, so it runs on a thread of its own. Thread: the
// timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "controller/command_registry.hpp"
#include "controller/config.hpp"
#include "controller/worker.hpp"
#include "mastering/plan/plan_check.hpp"
#include "tape/history.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

class PlanDesk {
  public:
    struct Parts {
        Timeline& timeline;
        const Config& config; ///< read on the timeline's thread only
        /// How far a check is; timeline's thread, five times a second at most. Parameters as JSON text.
        std::function<void(const std::string& parameters)> progress;
        /// Earlier alignments; timeline's thread.
        const tape::AlignmentHistory& alignments;
        std::string deck_uuid, head_block_uuid;
        /// What a caller means by a file, and whether he may; any thread. Empty: an absolute path, which any caller may
        /// name.
        std::function<Result<std::filesystem::path>(const std::string& file, bool local)> resolve = {};
    };
    explicit PlanDesk(Parts parts);
    /// Stops a check that runs.
    ~PlanDesk();
    PlanDesk(const PlanDesk&) = delete;
    PlanDesk& operator=(const PlanDesk&) = delete;

    /// This must outlive the registry.
    void add_commands(CommandRegistry& registry);

    /// What a command was given as a plan.
    struct Given {
        std::string json;             ///< the plan as JSON text; or
        std::string path;             ///< of a TOML file; or
        std::string toml, name;       ///< its text, and what it is called in messages
        std::filesystem::path folder; ///< of a TOML text: files that are not named by an absolute path lie there
        bool split = false;           ///< split sides that do not fit, whatever the plan says
        bool local = false;           ///< Caller::local
    };
    /// Of a parameter "plan" (object, or a file's path), or of "path", or of "toml", "name" and "folder". The error
    /// says which are expected.
    [[nodiscard]] static Result<Given> given(const boost::json::object& parameters, const Caller& caller);

    /// Reads and checks a plan; `done` is called once, on the timeline's thread, with the check, or with why it is no
    /// plan.
    void check(Given given, std::function<void(Result<mastering::PlanCheck>)> done);

  private:
    struct Shared;
    [[nodiscard]] mastering::PlanDeck deck_for(const mastering::ReelPlan& plan) const;
    void read_and_check(const std::shared_ptr<const Config>& config, const Given& given,
                        const std::function<void(Result<mastering::PlanCheck>)>& done);
    void make_template(const boost::json::object& parameters, const Answer& answer);
    void read_text(const boost::json::object& parameters, const Answer& answer);

    Parts parts_;
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<Worker> worker_; ///< last: it uses the others
};

} // namespace overbias::controller
