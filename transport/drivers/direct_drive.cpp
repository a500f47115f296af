// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/direct_drive.hpp"

#include "base/units.hpp"
#include "transport/drivers/direct_drive_impl.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace overbias::transport {

namespace {

constexpr double kShuttleLeast_m_s = 0.02;

const DirectDriveConfig& checked(const DirectDriveConfig& config, const std::vector<SerialLink*>& links) {
    config.check(static_cast<int>(links.size()));
    return config;
}

std::string figure(const char* format, double value) {
    char text[60];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

} // namespace

DirectDrive::Impl::Impl(Timeline& timeline, std::vector<SerialLink*> links, Lines& lines, Tach& tach,
                        const DirectDriveConfig& config, const std::function<void(const std::string&)>& report)
    : tach_(tach), timeline_(timeline), lines_(lines), config_(checked(config, links)),
      motors_(timeline, links, config_), supply_(DirectDriveReel::Which::Supply, config_),
      take_up_(DirectDriveReel::Which::TakeUp, config_), since_(timeline.now()), speed_ips_(config_.speeds_ips.front()),
      lifters_since_(timeline.now()), roller_moved_(timeline.now()), last_tick_(timeline.now()), moved_(timeline.now()),
      problem_at_(timeline.now()), timer_(timeline, deck_seconds(config_.tick_s), [this] { tick(); }) {
    find_lines();
    lines_.on_edge([this](const LineEdge& line_edge) { edge(line_edge); });
    DeckCapabilities& can = capabilities_;
    can.kind = "direct-drive";
    can.tallies = true;
    can.tach = true;
    can.senses_motion_itself = true;
    can.made_safe_by = "the record line off, a stop by the motors, then the brakes; without us the controllers' own "
                       "timeout brakes both reels";
    can.made_safe_by +=
        config_.heartbeat_cuts_solenoids ? ", and the dropped heartbeat lets the spring brakes act" : "";
    can.heartbeat_contact = config_.heartbeat_cuts_solenoids;
    can.link = true;
    can.shuttle = true;
    can.slowest_shuttle_m_s = config_.slowest_shuttle_m_s;
    can.fastest_shuttle_m_s = config_.wind_speed_m_s;
    can.library_wind = true;
    can.edit = true;
    can.lifter_defeat = true;
    can.speeds_ips = config_.speeds_ips;
    can.thread_tension = true;
    told_ = show();
    told_link_ = link();
    if (report) {
        report(motors_.budget());
    }
}

DirectDrive::Impl::~Impl() {
    lines_.on_edge({});
    record_off();
    for (Output* output : {&pinch_, &capstan_line_, &lifters_, &brake_supply_, &brake_take_up_}) {
        set(*output, false);
    }
    for (const DriveMotor motor : {DriveMotor::Supply, DriveMotor::TakeUp, DriveMotor::Capstan}) {
        motors_.brake(motor, config_.timeout_brake_current_a);
    }
    motors_.send();
}

void DirectDrive::Impl::find_lines() {
    std::string missing;
    const auto output = [&](const std::string& name, const char* key, bool required, Output& to) {
        if (name.empty()) {
            missing += required ? std::string("\n  ") + key + ": no name given" : "";
            return;
        }
        if (const Result<LineId> found = lines_.find_output(name)) {
            to.line = *found;
            lines_.set(*found, false);
        } else {
            missing += std::string("\n  ") + key + ": " + found.error().message;
        }
    };
    const auto input = [&](const std::string& name, const char* key, std::optional<LineId>& to) {
        if (name.empty()) {
            return;
        }
        if (const Result<LineId> found = lines_.find_input(name)) {
            to = *found;
        } else {
            missing += std::string("\n  ") + key + ": " + found.error().message;
        }
    };
    output(config_.record_line, "record_line", false, record_);
    output(config_.brake_supply_line, "brake_supply_line", true, brake_supply_);
    output(config_.brake_take_up_line, "brake_take_up_line", true, brake_take_up_);
    output(config_.pinch_line, "pinch_line", true, pinch_);
    output(config_.lifters_line, "lifters_line", true, lifters_);
    output(config_.capstan_line, "capstan_line", false, capstan_line_);
    input(config_.record_tally, "record_tally", record_tally_);
    input(config_.tape_out_input, "tape_out_input", tape_out_line_);
    if (!missing.empty()) {
        throw std::invalid_argument("direct drive: these lines are not there; correct the names:" + missing);
    }
}

void DirectDrive::Impl::set(Output& output, bool active) {
    if (output.line && output.active != active) {
        output.active = active;
        lines_.set(*output.line, active);
    }
}

void DirectDrive::Impl::edge(const LineEdge& line_edge) {
    if (record_tally_ == line_edge.line || tape_out_line_ == line_edge.line) {
        tell();
    }
}

Tallies DirectDrive::Impl::show() const {
    Tallies out;
    out.stop = phase_ == Phase::Braked && still_ && goal_ == Goal::Stop;
    const double off = roller_m_s_ / play_m_s() - 1.0;
    // one edge more or less in a tick is several percent of a coarse tach: once lit it takes more to go out
    const double within = told_.play.value_or(false) ? 0.2 : 0.1;
    out.play = phase_ == Phase::Capstan && goal_ == Goal::Play && ramp_.speed_m_s() == play_m_s() &&
               std::abs(off) < within && !tape_out_;
    const bool wind = goal_ == Goal::Wind && (phase_ == Phase::Servo || phase_ == Phase::Releasing);
    out.fast_forward = wind && goal_m_s_ > 0.0;
    out.rewind = wind && goal_m_s_ < 0.0;
    if (record_tally_) {
        out.record = lines_.get(*record_tally_);
    }
    out.tape_out = tape_out_ || (tape_out_line_ && lines_.get(*tape_out_line_));
    if (!tape_out_line_ && !config_.supply_arm) {
        out.tape_out.reset();
    }
    out.still = still_;
    return out;
}

void DirectDrive::Impl::tell() {
    const Tallies now = show();
    const LinkState way = link();
    if (now == told_ && way == told_link_) {
        return;
    }
    told_ = now;
    told_link_ = way;
    if (const auto to = listener_) {
        to();
    }
}

Result<void> DirectDrive::Impl::want(Goal goal, double speed_m_s) {
    if (goal != Goal::Stop && !problem_.empty()) {
        return Error{"direct drive: " + problem_ + "; then press stop"};
    }
    const bool out = told_.tape_out.value_or(false);
    if (out && goal != Goal::Stop && goal != Goal::Thread) {
        return Error{"direct drive: there is no tape in the path: thread it first"};
    }
    if (goal != Goal::Play) {
        record_off();
    }
    if (goal == Goal::Stop) {
        acknowledged_ = true;
    }
    goal_ = goal;
    goal_m_s_ = speed_m_s;
    set_lifters();
    tell();
    return {};
}

Result<void> DirectDrive::Impl::press(Key key) {
    switch (key) {
    case Key::Stop:
        return want(Goal::Stop);
    case Key::Play:
        return want(Goal::Play);
    case Key::FastForward:
        return want(Goal::Wind, config_.wind_speed_m_s);
    case Key::Rewind:
        return want(Goal::Wind, -config_.wind_speed_m_s);
    case Key::RecordExit:
        record_off();
        return {};
    case Key::Record:
        break;
    }
    if (!record_.line) {
        return Error{"direct drive: record_line is not configured: this machine can't be put into record by us"};
    }
    if (!told_.play.value_or(false) || !problem_.empty()) {
        return Error{"direct drive: record is possible only while the capstan moves the tape at play speed"};
    }
    set(record_, true);
    return {};
}

Result<void> DirectDrive::Impl::select_speed(double ips) {
    if (std::find(config_.speeds_ips.begin(), config_.speeds_ips.end(), ips) == config_.speeds_ips.end()) {
        return Error{"direct drive: speed " + figure("%g", ips) + " ips is not one of speeds_ips"};
    }
    if (!still_) {
        return Error{"direct drive: the speed is changed only while the tape is still: stop first"};
    }
    speed_ips_ = ips;
    return {};
}

Result<void> DirectDrive::Impl::defeat_lifters(bool on) {
    lifters_defeated_ = on;
    set_lifters();
    return {};
}

void DirectDrive::Impl::make_safe() noexcept {
    record_off();
    static_cast<void>(want(Goal::Stop).ok());
}

DeckTime DirectDrive::Impl::busy_until() const noexcept {
    if (phase_ == Phase::Braked) {
        return DeckTime::min();
    }
    const double stop_s = std::abs(rims_m_s()) / config_.deceleration_m_s2 + 2.0 * config_.acceleration_time_s;
    return timeline_.now() +
           deck_seconds(stop_s + config_.pinch_travel_s + play_m_s() / config_.capstan_deceleration_m_s2 +
                        config_.controller_timeout_s + config_.brake_stagger_s + config_.brake_travel_s + 0.3);
}

double DirectDrive::Impl::play_m_s() const {
    return speed_ips_ * kMetresPerInch;
}

ReelReading DirectDrive::Impl::reels() const {
    ReelReading out;
    const auto& supply = motors_.feedback(DriveMotor::Supply);
    const auto& take_up = motors_.feedback(DriveMotor::TakeUp);
    if (supply.at && take_up.at) {
        out.supply_rad_s = supply.turn_rad_s;
        out.take_up_rad_s = take_up.turn_rad_s;
        out.at = std::min(*supply.at, *take_up.at);
    }
    out.supply_tension_n = supply_.tension_n();
    out.take_up_tension_n = take_up_.tension_n();
    if (!config_.supply_arm && phase_ == Phase::Capstan) {
        // by the currents: good only while nothing is accelerated
        out.supply_tension_n = -motors_.asked_torque_n_m(DriveMotor::Supply) / supply_.radius_m();
        out.take_up_tension_n = motors_.asked_torque_n_m(DriveMotor::TakeUp) / take_up_.radius_m();
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> DirectDrive::Impl::details() const {
    std::vector<std::pair<std::string, std::string>> out;
    const auto reel = [&](const char* name, const DirectDriveReel& one, DriveMotor motor) {
        const auto& back = motors_.feedback(motor);
        out.emplace_back(std::string(name) + " radius", one.radius_known() ? figure("%.1f mm", one.radius_m() * 1e3)
                                                                           : "not known before the tape has moved");
        out.emplace_back(std::string(name) + " motor", figure("%.2f A", back.current_a));
        if (one.tension_n()) {
            out.emplace_back(std::string(name) + " tension", figure("%.0f gf", *one.tension_n() / 9.80665e-3));
        }
    };
    reel("supply", supply_, DriveMotor::Supply);
    reel("take-up", take_up_, DriveMotor::TakeUp);
    out.emplace_back("tension", config_.supply_arm ? "by the arms" : "estimated from the motors' currents");
    if (!problem_.empty()) {
        out.emplace_back("halted", problem_);
    }
    return out;
}

// --- the face of it

DirectDrive::DirectDrive(Timeline& timeline, std::vector<SerialLink*> links, Lines& lines, Tach& tach,
                         const DirectDriveConfig& config, const std::function<void(const std::string&)>& report)
    : impl_(std::make_unique<Impl>(timeline, std::move(links), lines, tach, config, report)) {
}

DirectDrive::~DirectDrive() = default;

const DeckCapabilities& DirectDrive::capabilities() const noexcept {
    return impl_->capabilities_;
}
Result<void> DirectDrive::press(Key key) {
    return impl_->press(key);
}
Tallies DirectDrive::tallies() const {
    return impl_->show();
}
TachReading DirectDrive::tach() {
    return impl_->tach_.read();
}
void DirectDrive::on_change(std::function<void()> listener) {
    impl_->listener_ = std::move(listener);
}
void DirectDrive::make_safe() noexcept {
    impl_->make_safe();
}
DeckTime DirectDrive::busy_until() const noexcept {
    return impl_->busy_until();
}
Result<void> DirectDrive::shuttle(double speed_m_s) {
    if (!std::isfinite(speed_m_s)) {
        return Error{"direct drive: shuttle: the speed is no number"};
    }
    const double most = impl_->config_.wind_speed_m_s;
    const bool hold = std::abs(speed_m_s) < kShuttleLeast_m_s;
    return impl_->want(Impl::Goal::Shuttle, hold ? 0.0 : std::clamp(speed_m_s, -most, most));
}
Result<void> DirectDrive::library_wind(Direction direction) {
    const double speed_m_s = impl_->config_.library_wind_m_s;
    return impl_->want(Impl::Goal::Wind, direction == Direction::Forward ? speed_m_s : -speed_m_s);
}
Result<void> DirectDrive::edit(bool on) {
    return impl_->want(on ? Impl::Goal::Edit : Impl::Goal::Stop);
}
Result<void> DirectDrive::defeat_lifters(bool on) {
    return impl_->defeat_lifters(on);
}
Result<void> DirectDrive::select_speed(double ips) {
    return impl_->select_speed(ips);
}
Result<void> DirectDrive::thread_tension(bool on) {
    return impl_->want(on ? Impl::Goal::Thread : Impl::Goal::Stop);
}
ReelReading DirectDrive::reels() {
    return impl_->reels();
}
LinkState DirectDrive::link() const {
    return impl_->link();
}
std::vector<std::pair<std::string, std::string>> DirectDrive::details() const {
    return impl_->details();
}
void DirectDrive::trace(SerialTrace listener) {
    impl_->motors_.trace(std::move(listener));
}
std::string DirectDrive::wire_budget() const {
    return impl_->motors_.budget();
}

} // namespace overbias::transport
