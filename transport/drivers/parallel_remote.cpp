// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/parallel_remote.hpp"

#include "transport/drivers/parallel_lines.hpp"
#include "transport/drivers/parallel_speeds.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace overbias::transport {

namespace {

constexpr double kLeastPulseSeconds = 0.050;
constexpr double kMostPulseSeconds = 0.250;

void check_range(const std::string& key, double value_s, double least_s, double most_s) {
    if (!(value_s >= least_s && value_s <= most_s)) {
        throw std::invalid_argument("parallel remote: " + key + " must lie between " + std::to_string(least_s) +
                                    " and " + std::to_string(most_s) + " s, got " + std::to_string(value_s));
    }
}

} // namespace

class ParallelRemote::Impl {
  public:
    Impl(Timeline& timeline, Lines& lines, Tach* tach, const ParallelRemoteConfig& config);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void press(Key key);
    void library_wind(Direction direction);
    void edit();
    Result<void> set_ready(int track, bool ready);
    void set_held(const std::optional<LineId>& line, bool on);
    [[nodiscard]] Tallies tallies() const;
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> details() const;

    DeckCapabilities capabilities_;
    std::function<void()> listener_;
    Tach* tach_;
    std::optional<LineId> lifter_defeat_, thread_;
    ParallelContacts contacts_;
    ParallelSpeeds speeds_;

  private:
    using Contacts = ParallelContacts;
    void find_contacts();
    void find_held_lines();
    void find_inputs();
    std::optional<LineId> output(const std::string& line, const std::string& duty);
    std::optional<std::size_t> input(const std::string& line);
    void fill_capabilities();

    Lines& lines_;
    ParallelRemoteConfig config_;
    std::unique_ptr<DisplayBus> bus_;
    std::string missing_;
    std::vector<LineId> ready_;
    DebouncedInputs inputs_;
    std::optional<std::size_t> stop_, play_, record_, fast_forward_, rewind_, tape_out_, still_;
    std::vector<std::pair<std::string, std::size_t>> lamps_;
};

ParallelRemote::Impl::Impl(Timeline& timeline, Lines& lines, Tach* tach, const ParallelRemoteConfig& config)
    : tach_(tach), contacts_(timeline, lines, deck_seconds(config.gap_s), deck_seconds(config.record_lead_s)),
      speeds_(timeline, lines), lines_(lines), config_(config),
      inputs_(timeline, lines, deck_seconds(config.debounce_s), [this] {
          if (listener_) {
              listener_();
          }
      }) {
    check_range("debounce_s", config.debounce_s, 0.0, 0.2);
    check_range("record_lead_s", config.record_lead_s, 0.0, 0.2);
    check_range("gap_s", config.gap_s, 0.0, 0.2);
    find_contacts();
    find_held_lines();
    find_inputs();
    if (!missing_.empty()) {
        throw std::invalid_argument(
            "parallel remote: these lines are configured but not there; correct the names, or leave a tally's name "
            "empty when the deck has none:" +
            missing_);
    }
    if (config.display_bus) {
        bus_ = std::make_unique<DisplayBus>(timeline, lines, *config.display_bus);
        tach_ = bus_.get();
        inputs_.pass_on([this](const LineEdge& edge) { bus_->edge(edge); });
        capabilities_.counter_edges_per_metre = config.display_bus->units_per_metre;
        capabilities_.counter_still_m_s = config.counter_still_m_s;
    }
    fill_capabilities();
    if (speeds_.offers(config.speed_at_start_ips)) { // else it is switched by hand
        (void)speeds_.select(config.speed_at_start_ips);
    }
}

ParallelRemote::Impl::~Impl() {
    for (const LineId line : ready_) {
        lines_.set(line, false);
    }
    set_held(thread_, false);
    set_held(lifter_defeat_, false);
}

std::optional<LineId> ParallelRemote::Impl::output(const std::string& line, const std::string& duty) {
    if (const Result<LineId> found = lines_.find_output(line)) {
        return *found;
    } else {
        missing_ += "\n  output \"" + line + "\" (" + duty + "): " + found.error().message;
    }
    return std::nullopt;
}

std::optional<std::size_t> ParallelRemote::Impl::input(const std::string& line) {
    if (line.empty()) {
        return std::nullopt;
    }
    if (const Result<LineId> found = lines_.find_input(line)) {
        return inputs_.add(*found);
    } else {
        missing_ += "\n  input \"" + line + "\": " + found.error().message;
    }
    return std::nullopt;
}

