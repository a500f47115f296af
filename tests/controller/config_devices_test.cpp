// SPDX-License-Identifier: Apache-2.0
// Card, GPIO lines, tach and panel in the configuration.
#include "controller/config.hpp"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using audio::ChannelRole;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kDeckAndTape = "[deck]\nprofile = \"generic-parallel\"\nrecord_to_reproduce_mm = 32.6\n"
                                 "[tape]\nstock = \"generic-2500ft\"\nspeed_ips = 15\nequalisation = \"NAB\"\n"
                                 "operating_level_nwb_per_m = 355\noperating_level_school = \"ANSI\"\n"
                                 "[audio]\nplay_dbfs_at_operating_level = -16\ncapture_dbfs_at_operating_level = -15\n";
const std::string kCard = "playback_device = \"hw:CARD=Out,DEV=0\"\ncapture_device = \"hw:CARD=In,DEV=1\"\n";

Config read_devices(const std::string& more, const std::string& card = kCard) {
    auto config = parse_config(kDeckAndTape + card + more, "c.toml", false);
    EXPECT_TRUE(config.ok()) << config.error().message;
    return config ? std::move(config).value() : Config{};
}

std::string device_complaint(const std::string& more, const std::string& card = kCard) {
    const auto config = parse_config(kDeckAndTape + card + more, "c.toml", false);
    return config ? "accepted" : config.error().message;
}

TEST(ConfigDevices, MonitorsAreTwoMorePlaybackChannels) {
    const Config none = read_devices("", kCard);
    EXPECT_TRUE(none.listening.monitor_channels.empty());
    EXPECT_FALSE(none.listening.browser);
    EXPECT_EQ(none.audio.playback_roles.size(), 2u);
    const Config config =
        read_devices("[listening]\nbrowser = true\nbrowser_listeners = 2\ndim_db = 12\n",
                     kCard + "playback_roles = [\"unused\", \"programme_out_left\", \"programme_out_right\"]\n"
                             "monitor_channels = [5, 1]\n");
    EXPECT_THAT(config.audio.playback_roles,
                ElementsAre(ChannelRole::MonitorOutRight, ChannelRole::ProgrammeOutLeft, ChannelRole::ProgrammeOutRight,
                            ChannelRole::Unused, ChannelRole::MonitorOutLeft));
    EXPECT_THAT(config.listening.monitor_channels, ElementsAre(5, 1));
    EXPECT_TRUE(config.listening.browser);
    EXPECT_EQ(config.listening.browser_listeners, 2);
    EXPECT_EQ(config.listening.dim_db, 12.0);
    EXPECT_THAT(device_complaint("", kCard + "monitor_channels = [2, 3]\n"),
                HasSubstr("channel 2, which audio.playback_roles gives to the deck"));
    for (const char* bad : {"[3]", "[3, 3]", "[3, 4.5]", "[3, 4, 5]"}) {
        EXPECT_THAT(device_complaint("", kCard + "monitor_channels = " + bad + "\n"),
                    HasSubstr("expected two different playback channels"))
            << bad;
    }
}

TEST(ConfigDevices, ACardIsReadWhole) {
    const Config config =
        read_devices("[audio.mixer]\ncard = \"hw:CARD=Out\"\n"
                     "[[audio.mixer.control]]\nname = \"Gain\"\nindex = 3\nvalue = 17\n"
                     "[[audio.mixer.control]]\nname = \"Phantom\"\nvalue = false\n"
                     "[[audio.mixer.control]]\nname = \"Clock\"\nvalue = \"Word\"\n",
                     kCard + "sample_rate_hz = 96000\nperiod_frames = 512\nbuffer_frames = 8192\n"
                             "playback_roles = [\"unused\", \"programme_out_right\", \"programme_out_left\"]\n"
                             "capture_roles = [\"tape_return_left\", \"tape_return_right\", \"bias\"]\n");
    EXPECT_EQ(config.audio.playback_device, "hw:CARD=Out,DEV=0");
    EXPECT_EQ(config.audio.capture_device, "hw:CARD=In,DEV=1");
    EXPECT_EQ(config.audio.capture_sample_rate_hz, 96000.0) << "as playback, when nothing is said";
    EXPECT_THAT(config.audio.playback_roles,
                ElementsAre(ChannelRole::Unused, ChannelRole::ProgrammeOutRight, ChannelRole::ProgrammeOutLeft));
    EXPECT_THAT(config.audio.capture_roles,
                ElementsAre(ChannelRole::TapeReturnLeft, ChannelRole::TapeReturnRight, ChannelRole::Bias));
    EXPECT_EQ(config.audio.period_frames, 512u);
    EXPECT_EQ(config.audio.buffer_frames, 8192u);
    EXPECT_FALSE(config.audio.shared_clock) << "two cards have two crystals";
    EXPECT_FALSE(config.audio.round_trip_frames.has_value()) << "it is to be measured";
    EXPECT_EQ(config.audio.mixer_card, "hw:CARD=Out");
    ASSERT_EQ(config.audio.mixer.size(), 3u);
    EXPECT_EQ(config.audio.mixer[0].name, "Gain");
    EXPECT_EQ(config.audio.mixer[0].index, 3u);
    EXPECT_EQ(std::get<long>(config.audio.mixer[0].value), 17);
    EXPECT_FALSE(std::get<bool>(config.audio.mixer[1].value));
    EXPECT_EQ(std::get<std::string>(config.audio.mixer[2].value), "Word");
}

