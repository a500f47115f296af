// SPDX-License-Identifier: Apache-2.0
// The direct drive with its simulated machine: driver, serial line at its real pace, controllers, reels, tape; and a
// host that can stall, so that timers, bytes and heartbeat of the driver's side come late while the machine goes on.
#pragma once

#include "base/async/simulated_timeline.hpp"
#include "deck-sim/direct-drive/drive_ports.hpp"
#include "deck-sim/faces/serial_pair.hpp"
#include "deck-sim/faces/vesc_face.hpp"
#include "transport/drivers/direct_drive.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::transport::drive_rig {

inline constexpr double kGf_n = 9.80665e-3;

/// The driver's time: that of the machine, but during a stall nothing is called.
class HostTimeline final : public Timeline {
  public:
    explicit HostTimeline(Timeline& real) : real_(real) {}
    [[nodiscard]] DeckTime now() const noexcept override { return real_.now(); }
    [[nodiscard]] bool simulated() const noexcept override { return true; }
    TimerId call_at(DeckTime when, Callback callback) override {
        const TimerId id = ++last_;
        arm(id, when, std::move(callback));
        return id;
    }
    void cancel(TimerId timer) noexcept override {
        if (const auto found = timers_.find(timer); found != timers_.end()) {
            real_.cancel(found->second);
            timers_.erase(found);
        }
    }
    void post(Callback callback) override { real_.post(std::move(callback)); }
    void stall_for(double time_s) { until_ = real_.now() + deck_seconds(time_s); }
    [[nodiscard]] bool stalled() const { return real_.now() < until_; }
    [[nodiscard]] DeckTime until() const { return until_; }

  private:
    void arm(TimerId id, DeckTime when, Callback callback) {
        timers_[id] = real_.call_at(when, [this, id, call = std::move(callback)]() mutable {
            if (stalled()) {
                arm(id, until_, std::move(call));
                return;
            }
            timers_.erase(id);
            call();
        });
    }
    Timeline& real_;
    std::map<TimerId, TimerId> timers_;
    TimerId last_ = 0;
    DeckTime until_{};
};

/// The driver's end of a line as a stalling host reads it: late, all at once, losing nothing.
class HostLink final : public SerialLink {
  public:
    HostLink(HostTimeline& host, SerialLink& line) : host_(host), line_(line) {
        line_.on_bytes([this](std::span<const std::uint8_t> bytes, bool, DeckTime) {
            waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
            if (!host_.stalled()) {
                hand_out();
            } else if (timer_ == 0) {
                timer_ = host_.call_at(host_.until(), [this] {
                    timer_ = 0;
                    hand_out();
                });
            }
        });
    }
    ~HostLink() override { line_.on_bytes({}); }
    Result<void> send(std::span<const std::uint8_t> bytes) override { return line_.send(bytes); }
    void on_bytes(std::function<void(std::span<const std::uint8_t>, bool, DeckTime)> listener) override {
        listener_ = std::move(listener);
    }
    void on_state(std::function<void()> listener) override { line_.on_state(std::move(listener)); }
    [[nodiscard]] bool is_up() const noexcept override { return line_.is_up(); }
    [[nodiscard]] std::string problem() const override { return line_.problem(); }
    [[nodiscard]] std::string name() const override { return line_.name(); }

  private:
    void hand_out() {
        const std::vector<std::uint8_t> bytes = std::exchange(waiting_, {});
        if (listener_ && !bytes.empty()) {
            listener_(bytes, false, host_.now());
        }
    }
    HostTimeline& host_;
    SerialLink& line_;
    std::function<void(std::span<const std::uint8_t>, bool, DeckTime)> listener_;
    std::vector<std::uint8_t> waiting_;
    Timeline::TimerId timer_ = 0;
};

struct RigOptions {
    double start_place_m = 381.0; ///< of 762 m
    bool link_each = false;       ///< false: one link, two controllers behind it on CAN
    bool arms_read = true;
    bool capstan_line = false;
    double motor_error = 0.0; ///< share by which the real torque constants differ: supply up, take-up down
    double speed_ips = 15.0;
    std::optional<double> acceleration_m_s2{}, wind_speed_m_s{};
    std::optional<deck_sim::Settings> tape{};
    deck_sim::DriveSettings machine{};
};