void ParallelRemote::Impl::find_contacts() {
    const auto contact = [this](Contacts::Contact which, const char* duty, const ContactConfig& config,
                                bool stays = false) {
        check_range(std::string(duty) + ".pulse_s", config.pulse_s, kLeastPulseSeconds, kMostPulseSeconds);
        if (const auto line = output(config.line, duty)) {
            contacts_.add(which, *line, deck_seconds(config.pulse_s), stays);
        }
    };
    contact(Contacts::kStop, "stop", config_.stop);
    contact(Contacts::kPlay, "play", config_.play);
    contact(Contacts::kRecord, "record", config_.record);
    contact(Contacts::kFastForward, "fast_forward", config_.fast_forward);
    contact(Contacts::kRewind, "rewind", config_.rewind);
    if (!config_.edit.line.empty()) {
        contact(Contacts::kEdit, "edit", config_.edit, config_.edit_held);
    }
    if (!config_.library_wind.empty()) {
        if (const auto line = output(config_.library_wind, "library_wind")) {
            contacts_.add(Contacts::kLibrary, *line, {}, config_.library_wind_held);
        }
    }
}

void ParallelRemote::Impl::find_held_lines() {
    const auto held = [this](const std::string& line, const char* duty) {
        return line.empty() ? std::nullopt : output(line, duty);
    };
    lifter_defeat_ = held(config_.lifter_defeat, "lifter_defeat");
    thread_ = held(config_.thread, "thread");
    for (std::size_t track = 0; track < config_.ready.size(); ++track) {
        if (const auto line = output(config_.ready[track], "ready, track " + std::to_string(track + 1))) {
            ready_.push_back(*line);
        }
    }
    for (const ParallelRemoteConfig::Speed& given : config_.speeds) {
        const std::string duty = "speed " + ParallelSpeeds::ips_text(given.speed_ips) + " ips";
        ParallelSpeeds::Speed one{
            .ips = given.speed_ips, .closed = {}, .key = {}, .pulse = deck_seconds(given.key.pulse_s)};
        for (const std::string& name : given.closed) {
            if (const auto line = output(name, duty)) {
                one.closed.push_back(*line);
            }
        }
        if (!given.key.line.empty()) {
            check_range(duty + ".pulse_s", given.key.pulse_s, kLeastPulseSeconds, kMostPulseSeconds);
            one.key = output(given.key.line, duty);
        }
        speeds_.add(std::move(one));
    }
}

void ParallelRemote::Impl::find_inputs() {
    stop_ = input(config_.tally_stop);
    play_ = input(config_.tally_play);
    record_ = input(config_.tally_record);
    fast_forward_ = input(config_.tally_fast_forward);
    rewind_ = input(config_.tally_rewind);
    tape_out_ = input(config_.tape_out);
    still_ = input(config_.tally_still);
    for (const ParallelRemoteConfig::Lamp& lamp : config_.lamps) {
        if (const auto index = input(lamp.line)) {
            lamps_.emplace_back(lamp.name, *index);
        }
    }
}

void ParallelRemote::Impl::fill_capabilities() {
    capabilities_.kind = "parallel-remote";
    capabilities_.tallies = play_.has_value();
    capabilities_.tach = tach_ != nullptr;
    capabilities_.senses_motion_itself = config_.senses_motion_itself;
    capabilities_.made_safe_by = "a pulse on the deck's STOP contact";
    capabilities_.heartbeat_contact = config_.heartbeat_contact;
    capabilities_.library_wind = !config_.library_wind.empty();
    capabilities_.edit = !config_.edit.line.empty();
    capabilities_.lifter_defeat = lifter_defeat_.has_value();
    capabilities_.speeds_ips = speeds_.all_ips();
    capabilities_.ready_tracks = static_cast<int>(ready_.size());
    capabilities_.thread_tension = thread_.has_value();
}

void ParallelRemote::Impl::set_held(const std::optional<LineId>& line, bool on) {
    if (line) {
        lines_.set(*line, on);
    }
}

void ParallelRemote::Impl::press(Key key) {
    set_held(thread_, false); // no key goes with threading tension
    if (key == Key::RecordExit) {
        key = config_.record_exit == ParallelRemoteConfig::RecordExit::PressStop ? Key::Stop : Key::Play;
    }
    switch (key) {
    case Key::Stop:
        return contacts_.press(Contacts::kStop);
    case Key::Play:
        return contacts_.press(Contacts::kPlay);
    case Key::FastForward:
        return contacts_.press(Contacts::kFastForward);
    case Key::Rewind:
        return contacts_.press(Contacts::kRewind);
    default:
        return contacts_.press(Contacts::kRecord, Contacts::kPlay);
    }
}

