// SPDX-License-Identifier: Apache-2.0
// A print is destroyed at every point where it waits; each time the deck must end out of record, still, and stay so.
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <utility>

namespace overbias::test {

namespace {

using Site = std::pair<std::string, unsigned>;

Site waiting_at() {
    const auto& site = last_suspension_site();
    return {site.file_name(), site.line()};
}

mastering::PrintRequest short_request() {
    mastering::PrintRequest request = PrintRig::quick_request({demo_file(3)});
    request.slate.duration_s = 2.0;
    request.gap_s = 1.0;
    request.start_m = 3.0;
    return request;
}

/// Runs a print event by event and calls `after_event` with deck time since its start; ends when that returns true.
void step_through(PrintRig& rig, const std::function<bool(DeckDuration)>& after_event) {
    const DeckTime begin = rig.timeline.now();
    rig.start(short_request());
    rig.timeline.run_until([&] { return rig.ended() || after_event(rig.timeline.now() - begin); },
                           begin + std::chrono::seconds(200));
}

} // namespace

TEST(PrintCancelled, AtEverySuspensionPointLeavesTheDeckStoppedAndOutOfRecord) {
    // first walk: where does the job wait, and when for the first and the last time
    std::map<Site, std::pair<DeckDuration, DeckDuration>> sites;
    std::set<Site> while_recording;
    {
        PrintRig rig;
        step_through(rig, [&](DeckDuration at) {
            if (rig.runner->running()) {
                const Site site = waiting_at();
                sites.try_emplace(site, at, at).first->second.second = at;
                if (rig.deck->truth().recording) {
                    while_recording.insert(site);
                }
            }
            return false;
        });
        ASSERT_TRUE(rig.ended());
    }
    std::set<std::string> files;
    for (const auto& [site, times] : sites) {
        files.insert(site.first.substr(site.first.rfind('/') + 1));
    }
    ASSERT_TRUE(files.contains("side_print.cpp"));
    EXPECT_GE(sites.size(), 6U) << "the job waits at fewer places than it has phases";
    EXPECT_GE(while_recording.size(), 3U);

    int destroyed = 0;
    for (const auto& [site, times] : sites) {
        for (const DeckDuration when : {times.first, (times.first + times.second) / 2, times.second}) {
            PrintRig rig;
            step_through(rig, [&](DeckDuration at) {
                if (at < when || waiting_at() != site) {
                    return false;
                }
                EXPECT_TRUE(rig.runner->cancel("test"));
                return true;
            });
            ++destroyed;
            rig.timeline.run_for(std::chrono::milliseconds(400));
            EXPECT_FALSE(rig.deck->truth().recording) << site.first << ":" << site.second;
            rig.timeline.run_for(std::chrono::seconds(6));
            EXPECT_FALSE(rig.deck->truth().recording);
            EXPECT_NEAR(rig.deck->truth().speed_m_s, 0.0, 1e-3) << site.first << ":" << site.second;
            EXPECT_EQ(rig.transport->state().current, transport::Motion::Stopped);
        }
    }
    EXPECT_GE(destroyed, 18);
}

} // namespace overbias::test