class Rig {
  public:
    explicit Rig(const RigOptions& options = {})
        : options_(options), deck_(timeline_, settings_of(options), machine_of(options)) {
        deck_sim::DriveMachine& machine = deck_.machine();
        using Motor = deck_sim::DriveMachine::Motor;
        using Controller = deck_sim::VescFace::Controller;
        Controller supply{.id = 11, .motor = &machine.controller(Motor::Supply)};
        Controller take_up{.id = 12, .motor = &machine.controller(Motor::TakeUp)};
        const Controller capstan{.id = 13, .motor = &machine.controller(Motor::Capstan)};
        supply.input_1_v = [this] { return deck_.machine().web().supply_arm_v(); };
        (options.link_each ? take_up : supply).input_2_v = [this] { return deck_.machine().web().take_up_arm_v(); };
        if (options.link_each) {
            add_link({supply});
            add_link({take_up});
            add_link({capstan});
        } else {
            add_link({supply, take_up, capstan});
        }
        heartbeat_.emplace(host_, std::chrono::milliseconds(25), [this] {
            beat_ = !beat_;
            deck_.lines().set(*deck_.lines().find_output("heartbeat"), beat_);
        });
        std::vector<SerialLink*> links;
        for (const auto& link : host_links_) {
            links.push_back(link.get());
        }
        driver_.emplace(host_, links, deck_.lines(), deck_, config(options),
                        [this](const std::string& text) { report_ = text; });
        run(0.5);
    }

    static DirectDriveConfig config(const RigOptions& options) {
        DirectDriveConfig config;
        config.supply = {.link = 0, .controller_id = 11, .torque_n_m_per_a = 0.1, .most_current_a = 15.0};
        config.take_up = config.supply;
        config.take_up.controller_id = 12;
        DirectDriveMotor capstan{.link = 0, .controller_id = 13, .torque_n_m_per_a = 0.05, .most_current_a = 15.0};
        if (options.link_each) {
            config.take_up.link = 1;
            capstan.link = 2;
            config.baud = {115200, 115200, 115200};
        } else {
            config.take_up.over_can = capstan.over_can = true;
        }
        if (options.capstan_line) {
            config.capstan_line = "capstan";
        } else {
            config.capstan = capstan;
            config.capstan_circumference_m = 0.02513;
        }
        if (options.arms_read) {
            // as an owner measures it: 0.25 N at 0.4 V, 22 N a metre over 50 mm and 2.4 V
            config.supply_arm = {
                .link = 0, .input = 1, .zero_v = -0.1455, .newtons_per_volt = 0.4583, .fallen_n = 0.25};
            config.take_up_arm = config.supply_arm;
            config.take_up_arm->input = 2;
            config.take_up_arm->link = options.link_each ? 1 : 0;
        }
        if (!options.arms_read) { // as check() demands
            config.acceleration_m_s2 = config.deceleration_m_s2 = 0.8;
        }
        config.record_tally = "tally_record";
        config.tape_out_input = options.arms_read ? "" : "tape_out";
        config.controller_timeout_s = 0.15;
        config.timeout_brake_current_a = 0.5;
        config.spring_differential_brakes = true;
        config.heartbeat_cuts_solenoids = true;
        config.edges_per_metre = 16.0 / 0.0254;
        config.bearing_friction_n_m = 0.004;
        config.speeds_ips = {options.speed_ips, options.speed_ips == 15.0 ? 30.0 : 15.0};
        if (options.acceleration_m_s2) {
            config.acceleration_m_s2 = config.deceleration_m_s2 = *options.acceleration_m_s2;
        }
        if (options.tape) { // as the owner enters another tape
            config.tape_thickness_m = options.tape->tape_thickness_m;
            config.tape_kg_per_m = options.tape->tape_thickness_m * 0.246 * 0.0254 * 1740.0;
        }
        config.wind_speed_m_s = options.wind_speed_m_s.value_or(config.wind_speed_m_s);
        return config;
    }

