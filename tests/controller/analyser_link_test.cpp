// SPDX-License-Identifier: Apache-2.0
// The analysers as the daemon has them, on a simulated deck in simulated time: a tone is recorded and heard off tape.
#include "controller/analysers/analyser_link.hpp"

#include "controller/part_settings.hpp"
#include "losable_card.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <numbers>
#include <span>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace overbias::controller {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using transport::Motion;

constexpr std::chrono::seconds kPatience{60};
constexpr double kRate_hz = 48000.0;

struct Folder {
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("overbias-analyser-test." + std::to_string(::getpid()));
};

Config config_in(const std::filesystem::path& state_dir) {
    auto config = parse_config("[daemon]\nstate_dir = \"" + state_dir.string() + "\"\n", "analyser.toml", true);
    EXPECT_TRUE(config.ok()) << config.error().message;
    return std::move(config).value();
}

class AnalyserLinkTest : public testing::Test {
  protected:
    AnalyserLinkTest() {
        link_.add_command(registry_);
        const auto started = supervisor_.start();
        EXPECT_TRUE(started.ok()) << started.error().message;
        tick_ = std::make_unique<PeriodicTimer>(time(), milliseconds(10), [this] {
            supervisor_.tick();
            desk_.tick();
        });
        EXPECT_TRUE(until([&] { return transport_.state().current == Motion::Stopped; }, milliseconds(6000)));
    }
    ~AnalyserLinkTest() override {
        tick_.reset();
        transport_.stop();
    }
    [[nodiscard]] SimulatedTimeline& time() { return back_ends_.simulated_timeline(); }
    bool until(const std::function<bool()>& done, milliseconds most) {
        return time().run_until(done, time().now() + most);
    }
    /// Deck time stands while the worker measures.
    json::value analysis() {
        std::string said;
        registry_.call("analysis", json::object{}, {}, [&](const Reply& reply) { said = reply.result; });
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (said.empty() && std::chrono::steady_clock::now() < deadline) {
            time().run_for(milliseconds(0));
            std::this_thread::yield();
        }
        return json::parse(said);
    }
    /// The oscillator plays on through so many seconds.
    void run_with_tone(double hz, double dbfs, double duration_s) {
        std::vector<std::int32_t> frames(2 * static_cast<std::size_t>(duration_s * kRate_hz));
        for (std::size_t n = 0; n < frames.size() / 2; ++n) {
            const double value = std::pow(10.0, dbfs / 20.0) *
                                 std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(sent_++) / kRate_hz);
            frames[2 * n] = frames[2 * n + 1] = static_cast<std::int32_t>(std::lround(2147483647.0 * value));
        }
        std::span<const std::int32_t> rest = frames;
        rest = rest.subspan(2 * engine_.queue_write(rest));
        EXPECT_TRUE(rest.empty()) << "the queue holds five seconds";
        engine_.start_playing();
        time().run_for(milliseconds(std::lround(1000.0 * duration_s)));
    }

    Folder folder_; // before and after everything that writes into it
    Config config_ = config_in(folder_.path);
    rig::LosableBackEnds back_ends_;
    transport::Transport transport_{back_ends_.timeline(), back_ends_.deck(), back_ends_.adjust(),
                                    transport_config(config_)};
    audio::BlockEngine engine_{back_ends_.pcm(), back_ends_.engine_config()};
    Worker worker_;
    Notices notices_;
    JobRunner runner_{back_ends_.timeline(),
                      {.make_safe = [this] { transport_.stop(); }, .where = {}, .event = {}, .keep = {}, .ended = {}}};
    TransportDesk desk_{{.config = config_,
                         .back_ends = back_ends_,
                         .transport = transport_,
                         .worker = worker_,
                         .notices = notices_,
                         .cues = {}}};
    CommandRegistry registry_;
    Supervisor supervisor_{{back_ends_.timeline(), transport_, back_ends_, engine_, runner_, config_.deck.profile},
                           [] {}};
    AnalyserLink link_{{.config = config_,
                        .timeline = back_ends_.timeline(),
                        .engine = engine_,
                        .transport = transport_,
                        .desk = desk_,
                        .supervisor = supervisor_}};
    std::unique_ptr<PeriodicTimer> tick_;
    std::int64_t sent_ = 0;
};

