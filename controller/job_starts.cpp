// SPDX-License-Identifier: Apache-2.0
#include "controller/job_starts.hpp"

#include "base/figure.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "controller/loop_command.hpp"
#include "controller/part_settings.hpp"
#include "controller/print_commands.hpp"
#include "controller/round_trip.hpp"
#include "mastering/print_job.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using transport::Motion;

JobStarts::JobStarts(Parts parts) : parts_(std::move(parts)), alignment_(alignment_parts()) {
}

AlignmentDesk::Parts JobStarts::alignment_parts() {
    return {.config = parts_.config,
            .identity = parts_.identity,
            .back_ends = parts_.back_ends,
            .transport = parts_.transport,
            .engine = parts_.engine,
            .runner = parts_.runner,
            .logbook = parts_.keeper.logbook(),
            .worker = parts_.worker,
            .notices = parts_.notices,
            .obstacle = [this](bool records) { return records ? print_obstacle() : obstacle(); },
            .starting = [this](const std::string& id, const json::object& detail) { alignment_starts(id, detail); },
            .commanded =
                [this](const std::string& command, const std::string& answer) {
                    parts_.keeper.command(command, answer, parts_.transport.state().position_m);
                },
            .changed = parts_.notify_state,
            .round_trip_measured = [this](double frames) { loop_measured(frames); },
            .turning = {}};
}

void JobStarts::alignment_starts(const std::string& id, const json::object& detail) {
    parts_.oscillator_off("an alignment begins");
    parts_.let_go("ended by an alignment");
    parts_.keeper.job_started(id, "alignment", detail, parts_.transport.state().position_m);
    journal(JournalLevel::Info, "overbiasd", "alignment " + id + " begins: " + json_line(detail));
    timeline().post([this] { // the job runs by then
        parts_.pace();
        parts_.notify_state();
    });
}

void JobStarts::add_commands(CommandRegistry& registry) {
    add_print_commands(
        registry,
        {.timeline = timeline(),
         .runner = parts_.runner,
         .worker = parts_.worker,
         .defaults = print_defaults(parts_.config.print),
         .play_speed_ips = parts_.config.tape.speed_ips,
         .reports = parts_.reports,
         .obstacle = [this] { return print_obstacle(); },
         .bias_stop_obstacle = parts_.bias_stop_obstacle,
         .installation = [this](const mastering::PrintRequest& request) { return tape_for(request); },
         .make_job = [this](mastering::PrintPlan plan, const std::string& id) { return make_job(std::move(plan), id); },
         .starting = [this](const mastering::PrintPlan& plan, const std::string& id) { print_starts(plan, id); }});
    add_loop_command(registry, {.timeline = timeline(),
                                .runner = parts_.runner,
                                .engine = parts_.engine,
                                .played = parts_.played,
                                .tape_return = parts_.tape_return,
                                .return_rate_hz = return_rate_hz(),
                                .obstacle = [this] { return obstacle(); },
                                .starting = [this](const std::string& id) { loop_starts(id); },
                                .measured = [this](double frames) { return loop_measured(frames); }});
    alignment_.add_commands(registry);
}

void JobStarts::loop_starts(const std::string& id) {
    parts_.oscillator_off("a loop measurement begins");
    parts_.keeper.job_started(id, "loop", {}, parts_.transport.state().position_m);
    timeline().post([this] { parts_.notify_state(); });
}

/// Used from now on where the configuration says nothing; kept for the next start.
void JobStarts::loop_measured(double frames) {
    parts_.config.audio.round_trip_frames = frames;
    parts_.worker.post([state_dir = parts_.config.daemon.state_dir, audio = parts_.config.audio, frames] {
        if (const auto kept = store_round_trip(state_dir, audio, frames); !kept) {
            journal(JournalLevel::Error, "overbiasd", "the round trip is not kept: " + kept.error().message);
        }
    });
}

