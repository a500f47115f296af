// SPDX-License-Identifier: Apache-2.0
// The desk on a simulated deck: what comes off tape on defeated lifters mutes the room at the configured level.
#include "controller/transport_desk.hpp"

#include "base/async/simulated_timeline.hpp"
#include "controller/part_settings.hpp"
#include "controller/simulated/simulated_back_ends.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vector>

namespace overbias::controller {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using transport::Route;

constexpr std::int32_t kMinus26Dbfs = 107'630'000; // 2^31 x 10^(-26/20)

Config config_with(const std::filesystem::path& state_dir, const std::string& audio) {
    auto config =
        parse_config("[audio]\n" + audio + "[daemon]\nstate_dir = \"" + state_dir.string() + "\"\n", "desk.toml", true);
    EXPECT_TRUE(config.ok()) << config.error().message;
    return std::move(config).value();
}

class Desk {
  public:
    explicit Desk(const std::string& audio) : config_(config_with(folder_.path, audio)) {
        notices_.add([this](std::string_view topic, std::string_view parameters) {
            told_.emplace_back(std::string(topic) + " " + std::string(parameters));
        });
        desk_.add_commands(registry_, {.transport = transport_, .runner = runner_});
        EXPECT_TRUE(timeline().run_until([&] { return transport_.state().current == transport::Motion::Stopped; },
                                         timeline().now() + milliseconds(6000)));
        timeline().run_for(milliseconds(2000)); // the tach has shown that the tape is still
    }
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    void command(const char* method, const json::value& parameters) {
        Reply got;
        registry_.call(method, parameters, {}, [&](Reply reply) { got = std::move(reply); });
        EXPECT_TRUE(got.ok()) << method << ": " << got.message;
    }
    /// A quarter of a second passes, with nothing off tape and nobody but the tick to say so.
    void quiet() {
        timeline().run_for(milliseconds(250));
        desk_.tick();
    }
    void loud() { desk_.tape_return(std::vector<std::int32_t>(64, kMinus26Dbfs)); }
    [[nodiscard]] bool muted() { return ends_->adjust().route(Route::Mute); }
    [[nodiscard]] const std::vector<std::string>& told() const { return told_; }
    [[nodiscard]] json::object status() const {
        json::object status;
        desk_.add_status(status);
        return status;
    }

  private:
    SimulatedTimeline& timeline() { return dynamic_cast<SimulatedTimeline&>(ends_->timeline()); }

    /// There before and after everything that writes into it.
    struct Folder {
        Folder() { std::filesystem::create_directories(path); }
        ~Folder() { std::filesystem::remove_all(path); }
        Folder(const Folder&) = delete;
        Folder& operator=(const Folder&) = delete;
        std::filesystem::path path =
            std::filesystem::temp_directory_path() / ("overbias-desk-test." + std::to_string(::getpid()));
    } folder_;
    Config config_;
    std::unique_ptr<BackEnds> ends_ = make_simulated_back_ends(config_, {.time_scale = 0.0, .faults = {}});
    transport::Transport transport_{ends_->timeline(), ends_->deck(), ends_->adjust(), transport_config(config_)};
    Worker worker_;
    Notices notices_;
    std::vector<std::string> told_;
    JobRunner runner_{ends_->timeline(),
                      {.make_safe = [this] { transport_.stop(); }, .where = {}, .event = {}, .keep = {}, .ended = {}}};
    TransportDesk desk_{{.config = config_,
                         .back_ends = *ends_,
                         .transport = transport_,
                         .worker = worker_,
                         .notices = notices_,
                         .cues = {}}};
    CommandRegistry registry_;
};

TEST(TransportDeskTest, a_loud_cue_is_muted_at_the_configured_level_and_opens_with_the_lifters_back) {
    Desk desk("cue_mute_dbfs = -30\n");
    desk.loud();
    EXPECT_FALSE(desk.muted()) << "the lifters hold the tape off";
    desk.command("defeat_lifters", {{"on", true}});
    desk.loud();
    EXPECT_TRUE(desk.muted());
    EXPECT_THAT(desk.told(), testing::Contains(R"(routes {"on":[],"muted_by_cue":true})"));
    desk.command("defeat_lifters", {{"on", false}});
    desk.quiet();
    EXPECT_FALSE(desk.muted());
}

TEST(TransportDeskTest, what_is_softer_than_the_configured_level_is_heard) {
    Desk desk("");
    desk.command("defeat_lifters", {{"on", true}});
    desk.loud();
    EXPECT_FALSE(desk.muted()) << "-26 dBFS, and the default is -20";
}

TEST(TransportDeskTest, an_operators_mute_outlasts_a_loud_cue) {
    Desk desk("cue_mute_dbfs = -30\n");
    desk.command("route", {{"name", "mute"}, {"on", true}});
    desk.command("defeat_lifters", {{"on", true}});
    desk.loud();
    desk.quiet();
    desk.quiet();
    desk.quiet();
    EXPECT_TRUE(desk.muted());
    EXPECT_EQ(json::serialize(desk.status().at("routes")), R"({"on":["mute"],"muted_by_cue":false})");
    desk.command("route", {{"name", "mute"}, {"on", false}});
    EXPECT_FALSE(desk.muted());
}

} // namespace
} // namespace overbias::controller