TEST(ConfigDevices, DefaultsOfACard) {
    const Config config = read_devices("", "playback_device = \"hw:Deck,0\"\ncapture_device = \"hw:Deck,0\"\n"
                                           "sample_rate_hz = 96000\n");
    EXPECT_EQ(config.audio.period_frames, 480u) << "5 ms";
    EXPECT_TRUE(config.audio.shared_clock);
    EXPECT_THAT(config.audio.playback_roles,
                ElementsAre(ChannelRole::ProgrammeOutLeft, ChannelRole::ProgrammeOutRight));
    EXPECT_EQ(config.audio.capture_roles.size(), 4u);
}

TEST(ConfigDevices, MistakesOfACardAreNamed) {
    EXPECT_THAT(device_complaint("", "playback_device = \"default\"\ncapture_device = \"hw:1\"\n"),
                HasSubstr("c.toml:13: audio.playback_device: expected an ALSA device that starts with \"hw:\""));
    EXPECT_THAT(device_complaint("", kCard + "playback_roles = [\"programme_out_left\"]\n"),
                HasSubstr("expected exactly one channel to be \"programme_out_right\", got 0"));
    EXPECT_THAT(device_complaint("", kCard + "playback_roles = [\"tape_return_left\"]\n"),
                HasSubstr("expected words out of \"unused\", \"programme_out_left\", \"programme_out_right\", got "
                          "\"tape_return_left\""));
    EXPECT_THAT(device_complaint("", kCard + "period_frames = 1024\nbuffer_frames = 2048\n"),
                HasSubstr("expected at least four periods of 1024 frames, got 2048"));
    EXPECT_THAT(device_complaint("[[audio.mixer.control]]\nname = \"Gain\"\nvalue = 1\n"),
                HasSubstr("audio.mixer.card: expected the card"));
    EXPECT_THAT(
        device_complaint("[audio.mixer]\ncard = \"hw:0\"\n[[audio.mixer.control]]\nname = \"Gain\"\nvalue = 1.5\n"),
        HasSubstr("audio.mixer.control[0].value: expected true or false"));
}

TEST(ConfigDevices, LinesCarryTheProfilesNames) {
    const Config plain = read_devices("");
    ASSERT_EQ(plain.gpio.outputs.size(), 5u);
    EXPECT_EQ(plain.gpio.outputs[0].name, "stop");
    EXPECT_EQ(plain.gpio.outputs[0].line, "stop");
    EXPECT_EQ(plain.gpio.inputs.size(), 5u);
    EXPECT_FALSE(plain.gpio.tach.has_value());

    const Config config =
        read_devices("[gpio]\nchip = \"pinctrl\"\nheartbeat = \"BEAT\"\n"
                     "[gpio.outputs.record]\nline = \"GPIO27\"\nactive_low = true\ndrive = \"open_drain\"\n"
                     "[gpio.inputs.tally_record]\nline = \"GPIO13\"\nbias = \"pull_up\"\n");
    EXPECT_EQ(config.gpio.chip, "pinctrl");
    EXPECT_EQ(config.gpio.heartbeat, "BEAT");
    const auto& record = config.gpio.outputs[2];
    EXPECT_EQ(record.name, "record");
    EXPECT_EQ(record.line, "GPIO27");
    EXPECT_TRUE(record.active_low);
    EXPECT_EQ(record.drive, GpioLineSettings::Drive::OpenDrain);
    const auto& tally = config.gpio.inputs[2];
    EXPECT_EQ(tally.name, "tally_record");
    EXPECT_EQ(tally.bias, GpioLineSettings::Bias::PullUp);
    EXPECT_FALSE(tally.active_low);
}