std::string JobStarts::obstacle() {
    const transport::MachineState& state = parts_.transport.state();
    if (parts_.ending()) {
        return "the daemon is ending";
    }
    if (!state.fault.empty()) {
        return "the machine is in fault: " + state.fault + "; clear it first (clear-fault)";
    }
    if (state.record_tally || state.current == Motion::Recording) {
        return "the deck is recording; stop it first";
    }
    if (state.current == Motion::TapeOut) {
        return "there is no tape; thread one first";
    }
    return parts_.supervisor.record_obstacle();
}

/// What a job needs beside that whose levels are those that the installation is set up for.
std::string JobStarts::set_up_obstacle() {
    std::string against = obstacle();
    if (const double ips = parts_.transport.config().play_speed_ips;
        against.empty() && ips != parts_.config.tape.speed_ips) {
        against = "the deck is switched to " + figure(ips, 2) + " ips, and equalisation and levels are set up for " +
                  figure(parts_.config.tape.speed_ips, 2) + " ips: switch it back, or change tape.speed_ips";
    }
    return against;
}

/// What a print needs beside that.
std::string JobStarts::print_obstacle() {
    std::string against = set_up_obstacle();
    if (against.empty() && !parts_.config.audio.round_trip_frames) {
        against = "the converters' round trip is not known, and without it nothing can be shown to come off tape: "
                  "put a cable in place of the deck and run 'overbias loop' once, or give audio.round_trip_frames";
    }
    return against;
}

/// What is left of the tape counts from where it stands, when that is known and the print begins there.
mastering::PrintInstallation JobStarts::tape_for(const mastering::PrintRequest& request) {
    mastering::PrintInstallation installation = print_installation(parts_.config);
    const transport::MachineState& state = parts_.transport.state();
    if (!request.start_m && state.position_knowledge == transport::PositionKnowledge::Known) {
        installation.tape_length_m -= std::max(0.0, state.position_m);
    }
    return installation;
}

/// Worker's thread: touches nothing but configuration and references.
std::unique_ptr<transport::Job> JobStarts::make_job(mastering::PrintPlan plan, const std::string& id) {
    const tape::DeckProfile& profile = parts_.config.deck.profile;
    mastering::PrintIdentity identity{.deck_uuid = parts_.identity.deck_uuid,
                                      .head_block_uuid = parts_.identity.head_block_uuid,
                                      .reel_uuid = parts_.reel_uuid,
                                      .session_uuid = id,
                                      .deck_name = profile.name,
                                      .equalisation =
                                          std::string(tape::equalisation_name(parts_.config.tape.equalisation)),
                                      .stock = parts_.config.tape.stock.name,
                                      .operating_level_nwb_per_m = parts_.config.tape.operating_level.nwb_per_m};
    return mastering::make_print_job(
        {.timeline = timeline(),
         .transport = parts_.transport,
         .engine = parts_.engine,
         .played = parts_.played,
         .tape_return = parts_.tape_return,
         .return_rate_hz = return_rate_hz(),
         .installation = print_installation(parts_.config),
         .comparison = comparison_config(parts_.config),
         .identity = std::move(identity),
         .programme_starts = [this](DeckTime at) { parts_.back_ends.programme_starts(at); }},
        std::move(plan));
}

void JobStarts::print_starts(const mastering::PrintPlan& plan, const std::string& id) {
    json::array files;
    for (const audio::SoundFileInfo& file : plan.files) {
        files.push_back({{"file", file.path.string()}, {"sha256", file.sha256}});
    }
    parts_.oscillator_off("a print begins");
    parts_.let_go("ended by a print");
    parts_.keeper.job_started(id, "print", {{"files", std::move(files)}}, parts_.transport.state().position_m);
    journal(JournalLevel::Info, "overbiasd",
            "print " + id + " of " + std::to_string(plan.files.size()) + " file(s) begins");
    timeline().post([this] { // the job runs by then
        parts_.pace();
        parts_.notify_state();
    });
}

} // namespace overbias::controller
