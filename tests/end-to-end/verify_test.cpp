// SPDX-License-Identifier: Apache-2.0
// A side is printed on the simulated deck, wound back and verified on it: print and verification say the same, of clean
// reels and of reels with defects.
#include "comparison_programmes.hpp"
#include "mastering/print_report.hpp"
#include "mastering/session_text.hpp"
#include "mastering/verify/verify_job.hpp"
#include "print_session_rig.hpp"
#include "written_programme.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <gtest/gtest.h>

namespace overbias::test {

namespace json = boost::json;

namespace {

struct Verification {
    controller::JobEnd end;
    json::object report;
    [[nodiscard]] std::string text() const {
        std::string out = std::string(controller::word(end.ending)) + " " + end.reason;
        if (!report.empty()) {
            out += "\nfound " + json::serialize(report.at("found")) + "\nfindings " +
                   json::serialize(report.at("findings")) + "\nagrees " +
                   (report.contains("agrees") ? json::serialize(report.at("agrees")) : "") + "\nplayback " +
                   json::serialize(report.at("playback"));
            for (const json::value& track : report.at("tracks").as_array()) {
                out += "\n" + json::serialize(track.at("file")) + " " + json::serialize(track.at("findings")) + " " +
                       json::serialize(track.at("dropouts"));
            }
        }
        return out;
    }
};

struct VerifyHow {
    bool locate = true;
    double pull_capture_db = 0.0; ///< the machine's reproduce level as it is believed to be
    std::string side = {};
};

Verification verify(PrintRig& rig, const deck_sim::Settings& settings, const std::string& print_report,
                    const VerifyHow& how = {}) {
    auto programme = mastering::programme_of_print(print_report, how.side, settings.sample_rate_hz);
    if (!programme) {
        throw std::runtime_error(programme.error().message);
    }
    if (!(programme->play_dbfs_at_operating_level < 0.0)) { // a session does not tell: as the installation prints
        programme->play_dbfs_at_operating_level = settings.play_dbfs_at_operating_level;
    }
    mastering::ComparisonConfig comparison;
    comparison.sample_rate_hz = settings.sample_rate_hz;
    comparison.tape_speed_ips = settings.play_speed_ips;
    comparison.record_to_reproduce_m = 0.0350;
    comparison.round_trip_s = 61.37 / settings.sample_rate_hz;
    comparison.play_dbfs_at_operating_level = settings.play_dbfs_at_operating_level;
    comparison.capture_dbfs_at_operating_level = settings.capture_dbfs_at_operating_level + how.pull_capture_db;
    mastering::PrintIdentity identity;
    identity.deck_name = "rig";
    auto job = mastering::make_verify_job({.timeline = rig.timeline,
                                           .transport = *rig.transport,
                                           .engine = *rig.engine,
                                           .tape_return = rig.tape_return(),
                                           .return_rate_hz = settings.capture_rate_hz(),
                                           .comparison = comparison,
                                           .identity = identity,
                                           .heard_later_m = 0.0350},
                                          {.programme = std::move(programme).value(),
                                           .locate = how.locate,
                                           .against = mastering::VerifyAgainst{print_report, "print.json"}});
    if (auto started = rig.runner->start(std::move(job), "verify"); !started) {
        throw std::runtime_error(started.error().message);
    }
    const auto ended = [&rig] { return !rig.runner->running() && rig.runner->last()->id == "verify"; };
    if (!rig.timeline.run_until(ended, rig.timeline.now() + deck_seconds(2000.0))) {
        throw std::runtime_error("the verification did not end");
    }
    Verification out{*rig.runner->last(), {}};
    if (!out.end.report.empty()) {
        out.report = json::parse(out.end.report).as_object();
    }
    return out;
}

mastering::PrintRequest side(const std::vector<std::string>& files) {
    mastering::PrintRequest request = PrintRig::quick_request(files);
    request.start_m = 2.0;
    return request;
}

std::vector<std::string> two_tracks() {
    return {write_programme("verify-wide", comparison_test::programme("wide", 1, 22.0)),
            write_programme("verify-pink", comparison_test::programme("pink", 2, 22.0))};
}

bool says(const json::object& agrees, const char* kind) {
    return agrees.at(kind).at("agrees").as_bool();
}

} // namespace

struct Defect {
    const char* name;
    std::vector<std::string> faults;
    const char* reason; ///< of print and verification; "": none
    const char* kind;   ///< of the agreement
};

class VerifiedReel : public ::testing::TestWithParam<Defect> {};

TEST_P(VerifiedReel, SaysTheSameAsThePrint) {
    PrintRigOptions options;
    options.faults = GetParam().faults;
    options.settings.seed = 3;
    PrintRig rig(options);
    const PrintEnd print = rig.print(side(two_tracks()));
    ASSERT_EQ(print.reason(), GetParam().reason) << print.text();
    const std::uint64_t altered = rig.deck->altered_cells();
    const Verification now = verify(rig, options.settings, print.end.report);
    ASSERT_FALSE(now.report.empty()) << now.text();
    EXPECT_EQ(rig.deck->altered_cells(), altered) << "a verification records nothing";
    EXPECT_EQ(now.report.at("found").at("by").as_string(), "slate") << now.text();
    const json::object& agrees = now.report.at("agrees").as_object();
    EXPECT_TRUE(agrees.at("all").as_bool()) << print.text() << "\n" << now.text();
    EXPECT_TRUE(says(agrees, GetParam().kind)) << now.text();
    EXPECT_EQ(now.report.at("reason").is_null() ? "" : std::string(now.report.at("reason").as_string()),
              GetParam().reason)
        << now.text();
    EXPECT_EQ(agrees.at("dropouts").at("same"), agrees.at("dropouts").at("in_print")) << now.text();
    EXPECT_EQ(now.end.ending, GetParam().reason[0] == '\0' ? controller::JobEnding::Pass : controller::JobEnding::Fail);
}

INSTANTIATE_TEST_SUITE_P(
    Reels, VerifiedReel,
    ::testing::Values(
        Defect{"clean", {}, "", "completeness"},
        Defect{"dropout", {"dropout:programme_s=12.5,length_ms=20,depth_db=20,channel=left"}, "dropout", "dropouts"},
        Defect{"spacing", {"spacing:programme_s=34.5,length_ms=40,depth_db=24,channel=right"}, "dropout", "dropouts"},
        Defect{"droop", {"droop:programme_s=8,db=1"}, "level_droop", "level"},
        Defect{"missing", {"dropout:programme_s=9,length_ms=3000,depth_db=80"}, "missing", "completeness"}),
    [](const auto& defect) { return defect.param.name; });

// Side A is printed in two runs, and verified before side B is begun: all there is of the print is its session. Side B
// is verified on its own tape, by the report of the whole.
TEST(VerifiedSession, OfTwoSidesAndSeveralRunsEachSideIsVerifiedOnItsTape) {
    const PrintRigOptions options = slipping();
    PrintRig rig(options);
    const double start_m = rig.deck->truth().place_at_record_head_m;
    rig.start(session_plan({3, 2}, 20));
    run_to_phase(rig, "track 3 of 3", 9.0);
    ASSERT_TRUE(rig.runner->cancel("stopped by the operator"));
    (void)rig.finish();
    rig.timeline.run_for(std::chrono::seconds(5));
    ASSERT_TRUE(rig.resume());
    run_to_phase(rig, "waiting for the operator", 1.0);
    ASSERT_TRUE(rig.runner->cancel("stopped by the operator"));
    (void)rig.finish();

    const auto stored = mastering::session_from_text(rig.stored);
    ASSERT_TRUE(stored) << stored.error().message;
    ASSERT_EQ(stored->sides[0].runs.size(), 2U);
    const auto expect_the_same = [&](const std::string& report, const std::string& side, std::size_t tracks) {
        const Verification now = verify(rig, options.settings, report, {.side = side});
        ASSERT_FALSE(now.report.empty()) << now.text();
        EXPECT_EQ(now.end.ending, controller::JobEnding::Pass) << now.text();
        EXPECT_EQ(now.report.at("found").at("by").as_string(), "slate") << now.text();
        ASSERT_EQ(now.report.at("tracks").as_array().size(), tracks) << now.text();
        const json::object& agrees = now.report.at("agrees").as_object();
        EXPECT_TRUE(agrees.at("all").as_bool()) << now.text();
        for (std::size_t t = 0; t < tracks; ++t) {
            EXPECT_EQ(now.report.at("tracks").as_array()[t].at("verdict"), "pass") << now.text();
        }
    };
    expect_the_same(mastering::report_of_session(*stored), "A", 3);
    const auto none = mastering::programme_of_print(mastering::report_of_session(*stored), "B", 48000.0);
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("no track that was printed to its end"), std::string::npos);

    ASSERT_TRUE(rig.resume());
    run_to_phase(rig, "waiting for the operator", 1.0);
    thread_blank(rig, start_m);
    ASSERT_TRUE(rig.runner->confirm());
    const PrintEnd end = rig.finish();
    ASSERT_EQ(end.verdict(), "pass") << end.text();
    expect_the_same(end.end.report, "B", 2);
    // side A is on another tape; what should be on it is what it was
    const auto before = mastering::programme_of_print(mastering::report_of_session(*stored), "A", 48000.0);
    const auto after = mastering::programme_of_print(end.end.report, "A", 48000.0);
    ASSERT_TRUE(before && after);
    EXPECT_EQ(before->play_dbfs_at_operating_level, after->play_dbfs_at_operating_level);
    EXPECT_LT(before->play_dbfs_at_operating_level, 0.0);
    ASSERT_EQ(after->sections.size(), before->sections.size());
    for (std::size_t n = 0; n < after->sections.size(); ++n) {
        EXPECT_EQ(after->sections[n].first_frame, before->sections[n].first_frame) << n;
        EXPECT_EQ(after->sections[n].frames, before->sections[n].frames) << n;
    }
}

} // namespace overbias::test