TEST(ConfigDevices, MistakesOfLinesAreNamed) {
    EXPECT_THAT(device_complaint("[gpio.outputs.recrod]\nline = \"GPIO27\"\n"),
                HasSubstr("gpio.outputs.recrod: unknown key; did you mean \"record\"?"));
    EXPECT_THAT(device_complaint("[gpio.inputs.tally_play]\nbias = \"up\"\n"),
                HasSubstr("gpio.inputs.tally_play.bias"));
    EXPECT_THAT(device_complaint("[gpio.tach]\nkind = \"quadrature\"\na = \"A\"\n"),
                HasSubstr("gpio.tach.b: expected text"));
    EXPECT_THAT(device_complaint("[gpio.tach]\nkind = \"single\"\na = \"A\"\n"),
                HasSubstr("nothing says how many edges it gives a metre"));
}

class Profiles : public testing::Test {
  protected:
    Profiles() {
        std::string name = (fs::temp_directory_path() / "overbias-profile-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    ~Profiles() override { fs::remove_all(directory_); }
    /// generic-parallel with one line changed, as the file of its own that `deck.profile` may name.
    std::string changed(const std::string& from, const std::string& to) {
        const char* source = std::getenv("OVERBIAS_SOURCE_DIR");
        std::ifstream in(fs::path(source == nullptr ? "." : source) / "profiles/decks/generic-parallel.toml");
        std::string text{std::istreambuf_iterator<char>(in), {}};
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        std::ofstream(directory_ / "mine.toml") << text;
        std::string config = kDeckAndTape + kCard;
        config.replace(config.find("generic-parallel"), std::string("generic-parallel").size(),
                       (directory_ / "mine.toml").string());
        return config;
    }
    fs::path directory_;
};

TEST_F(Profiles, AHeartbeatContactNeedsItsLine) {
    const std::string text = changed("means = [\"stop_line\"]", "means = [\"heartbeat_contact\"]");
    const auto without = parse_config(text, "c.toml", false);
    ASSERT_FALSE(without.ok());
    EXPECT_THAT(without.error().message, HasSubstr("has a heartbeat contact: expected the name of its line"));
    EXPECT_TRUE(parse_config(text + "[gpio]\nheartbeat = \"BEAT\"\n", "c.toml", false).ok());
}

TEST_F(Profiles, ProofByTachNeedsATach) {
    const std::string text = changed("proof_of_play = \"tally\"", "proof_of_play = \"tach\"");
    std::string with_edges = text;
    with_edges.replace(with_edges.find("[tape]"), 6, "tach_edges_per_metre = 630\n[tape]");
    const auto without = parse_config(with_edges, "c.toml", false);
    ASSERT_FALSE(without.ok());
    EXPECT_THAT(without.error().message,
                HasSubstr("needs the tach (to prove play, or to steer its motors): expected the name of its line"));
    const auto with = parse_config(with_edges + "[gpio.tach]\na = \"A\"\n", "c.toml", false);
    ASSERT_TRUE(with.ok()) << with.error().message;
    ASSERT_TRUE(with->gpio.tach.has_value());
    EXPECT_EQ(with->gpio.tach->kind, GpioTachSettings::Kind::Single) << "the profile has one phase";
}

std::string of_profile(const std::string& name) {
    std::string text = kDeckAndTape + kCard;
    return text.replace(text.find("generic-parallel"), std::string("generic-parallel").size(), name);
}

TEST(ConfigDevices, ASerialDeckNeedsItsDevice) {
    for (const char* profile : {"simulated-nine-pin", "simulated-studer"}) {
        std::string text = of_profile(profile);
        text.replace(text.find("\"NAB\""), 5, "\"IEC1\"");
        const auto without = parse_config(text, "c.toml", false);
        ASSERT_FALSE(without.ok()) << profile;
        EXPECT_EQ(without.error().message, "c.toml: serial.device: profile \"" + std::string(profile) +
                                               "\" is reached over a serial line: expected the device's stable path "
                                               "(ls -l /dev/serial/by-id), got nothing");
        const auto with = parse_config(text + "[serial]\ndevice = \"/dev/serial/by-id/usb\"\naddress = 15\n"
                                              "host_latency_ms = 1\n",
                                       "c.toml", false);
        ASSERT_TRUE(with.ok()) << with.error().message;
        EXPECT_EQ(with->serial.device, "/dev/serial/by-id/usb");
        EXPECT_EQ(with->serial.address, 15);
        EXPECT_DOUBLE_EQ(with->serial.host_latency_s, 0.001);
        EXPECT_TRUE(parse_config(text, "c.toml", true).ok()) << "the simulated one has no device";
    }
    EXPECT_THAT(device_complaint("[serial]\ndevice = \"ttyUSB0\"\n"),
                HasSubstr("serial.device: expected the path of a device, like"));
    EXPECT_THAT(device_complaint("[serial]\naddress = 100\n"), HasSubstr("an integer from 0 to 99, got 100"));
}

TEST(ConfigDevices, AStuderWithoutATimerNeedsATachToProvePlay) {
    const auto without = parse_config(of_profile("studer-a820") + "[serial]\ndevice = \"/dev/s\"\n", "c.toml", false);
    ASSERT_FALSE(without.ok());
    EXPECT_THAT(without.error().message,
                HasSubstr("deck.tach_edges_per_metre: profile \"studer-a820\" proves play by"));
    EXPECT_THAT(without.error().message, HasSubstr("gpio.tach.a: profile \"studer-a820\" needs the tach"));
}

TEST(ConfigDevices, ADirectDriveNeedsItsTachAndItsHeartbeat) {
    std::string text = of_profile("simulated-direct-drive");
    text += "[serial]\ndevice = \"/dev/ttyAMA0\"\nmore_devices = [\"/dev/ttyAMA1\"]\n";
    const auto without = parse_config(text, "c.toml", false);
    ASSERT_FALSE(without.ok());
    EXPECT_THAT(without.error().message, HasSubstr("gpio.tach.a: profile \"simulated-direct-drive\" needs the tach"));
    EXPECT_THAT(without.error().message, HasSubstr("has a heartbeat contact: expected the name of its line"));
    const auto with = parse_config(text + "[gpio]\nheartbeat = \"BEAT\"\n[gpio.tach]\na = \"A\"\nb = \"B\"\n"
                                          "[gpio.outputs.brake_supply]\nline = \"GPIO5\"\n",
                                   "c.toml", false);
    ASSERT_TRUE(with.ok()) << with.error().message;
    EXPECT_THAT(with->serial.more_devices, ElementsAre("/dev/ttyAMA1"));
    EXPECT_EQ(with->gpio.outputs.front().line, "GPIO5");
}

TEST(ConfigDevices, TheSimulatedDeckNeedsNoneOfThem) {
    const auto config =
        parse_config("[gpio.outputs.stop]\nline = \"GPIO17\"\n[web]\nlisten = \"none\"\n", "c.toml", true);
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_TRUE(config->audio.playback_device.empty());
    EXPECT_FALSE(config->panel.on);
}

TEST(Listen, AddressesAreRead) {
    const auto panel = parse_listen("192.168.1.20:8080");
    ASSERT_TRUE(panel.ok());
    EXPECT_TRUE(panel->on);
    EXPECT_EQ(panel->address, "192.168.1.20");
    EXPECT_EQ(panel->port, 8080);
    EXPECT_EQ(parse_listen("[::1]:80")->address, "::1");
    EXPECT_FALSE(parse_listen("none")->on);
    for (const char* bad : {"8038", "localhost", ":8038", "::1:8038", "a:b", "a:70000", "a:80x", "[]:80"}) {
        EXPECT_FALSE(parse_listen(bad).ok()) << bad;
    }
    EXPECT_THAT(device_complaint("[web]\nlisten = \"8038\"\n"),
                HasSubstr("web.listen: expected an address and a port"));
}

} // namespace
} // namespace overbias::controller