    void run(double time_s) { timeline_.run_for(deck_seconds(time_s)); }
    /// Seconds until `holds`, asked every millisecond; absent when it did not within `limit_s`.
    template <typename Holds>
    std::optional<double> time_until(Holds holds, double limit_s) {
        for (int ms = 0; ms <= static_cast<int>(limit_s * 1000.0); ++ms) {
            if (holds()) {
                return ms / 1000.0;
            }
            run(0.001);
        }
        return std::nullopt;
    }
    [[nodiscard]] DirectDrive& driver() { return *driver_; }
    void drop_driver() { driver_.reset(); }
    [[nodiscard]] deck_sim::DriveMachine& machine() { return deck_.machine(); }
    [[nodiscard]] deck_sim::DriveDeck& deck() { return deck_; }
    [[nodiscard]] const deck_sim::TapeWeb& web() { return deck_.machine().web(); }
    [[nodiscard]] deck_sim::SerialPair& line(std::size_t index = 0) { return *pairs_.at(index); }
    [[nodiscard]] deck_sim::VescFace& face(std::size_t index = 0) { return *faces_.at(index); }
    [[nodiscard]] HostTimeline& host() { return host_; }
    [[nodiscard]] SimulatedTimeline& timeline() { return timeline_; }
    [[nodiscard]] const std::string& report() const { return report_; }
    [[nodiscard]] double speed() { return web().speed_m_s(); }
    void stop_heartbeat() { heartbeat_.reset(); }
    void fresh_log() { machine().tension() = {}; }
    [[nodiscard]] bool brakes_hold() { return machine().supply_brake_holds() && machine().take_up_brake_holds(); }

  private:
    static deck_sim::Settings settings_of(const RigOptions& options) {
        deck_sim::Settings settings = options.tape.value_or(deck_sim::Settings{});
        settings.start_place_m = options.start_place_m;
        settings.play_speed_ips = options.speed_ips;
        return settings;
    }
    static deck_sim::DriveSettings machine_of(const RigOptions& options) {
        deck_sim::DriveSettings machine = options.machine;
        machine.supply.torque_n_m_per_a *= 1.0 + options.motor_error;
        machine.take_up.torque_n_m_per_a *= 1.0 - options.motor_error;
        machine.capstan_on_controller = !options.capstan_line;
        return machine;
    }
    void add_link(std::vector<deck_sim::VescFace::Controller> controllers) {
        SerialSettings settings;
        settings.device = "controller " + std::to_string(pairs_.size());
        settings.baud = 115200;
        pairs_.push_back(std::make_unique<deck_sim::SerialPair>(timeline_, settings));
        deck_sim::SerialPair& pair = *pairs_.back();
        faces_.push_back(std::make_unique<deck_sim::VescFace>(
            timeline_, std::move(controllers), [&pair](std::span<const std::uint8_t> bytes) { pair.send(bytes); }));
        deck_sim::VescFace& face = *faces_.back();
        pair.on_bytes([&face](std::span<const std::uint8_t> bytes, bool) { face.receive(bytes); });
        host_links_.push_back(std::make_unique<HostLink>(host_, pair.link()));
    }

    RigOptions options_;
    SimulatedTimeline timeline_;
    HostTimeline host_{timeline_};
    deck_sim::DriveDeck deck_;
    std::vector<std::unique_ptr<deck_sim::SerialPair>> pairs_;
    std::vector<std::unique_ptr<deck_sim::VescFace>> faces_;
    std::vector<std::unique_ptr<HostLink>> host_links_;
    std::optional<PeriodicTimer> heartbeat_;
    bool beat_ = false;
    std::string report_;
    std::optional<DirectDrive> driver_;
};

inline void press_ok(Rig& rig, Key key) {
    const Result<void> done = rig.driver().press(key);
    ASSERT_TRUE(done.ok()) << done.error().message;
}

inline void wind(Rig& rig, Key key = Key::FastForward) {
    press_ok(rig, key);
    rig.run(3.5);
    ASSERT_GT(std::abs(rig.speed()), 9.0);
}

inline void play(Rig& rig) {
    press_ok(rig, Key::Play);
    ASSERT_TRUE(rig.time_until([&] { return rig.driver().tallies().play.value(); }, 2.0));
}

} // namespace overbias::transport::drive_rig