void ParallelRemote::Impl::library_wind(Direction direction) {
    set_held(thread_, false);
    contacts_.press(direction == Direction::Forward ? Contacts::kFastForward : Contacts::kRewind, Contacts::kLibrary);
}

void ParallelRemote::Impl::edit() {
    set_held(thread_, false);
    contacts_.press(Contacts::kEdit);
}

Result<void> ParallelRemote::Impl::set_ready(int track, bool ready) {
    if (track < 1 || track > static_cast<int>(ready_.size())) {
        return Error{"record ready: expected a track from 1 to " + std::to_string(ready_.size()) + ", got " +
                     std::to_string(track)};
    }
    lines_.set(ready_[static_cast<std::size_t>(track - 1)], ready);
    return {};
}

Tallies ParallelRemote::Impl::tallies() const {
    const auto steady = [this](const std::optional<std::size_t>& index) {
        return index ? std::optional(inputs_.steady(*index)) : std::nullopt;
    };
    return {.stop = steady(stop_),
            .play = steady(play_),
            .record = steady(record_),
            .fast_forward = steady(fast_forward_),
            .rewind = steady(rewind_),
            .tape_out = steady(tape_out_),
            .still = steady(still_)};
}

std::vector<std::pair<std::string, std::string>> ParallelRemote::Impl::details() const {
    std::vector<std::pair<std::string, std::string>> words;
    for (const auto& [name, index] : lamps_) {
        words.emplace_back(name, inputs_.steady(index) ? "lit" : "dark");
    }
    if (bus_) {
        words.emplace_back("counter display", bus_->words());
    }
    return words;
}

ParallelRemote::ParallelRemote(Timeline& timeline, Lines& lines, Tach* tach, const ParallelRemoteConfig& config)
    : impl_(std::make_unique<Impl>(timeline, lines, tach, config)) {
}

ParallelRemote::~ParallelRemote() = default;

const DeckCapabilities& ParallelRemote::capabilities() const noexcept {
    return impl_->capabilities_;
}
Result<void> ParallelRemote::press(Key key) {
    impl_->press(key);
    return {};
}
Tallies ParallelRemote::tallies() const {
    return impl_->tallies();
}
TachReading ParallelRemote::tach() {
    return impl_->tach_ != nullptr ? impl_->tach_->read() : TachReading{};
}
void ParallelRemote::on_change(std::function<void()> listener) {
    impl_->listener_ = std::move(listener);
}
void ParallelRemote::make_safe() noexcept {
    impl_->press(Key::Stop); // opens every other contact first
}
DeckTime ParallelRemote::busy_until() const noexcept {
    return std::max(impl_->contacts_.busy_until(), impl_->speeds_.busy_until());
}

Result<void> ParallelRemote::library_wind(Direction direction) {
    if (!impl_->capabilities_.library_wind) {
        return not_offered("library wind");
    }
    impl_->library_wind(direction);
    return {};
}
Result<void> ParallelRemote::edit(bool on) {
    if (!impl_->capabilities_.edit) {
        return not_offered("edit mode");
    }
    if (on) {
        impl_->edit();
    } else {
        impl_->press(Key::Stop);
    }
    return {};
}
Result<void> ParallelRemote::defeat_lifters(bool on) {
    if (!impl_->lifter_defeat_) {
        return not_offered("lifter defeat");
    }
    impl_->set_held(impl_->lifter_defeat_, on);
    return {};
}
Result<void> ParallelRemote::select_speed(double ips) {
    return impl_->capabilities_.speeds_ips.empty() ? not_offered("speed select") : impl_->speeds_.select(ips);
}
Result<void> ParallelRemote::set_ready(int track, bool ready) {
    return impl_->capabilities_.ready_tracks == 0 ? not_offered("record ready/safe") : impl_->set_ready(track, ready);
}
Result<void> ParallelRemote::thread_tension(bool on) {
    if (!impl_->thread_) {
        return not_offered("threading tension");
    }
    impl_->set_held(impl_->thread_, on);
    return {};
}
std::vector<std::pair<std::string, std::string>> ParallelRemote::details() const {
    return impl_->details();
}

} // namespace overbias::transport