/// One speed serves both heads, 35.1 mm apart: a swing of p at f is heard as 2 p sin(pi f 35.1 mm / speed). What the
/// deck swings by is deck-sim/settings.hpp: the capstan 0.012 % at 12 Hz, the tape roller 0.006 % at 3 Hz.
TEST_F(AnalyserLinkTest, a_recorded_tone_is_told_with_what_the_deck_does_to_it) {
    time().run_for(milliseconds(2000));
    EXPECT_EQ(analysis().at("signal"), "noise");
    EXPECT_TRUE(analysis().at("rotating_parts").as_array().empty()) << "nothing turns";
    ASSERT_FALSE(transport_.play().denied());
    ASSERT_TRUE(until([&] { return transport_.state().current == Motion::Playing; }, milliseconds(5000)));
    ASSERT_FALSE(transport_.arm().denied());
    ASSERT_FALSE(transport_.record().denied());
    ASSERT_TRUE(until([&] { return transport_.state().current == Motion::Recording; }, milliseconds(1000)));
    json::value it;
    for (int i = 0; i < 6; ++i) {
        run_with_tone(3150.0, config_.audio.levels.play_dbfs_at_operating_level, 2.5);
        it = analysis();
    }
    EXPECT_EQ(it.at("lost_frames").to_number<std::int64_t>(), 0);
    EXPECT_EQ(it.at("signal"), "tone");
    // 20 ppm between the crystals of the converters
    EXPECT_NEAR(it.at("tone").at("frequency").at("value").at(0).to_number<double>(), 3150.063, 0.3);
    for (const std::size_t channel : {0U, 1U}) {
        EXPECT_NEAR(it.at("tone").at("level_re_operating").at("value").at(channel).to_number<double>(), 0.0, 0.3);
    }
    // 4 mm x 0.00006 / 0.381 m/s, and weave of 0.0003 either way
    EXPECT_NEAR(it.at("stereo").at("azimuth").at("value").to_number<double>(), 0.63, 1.5);
    const double delay_s = 0.0351 / (15.0 * 0.0254 * 1.0004);
    const auto heard = [&](double peak_percent, double hz) {
        return std::abs(2.0 * peak_percent * std::sin(std::numbers::pi * hz * delay_s));
    };
    bool capstan = false, roller = false;
    for (const json::value& line : it.at("wow_flutter").at("lines").as_array()) {
        const double hz = line.at("frequency_hz").to_number<double>();
        const double percent = line.at("peak_percent").to_number<double>();
        if (line.at("part") == "capstan" && line.at("times_a_turn") == 1) {
            capstan = true;
            EXPECT_NEAR(hz, 12.0, 0.03);
            EXPECT_NEAR(percent, heard(0.012, 12.0), 0.1 * heard(0.012, 12.0));
        } else if (line.at("part") == "tape roller" && line.at("times_a_turn") == 1) {
            roller = true;
            EXPECT_NEAR(hz, 3.0, 0.03);
            EXPECT_NEAR(percent, heard(0.006, 3.0), 0.1 * heard(0.006, 3.0));
        }
    }
    EXPECT_TRUE(capstan && roller) << it.at("wow_flutter").at("lines");
    const auto turns = [&](const char* name) {
        for (const json::value& part : it.at("rotating_parts").as_array()) {
            if (part.at("name") == name) {
                return part.at("frequency_hz").to_number<double>();
            }
        }
        return 0.0;
    };
    // 750 m of 54.1 um on a hub of 57.15 mm are 127.5 mm: 0.476 turns a second
    EXPECT_NEAR(turns("supply reel"), 0.476, 0.005);
    EXPECT_NEAR(turns("take-up reel"), 15.0 * 0.0254 / (2.0 * std::numbers::pi * 0.0575), 0.03);
}

TEST_F(AnalyserLinkTest, a_lost_card_is_said_until_it_is_back) {
    time().run_for(milliseconds(2000));
    EXPECT_EQ(analysis().at("card").at("lost"), false);
    rig::LosableCard& card = back_ends_.losable_card();
    card.unplug();
    ASSERT_TRUE(until([&] { return supervisor_.card_lost(); }, milliseconds(5000)));
    json::value it = analysis();
    EXPECT_EQ(it.at("card").at("lost"), true);
    EXPECT_NE(std::string(it.at("card").at("problem").as_string()).find("hw:CARD=Test"), std::string::npos);
    EXPECT_TRUE(it.at("noise").is_null());
    card.plugged = true;
    ASSERT_TRUE(until([&] { return !supervisor_.card_lost(); }, milliseconds(60000)));
    time().run_for(milliseconds(2000));
    it = analysis();
    EXPECT_EQ(it.at("card").at("lost"), false);
    EXPECT_EQ(it.at("signal"), "noise");
    EXPECT_LT(it.at("held_s").to_number<double>(), 2.5) << "nothing from before the gap";
}

} // namespace
} // namespace overbias::controller
