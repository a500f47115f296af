// SPDX-License-Identifier: Apache-2.0
#include "property_life.hpp"

#include <array>
#include <cmath>
#include <sstream>
#include <utility>

namespace overbias::transport::property {

namespace {

sim::Settings settings_of(Dice& dice) {
    sim::Settings settings;
    settings.tape_length_m = dice.chance(0.5) ? dice.real(30.0, 80.0) : 500.0;
    settings.start_place_m = dice.real(0.1, 0.9) * settings.tape_length_m;
    settings.speeds_ips = {15.0, 30.0};
    settings.seed = dice.next();
    return settings;
}

std::vector<sim::Fault> faults_of(Dice& dice, std::optional<double>& breaks_at_s) {
    if (!dice.chance(0.15)) {
        return {};
    }
    breaks_at_s = dice.real(2.0, 60.0);
    sim::Fault torn;
    torn.kind = sim::FaultKind::TapeBreak;
    torn.at = {sim::FaultPlace::Scale::Time, *breaks_at_s};
    return {torn};
}

ParallelRemoteConfig remote_config(bool lamps) {
    ParallelRemoteConfig config;
    config.edit = {"edit"};
    config.library_wind = "library";
    config.lifter_defeat = "lifters";
    config.thread = "thread";
    config.ready = {"ready_1", "ready_2"};
    config.speeds = {{15.0, {}}, {30.0, {"speed_high"}}};
    if (!lamps) {
        config.tally_stop = config.tally_play = config.tally_record = "";
        config.tally_fast_forward = config.tally_rewind = "";
    }
    return config;
}

} // namespace

Life::Life(std::uint64_t seed, Coverage& coverage)
    : dice_(seed), coverage_(coverage), kind_(static_cast<Kind>(std::array{0, 0, 1, 2, 2, 2}[dice_.next() % 6])),
      settings_(settings_of(dice_)), plant_(settings_, faults_of(dice_, breaks_at_s_)),
      rules_(plant_, timeline_, [this] { return transport_ ? &state_ : nullptr; }) {
    rules_.breaks_at_s = breaks_at_s_;
    rules_.has_tallies = kind_ != Kind::NoLamps;
    rules_.linked = kind_ == Kind::Linked;
    const auto watcher = [this](Press press) { rules_.touched(press); };
    if (kind_ == Kind::Linked) {
        linked_ = std::make_unique<LinkedDeck>(plant_, watcher);
    } else {
        lines_ = std::make_unique<SocketLines>(plant_, timeline_, watcher);
        remote_ = std::make_unique<ParallelRemote>(timeline_, *lines_, &tach_, remote_config(kind_ == Kind::Lamps));
    }
    config_.proof_by_tally = kind_ != Kind::NoLamps;
    config_.tape_length_m = settings_.tape_length_m;
    config_.still_timeout_s = 20.0;
    start();
}

Life::~Life() {
    rules_.off = true;
    transport_.reset();
    coverage_.recordings += rules_.recordings;
    coverage_.hand_recordings += rules_.hand_recordings;
    coverage_.edges += std::abs(plant_.mechanics.roller().edges());
    for (std::size_t i = 0; i < rules_.touches.size(); ++i) {
        coverage_.counts["touch " + std::to_string(i)] += rules_.touches[i];
    }
}

std::string Life::run(int actions) {
    for (int i = 0; i < actions && rules_.violation().empty(); ++i) {
        act();
        const double pick = dice_.real(0.0, 1.0);
        pass(pick < 0.70 ? dice_.below(60) : (pick < 0.96 ? dice_.below(900) : dice_.below(5000)));
    }
    if (rules_.violation().empty()) {
        return {};
    }
    std::ostringstream out;
    out << rules_.violation() << " at " << seconds(timeline_.now()) << " s, deck kind " << static_cast<int>(kind_)
        << "; before:";
    for (const std::string& line : log_) {
        out << "\n  " << line;
    }
    return out.str();
}

void Life::start() {
    config_.play_speed_ips = plant_.mechanics.selected_speed_ips();
    rules_.forget_wants();
    transport_ = std::make_unique<Transport>(timeline_, deck(), adjust_, config_);
    state_ = transport_->state();
    transport_->on_transition([this](const MachineState& state) { state_ = state; });
    transport_->on_fault([this](const std::string& message) {
        rules_.forget_wants();
        note("told: " + message.substr(0, 60));
    });
}

void Life::pass(int milliseconds) {
    for (int i = 0; i < milliseconds && rules_.violation().empty(); ++i) {
        timeline_.run_for(std::chrono::milliseconds(1));
        plant_.step(timeline_.now());
        if (lines_) {
            lines_->deliver();
            if (lines_->most_motion_contacts > 1) {
                rules_.fail("two motion contacts at once");
            }
            if (lines_->record_alone) {
                rules_.fail("RECORD's contact closed without PLAY's");
            }
        } else {
            linked_->step(timeline_.now());
        }
        rules_.look();
    }
    ++coverage_.counts[std::string(name_of(state_.current))];
}

void Life::note(const std::string& what) {
    std::ostringstream line;
    line << seconds(timeline_.now()) << " s: " << what << " [" << name_of(state_.current) << ", " << plant_.speed()
         << " m/s]";
    log_.push_back(line.str());
    if (log_.size() > 25) {
        log_.pop_front();
    }
}

void Life::command(const std::string& name, std::optional<Press> wants, const std::function<CommandResult()>& give) {
    note(name);
    rules_.offer = wants;
    const CommandResult result = give();
    const bool needs_reason = result.status == CommandStatus::Denied || result.status == CommandStatus::Deferred;
    if (result.reason.empty() == needs_reason) {
        rules_.fail(name + " was answered without the reason it owes, or with one it does not");
    }
    const bool goes = result.status == CommandStatus::Accepted || result.status == CommandStatus::Deferred;
    rules_.answered(goes, result.status == CommandStatus::Accepted);
    ++coverage_.counts[name + (goes ? " goes" : " does not")];
    log_.back() += goes ? " goes" : " no: " + result.reason.substr(0, 60);
}

} // namespace overbias::transport::property
