// SPDX-License-Identifier: Apache-2.0
#include "controller/job_starts.hpp"

#include "base/figure.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "calibration/speed/speed_job.hpp"
#include "controller/alignment/measured_head_delay.hpp"
#include "controller/alignment/measured_levels.hpp"
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
            .obstacle = [this](const AlignmentProcedure& procedure) { return alignment_obstacle(procedure); },
            .starting = [this](const std::string& id, const json::object& detail) { alignment_starts(id, detail); },
            .commanded =
                [this](const std::string& command, const std::string& answer) {
                    parts_.keeper.command(command, answer, parts_.transport.state().position_m);
                },
            .changed = parts_.notify_state,
            .pace = parts_.pace,
            .measured = {.levels = [this](const tape::LevelChart& levels) { levels_measured(levels); },
                         .round_trip = [this](double frames) { loop_measured(frames); },
                         .speed = [this](const calibration::SpeedMeasured& speed) { speed_measured(speed); },
                         .parts = [this] { return rotating(); }}};
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

/// Likewise.
void JobStarts::levels_measured(const tape::LevelChart& levels) {
    tape::LevelChart& now = parts_.config.audio.levels;
    now.play_dbu_at_full_scale = levels.play_dbu_at_full_scale;
    now.capture_dbu_at_full_scale = levels.capture_dbu_at_full_scale;
    now.dbu_at_0_vu = levels.dbu_at_0_vu;
    parts_.worker.post([state_dir = parts_.config.daemon.state_dir, audio = parts_.config.audio] {
        if (const auto kept = store_line_levels(state_dir, audio, audio.levels); !kept) {
            journal(JournalLevel::Error, "overbiasd", "the line levels are not kept: " + kept.error().message);
        }
    });
}

/// The delay goes before what the configuration says, in every print from now on.
void JobStarts::speed_measured(const calibration::SpeedMeasured& speed) {
    if (!speed.head_delay) {
        return;
    }
    parts_.config.deck.calibrated_head_delay_ms = speed.head_delay->delay_s * 1e3;
    parts_.worker.post([state_dir = parts_.config.daemon.state_dir, identity = parts_.identity,
                        tape = parts_.config.tape, delay = *speed.head_delay] {
        if (const auto kept = store_head_delay(state_dir, identity, tape, delay); !kept) {
            journal(JournalLevel::Error, "overbiasd", "the head delay is not kept: " + kept.error().message);
        }
    });
}

std::vector<dsp::RotatingPart> JobStarts::rotating() const {
    std::vector<dsp::RotatingPart> parts;
    for (TurningPart& each : parts_.turning()) {
        parts.push_back(std::move(each.part));
    }
    return parts;
}

/// Levels are those of one speed; what is recorded has to be shown to come off tape.
std::string JobStarts::alignment_obstacle(const AlignmentProcedure& procedure) {
    return procedure.records ? print_obstacle() : procedure.plays_calibration_tape ? set_up_obstacle() : obstacle();
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
