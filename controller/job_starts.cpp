// SPDX-License-Identifier: Apache-2.0
#include "controller/job_starts.hpp"

#include "base/figure.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "base/units.hpp"
#include "calibration/speed/speed_job.hpp"
#include "controller/alignment/measured_head_delay.hpp"
#include "controller/alignment/measured_levels.hpp"
#include "controller/loop_command.hpp"
#include "controller/part_settings.hpp"
#include "controller/round_trip.hpp"
#include "controller/transferring/transfer_identity.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using transport::Motion;

JobStarts::JobStarts(Parts parts)
    : parts_(std::move(parts)), alignment_(alignment_parts()), transfers_(transfer_parts()),
      verifications_(verify_parts(), parts_.back_ends.pcm().capture().format().roles),
      plans_({.timeline = parts_.back_ends.timeline(),
              .config = parts_.config,
              .progress = [this](const std::string& parameters) { parts_.notices.tell("plan_progress", parameters); },
              .alignments = alignment_.history(),
              .deck_uuid = parts_.identity.deck_uuid,
              .head_block_uuid = parts_.identity.head_block_uuid,
              .resolve = parts_.resolve}),
      printing_(printing_parts()) {
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

TransferDesk::Parts JobStarts::transfer_parts() {
    const TransferConfig& config = parts_.config.transfer;
    return {.timeline = parts_.back_ends.timeline(),
            .transport = parts_.transport,
            .engine = parts_.engine,
            .runner = parts_.runner,
            .worker = parts_.worker,
            .tell = [this](std::string_view topic, std::string_view text) { parts_.notices.tell(topic, text); },
            .config = config,
            .folder = config.folder.empty() ? parts_.config.daemon.state_dir / "transfers" : config.folder,
            .return_rate_hz = return_rate_hz(),
            .identity =
                [this] {
                    return transfer_identity(parts_.config, parts_.identity, parts_.reel_uuid, alignment_.history(),
                                             parts_.transport.config().play_speed_ips, parts_.back_ends.card().name());
                },
            .obstacle = [this] { return play_obstacle(); },
            .starting = [this](const std::string& id, const json::object& detail) { transfer_starts(id, detail); },
            .event =
                [this](const std::string& id, const transport::JobEvent& event) {
                    parts_.keeper.job_event(id, event, parts_.transport.state().position_m);
                }};
}

VerifyDesk::Parts JobStarts::verify_parts() {
    return {.timeline = parts_.back_ends.timeline(),
            .transport = parts_.transport,
            .engine = parts_.engine,
            .tape_return = parts_.tape_return,
            .return_rate_hz = return_rate_hz(),
            .runner = parts_.runner,
            .worker = parts_.worker,
            .reports = parts_.reports,
            .prints = parts_.config.daemon.state_dir / "prints",
            .comparison = [this] { return comparison_config(parts_.config); },
            .identity =
                [this](const std::string& id) {
                    mastering::PrintIdentity played_on;
                    played_on.deck_uuid = parts_.identity.deck_uuid;
                    played_on.head_block_uuid = parts_.identity.head_block_uuid;
                    played_on.reel_uuid = parts_.reel_uuid;
                    played_on.session_uuid = id;
                    played_on.deck_name = parts_.config.deck.profile.name;
                    played_on.equalisation = std::string(tape::equalisation_name(parts_.config.tape.equalisation));
                    played_on.stock = parts_.config.tape.stock.name;
                    played_on.operating_level_nwb_per_m = parts_.config.tape.operating_level.nwb_per_m;
                    return played_on;
                },
            .heard_later_m =
                [this] {
                    return parts_.config.deck.record_to_reproduce_mm / 1000.0 +
                           parts_.config.audio.round_trip_s() *
                               metres_per_second(parts_.transport.config().play_speed_ips);
                },
            .obstacle = [this] { return play_obstacle(); },
            .record_obstacle = [this] { return set_up_obstacle(); },
            .recording_obstacle =
                [this] {
                    const transport::MachineState& state = parts_.transport.state();
                    return parts_.ending()        ? std::string("the daemon is ending")
                           : !state.fault.empty() ? "the machine is in fault: " + state.fault
                           : state.current != Motion::Recording
                               ? std::string("the deck does not record: put it into record first (arm, record), or let "
                                             "this do it (record)")
                               : parts_.supervisor.record_obstacle();
                },
            .resolve = parts_.resolve,
            .starting = [this](const std::string& id, const json::object& detail) { verify_starts(id, detail); }};
}

void JobStarts::verify_starts(const std::string& id, const json::object& detail) {
    parts_.oscillator_off("a verification begins");
    parts_.let_go("ended by a verification");
    parts_.keeper.job_started(id, "verify", detail, parts_.transport.state().position_m);
    journal(JournalLevel::Info, "overbiasd", "verification " + id + " begins: " + json_line(detail));
    timeline().post([this] { // the job runs by then
        parts_.pace();
        parts_.notify_state();
    });
}

void JobStarts::transfer_starts(const std::string& id, const json::object& detail) {
    parts_.oscillator_off("a transfer begins");
    parts_.let_go("ended by a transfer");
    parts_.keeper.job_started(id, "transfer", detail, parts_.transport.state().position_m);
    journal(JournalLevel::Info, "overbiasd", "transfer " + id + " begins: " + json_line(detail));
    timeline().post([this] { // the job runs by then
        parts_.pace();
        parts_.notify_state();
    });
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
    printing_.add_commands(registry);
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
    transfers_.add_command(registry);
    verifications_.add_command(registry);
    plans_.add_commands(registry);
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

/// For what only plays.
std::string JobStarts::play_obstacle() {
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
    if (parts_.supervisor.card_lost()) {
        return parts_.supervisor.card_problem();
    }
    return parts_.supervisor.clear_obstacle();
}

std::string JobStarts::obstacle() {
    const std::string against = play_obstacle();
    return against.empty() ? parts_.supervisor.record_obstacle() : against;
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

} // namespace overbias::controller
