// SPDX-License-Identifier: Apache-2.0
#include "mastering/session_resume.hpp"

#include "base/figure.hpp"
#include "mastering/plan/reel_plan_text.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr double kSameLevel_db = 0.005;

/// Empty, or what of the deck is not as it was.
std::string other_deck(const PrintSession& session, const PrintInstallation& installation,
                       const PrintIdentity& identity) {
    if (session.deck_uuid != identity.deck_uuid || session.head_block_uuid != identity.head_block_uuid) {
        return "it was begun on another deck or head block, and what is on the tape was printed there; print it anew, "
               "or go on with that one";
    }
    if (std::abs(session.speed_ips - installation.tape_speed_ips) > 0.005 * session.speed_ips) {
        return "it was begun at " + figure(session.speed_ips, 2) + " ips, and the deck is set up for " +
               figure(installation.tape_speed_ips, 2) + " ips";
    }
    if (session.sample_rate_hz != installation.sample_rate_hz) {
        return "it was begun at " + figure(session.sample_rate_hz, 0) + " Hz, and the sound card runs at " +
               figure(installation.sample_rate_hz, 0) + " Hz";
    }
    // what comes off tape of the tracks that are there is judged by it, and the tracks to come have to match them
    if (const auto& level = session.play_dbfs_at_operating_level;
        level && std::abs(*level - installation.play_dbfs_at_operating_level) > kSameLevel_db) {
        return "it was printed with " + figure(*level, 2) +
               " dBFS sent for operating level, and audio.levels.play_dbfs_at_operating_level is " +
               figure(installation.play_dbfs_at_operating_level, 2) +
               " dBFS now: its tracks would differ in level; set it as it was, or print anew";
    }
    return {};
}

/// Empty, or which file is not the one the session was begun with.
std::string other_file(const SessionSide& side, const PrintPlan& laid_out) {
    for (std::size_t t = 0; t < side.tracks.size() && t < laid_out.files.size(); ++t) {
        const audio::SoundFileInfo& file = laid_out.files[t];
        if (file.sha256 != side.tracks[t].sha256) {
            return file.path.string() + " is not the file the print was begun with: expected SHA-256 " +
                   side.tracks[t].sha256 + ", came " + file.sha256 + "; put it back, or begin a new print";
        }
    }
    return {};
}

} // namespace

Result<ReelPlan> plan_of_session(const PrintSession& session) {
    boost::system::error_code bad;
    boost::json::value plan_json = boost::json::parse(session.plan, bad);
    if (bad || !plan_json.is_object()) {
        return Error{bad ? bad.message() : "it is not an object"};
    }
    // Whoever writes a plan has to give it a title; a list of files has none.
    boost::json::value& title = plan_json.as_object()["title"];
    const bool untitled = !title.is_string() || title.as_string().empty();
    if (untitled) {
        title = "files";
    }
    auto plan = reel_plan_from_json(plan_json, PlanDefaults{});
    if (plan && untitled) {
        plan->title.clear();
    }
    return plan;
}

Result<SessionPrint> resume_session(PrintSession session, std::optional<Boundary> from,
                                    const PrintInstallation& installation, const PrintIdentity& identity,
                                    const std::optional<double>& erase_to_record_m, const FileInspector& inspect) {
    const auto refused = [id = session.id](const std::string& why) {
        return Error{"print " + id + " can't go on: " + why};
    };
    if (!from) {
        from = next_boundary(session);
        if (!from) {
            return refused("all of it is printed");
        }
    }
    if (from->side >= session.sides.size() || from->track >= session.sides[from->side].tracks.size()) {
        return refused("it has no such side or track");
    }
    if (!session.recorded()) {
        return refused("nothing of it was recorded; print it anew");
    }
    if (std::string why = other_deck(session, installation, identity); !why.empty()) {
        return refused(why);
    }
    auto plan = plan_of_session(session);
    if (!plan) {
        return refused("its plan can't be read: " + plan.error().message);
    }
    SessionPrint print{.session = std::move(session), .plan = std::move(plan).value(), .sides = {}, .from = *from};
    for (std::size_t s = 0; s < print.session.sides.size(); ++s) {
        auto side =
            lay_out_side(print.plan, s, installation, {.timing_seed = print.session.sides[s].timing_seed}, inspect);
        if (!side) {
            return refused(side.error().message);
        }
        if (std::string why = other_file(print.session.sides[s], *side); !why.empty()) {
            return refused(why);
        }
        print.sides.push_back(std::move(side).value());
    }
    if (std::string why = boundary_obstacle(print, erase_to_record_m, installation.sample_rate_hz); !why.empty()) {
        return refused(why);
    }
    return print;
}

} // namespace overbias::mastering
