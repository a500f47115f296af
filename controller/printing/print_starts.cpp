// SPDX-License-Identifier: Apache-2.0
// What a print is made of on this installation. (Members of JobStarts.)
#include "base/journal.hpp"
#include "base/units.hpp"
#include "controller/job_starts.hpp"
#include "controller/part_settings.hpp"
#include "mastering/print_job.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr double kMetresPerMillimetre = 1e-3;

std::optional<double> erase_to_record_m(const Config& config) {
    const auto& figure = config.deck.profile.erase_to_record_mm;
    return figure ? std::optional(figure->value * kMetresPerMillimetre) : std::nullopt;
}

/// What a list of files leaves out of a plan.
void fill_plan(const Config& config, mastering::ReelPlan& plan) {
    plan.tape.stock = config.tape.stock.id;
    plan.tape.batch = config.tape.batch;
    plan.tape.equalisation = config.tape.equalisation;
    plan.tape.operating_level = config.tape.operating_level;
    plan.limits = config.limits;
}

} // namespace

PrintingDesk::Parts JobStarts::printing_parts() {
    return {
        .timeline = timeline(),
        .runner = parts_.runner,
        .worker = parts_.worker,
        .defaults = print_defaults(parts_.config.print),
        .play_speed_ips = parts_.config.tape.speed_ips,
        .reports = parts_.reports,
        .sessions = parts_.config.daemon.state_dir / "prints",
        .obstacle = [this] { return print_obstacle(); },
        .bias_stop_obstacle = parts_.bias_stop_obstacle,
        .installation = [this](const std::optional<double>& start_m) { return tape_for(start_m); },
        .identity = [this](const std::string& session_id,
                           const std::string& job_id) { return print_identity(session_id, job_id); },
        .fill_plan = [config = parts_.config](mastering::ReelPlan& plan) { fill_plan(config, plan); },
        .check_plan =
            [this](PlanDesk::Given given, std::function<void(Result<mastering::PlanCheck>)> done) {
                plans_.check(std::move(given), std::move(done));
            },
        .resolve = parts_.resolve,
        .make_job =
            [this](mastering::SessionPrint print, mastering::PrintIdentity identity, mastering::SessionKeeper keep) {
                return make_job(std::move(print), std::move(identity), std::move(keep));
            },
        .erase_to_record_m = erase_to_record_m(parts_.config),
        .starting = [this](const mastering::SessionPrint& print, const std::string& id) { print_starts(print, id); }};
}

/// What is left of the tape counts from where it stands, when that is known and the print begins there.
mastering::PrintInstallation JobStarts::tape_for(const std::optional<double>& start_m) {
    mastering::PrintInstallation installation = print_installation(parts_.config);
    const transport::MachineState& state = parts_.transport.state();
    if (!start_m && state.position_knowledge == transport::PositionKnowledge::Known) {
        installation.tape_length_m -= std::max(0.0, state.position_m);
    }
    return installation;
}

mastering::PrintIdentity JobStarts::print_identity(const std::string& session_id, const std::string& job_id) {
    mastering::PrintIdentity identity;
    identity.deck_uuid = parts_.identity.deck_uuid;
    identity.head_block_uuid = parts_.identity.head_block_uuid;
    identity.reel_uuid = parts_.reel_uuid;
    identity.session_uuid = session_id;
    identity.job_uuid = job_id;
    identity.deck_name = parts_.config.deck.profile.name;
    identity.equalisation = std::string(tape::equalisation_name(parts_.config.tape.equalisation));
    identity.stock = parts_.config.tape.stock.name;
    identity.operating_level_nwb_per_m = parts_.config.tape.operating_level.nwb_per_m;
    return identity;
}

/// A simulated tape that runs faster than time would run away from the other thread: it waits for us, here.
mastering::Aside JobStarts::aside() {
    if (parts_.back_ends.simulated() && parts_.back_ends.time_scale() != 1.0) {
        return {};
    }
    return [this](std::function<void()> work, std::function<void()> done) {
        parts_.worker.post([this, work = std::move(work), done = std::move(done)]() mutable {
            work();
            timeline().post(std::move(done));
        });
    };
}

/// Worker's thread: touches nothing but configuration and references.
std::unique_ptr<transport::Job> JobStarts::make_job(mastering::SessionPrint print, mastering::PrintIdentity identity,
                                                    mastering::SessionKeeper keep) {
    mastering::ComparisonConfig comparison = comparison_config(parts_.config);
    comparison.limits = print.plan.limits;
    return mastering::make_session_job(
        {.timeline = timeline(),
         .transport = parts_.transport,
         .engine = parts_.engine,
         .played = parts_.played,
         .tape_return = parts_.tape_return,
         .return_rate_hz = return_rate_hz(),
         .installation = print_installation(parts_.config),
         .comparison = comparison,
         .identity = std::move(identity),
         .programme_starts = [this](DeckTime at) { parts_.back_ends.programme_starts(at); },
         .keep_session = std::move(keep),
         .new_reel = parts_.new_reel,
         .erase_to_record_m = erase_to_record_m(parts_.config),
         .aside = aside()},
        std::move(print));
}

void JobStarts::print_starts(const mastering::SessionPrint& print, const std::string& id) {
    json::array files;
    for (std::size_t s = print.from.side; s < print.sides.size(); ++s) {
        const std::vector<audio::SoundFileInfo>& all = print.sides[s].files;
        for (std::size_t t = s == print.from.side ? print.from.track : 0; t < all.size(); ++t) {
            files.push_back({{"file", all[t].path.string()}, {"sha256", all[t].sha256}});
        }
    }
    const std::size_t count = files.size();
    parts_.oscillator_off("a print begins");
    parts_.let_go("ended by a print");
    parts_.keeper.job_started(id, "print", {{"print_session", print.session.id}, {"files", std::move(files)}},
                              parts_.transport.state().position_m);
    journal(JournalLevel::Info, "overbiasd",
            "print " + id + " of " + std::to_string(count) + " file(s) begins with " +
                mastering::boundary_words(print.session, print.from));
    timeline().post([this] { // the job runs by then
        parts_.pace();
        parts_.notify_state();
    });
}

} // namespace overbias::controller
