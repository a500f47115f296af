// SPDX-License-Identifier: Apache-2.0
// What happens to an installation: jobs end, the machine changes, the card comes and goes, time passes.
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "controller/installation_impl.hpp"
#include "controller/state_json.hpp"

#include <boost/json.hpp>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using transport::Motion;

namespace {

/// Motion that comes to its end without anybody's doing.
bool ends_by_itself(Motion motion) {
    return motion == Motion::Starting || motion == Motion::Braking || motion == Motion::Locating;
}

} // namespace

void Installation::Impl::job_ended(const JobEnd& end) {
    oscillator_.end("the job has ended");
    keeper_.job_ended(end, transport_.state().position_m);
    bias_.job_ended(end);
    jobs_.alignment().job_ended(end);
    if (auto printed = mastering::programme_of_report(end.report); printed) { // else it was no print
        position_.printed(std::move(printed).value());
    }
    journal(end.ending == JobEnding::Fault ? JournalLevel::Error : JournalLevel::Info, "overbiasd",
            end.name + " " + end.id + " ended: " + word(end.ending) +
                (end.reason.empty() ? "" : " (" + end.reason + ")"));
    notices_.tell("job_end", json_line(job_end_json(end)));
    notices_.tell("progress", "null");
    notify_state();
    pace();
}

void Installation::Impl::state_changed(const transport::MachineState& state) {
    keeper_.state(state);
    bias_.state(state);
    jobs_.alignment().state(state);
    notify_state();
    pace();
}

void Installation::Impl::let_go(const std::string& why) {
    desk_.let_go(why);
    position_.let_go(why);
}

void Installation::Impl::fault(const std::string& what) {
    journal(JournalLevel::Error, "overbiasd", what);
    let_go("ended by a fault");
    keeper_.fault(what, transport_.state().position_m);
    runner_.machine_fault(what);
}

void Installation::Impl::card_changed() {
    const bool lost = supervisor_.card_lost();
    keeper_.card(lost, supervisor_.card_problem(), transport_.state().position_m);
    const std::string& problem = supervisor_.card_problem();
    notices_.tell("card",
                  json_line(json::object{{"lost", lost},
                                         {"problem", problem.empty() ? json::value(nullptr) : json::value(problem)}}));
    notify_state();
}

void Installation::Impl::commanded(const std::string& command, const std::string& answer) {
    keeper_.command(command, answer, transport_.state().position_m);
}

void Installation::Impl::notify_state() {
    notices_.tell("state", json_line(status_json(machine_commands())));
}

void Installation::Impl::pace() {
    back_ends_.pace(ending_.begun() ||
                    (runner_.running() && !jobs_.alignment().waits_for_operator() && runner_.progress().gate.empty()) ||
                    ends_by_itself(transport_.state().current));
}

void Installation::Impl::tick() {
    supervisor_.tick();
    desk_.tick();
    oscillator_.tick();
    listening_.tick();
    position_.tick();
    bias_.tick();
    jobs_.alignment().tick();
    jobs_.transfers().tick();
    if (!runner_.busy() || jobs_.alignment().running() ||
        jobs_.transfers().running()) { // the job that runs, if any, does not read them
        idle_taps_.drain();
    }
    if (panel_) {
        panel_->tick(engine_.return_timestamp(), runner_);
    }
    if (ready_ &&
        (transport_.state().current != Motion::Unknown || timeline_.now() > DeckTime(std::chrono::seconds(2)))) {
        notify_state();
        std::exchange(ready_, {})();
    }
    notices_.position(
        [this] { return json_line(position_json(transport_.state(), transport_.config().play_speed_ips)); });
    if (runner_.running()) {
        notices_.progress([this] { return json_line(job_json(runner_)); });
    }
    ending_.tick();
}

} // namespace overbias::controller
