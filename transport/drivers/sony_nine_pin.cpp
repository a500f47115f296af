// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/sony_nine_pin.hpp"

#include "base/units.hpp"
#include "transport/drivers/sony_nine_pin_impl.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace overbias::transport {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument("9-pin deck: " + what);
}

void check(const NinePinConfig& config) {
    if (config.frames_per_s != 24 && config.frames_per_s != 25 && config.frames_per_s != 30) {
        refuse("frames_per_s must be 24, 25 or 30, got " + std::to_string(config.frames_per_s));
    }
    if (!(config.play_speed_ips > 0.0)) {
        refuse("play_speed_ips must be above 0, got " + std::to_string(config.play_speed_ips));
    }
    if (!(config.fastest_m_s > metres_per_second(config.play_speed_ips))) {
        refuse("fastest_m_s must be above play speed, got " + std::to_string(config.fastest_m_s));
    }
    if (config.fastest_shuttle > 0.0 &&
        !(config.slowest_shuttle > 0.0 && config.slowest_shuttle <= config.fastest_shuttle)) {
        refuse("slowest_shuttle must lie between 0 and fastest_shuttle, got " + std::to_string(config.slowest_shuttle));
    }
    if (!(config.host_latency_s >= 0.0)) {
        refuse("host_latency_s must be 0 or more, got " + std::to_string(config.host_latency_s));
    }
    const double lost_after_s = seconds(nine_pin_lost_after(config));
    if (config.unanswered_polls < 2 || lost_after_s > 0.3) {
        std::array<char, 160> words{};
        std::snprintf(words.data(), words.size(),
                      "with unanswered_polls = %d and host_latency_s = %.3f a dead line would be noticed after %.3f s; "
                      "expected 2 polls or more and 0.3 s at most",
                      config.unanswered_polls, config.host_latency_s, lost_after_s);
        refuse(words.data());
    }
}

DeckCapabilities capabilities_of(const NinePinConfig& config) {
    const double play_m_s = metres_per_second(config.play_speed_ips);
    DeckCapabilities can;
    can.kind = "sony-9-pin";
    can.tallies = true;
    can.tach = config.counter != NinePinConfig::Counter::None;
    if (can.tach) {
        can.counter_edges_per_metre = config.frames_per_s / play_m_s;
    }
    can.senses_motion_itself = config.senses_motion_itself;
    can.made_safe_by = "STOP over the 9-pin remote, repeated until the deck acknowledges it and shows it";
    can.link = true;
    can.shuttle = config.fastest_shuttle > 0.0;
    if (can.shuttle) {
        can.slowest_shuttle_m_s = config.slowest_shuttle * play_m_s;
        can.fastest_shuttle_m_s = config.fastest_shuttle * play_m_s;
    }
    return can;
}

const NinePinConfig& checked(const NinePinConfig& config) {
    check(config);
    return config;
}

} // namespace

// An answer that never comes is waited for until its last moment, then the line rests; silence may begin right after an
// answer, one frame before the next question.
DeckDuration nine_pin_lost_after(const NinePinConfig& config) {
    const DeckDuration frame = deck_seconds(1.0 / config.frames_per_s);
    const DeckDuration wait = nine_pin_longest_answer(deck_seconds(config.host_latency_s));
    return frame + (config.unanswered_polls - 1) * std::max(frame, wait + kNinePinRest) + wait;
}

SonyNinePin::Impl::Impl(Timeline& timeline, SerialLink& line, const NinePinConfig& config)
    : capabilities_(capabilities_of(checked(config))),
      counter_(config.frames_per_s, config.frames_per_s / metres_per_second(config.play_speed_ips), config.fastest_m_s),
      timeline_(timeline), line_(line), config_(config), latency_(deck_seconds(config.host_latency_s)),
      decoder_(latency_), tick_(timeline, deck_seconds(1.0 / config.frames_per_s), [this] { tick(); }) {
    line_.on_bytes(
        [this](std::span<const std::uint8_t> bytes, bool damaged, DeckTime at) { arrived(bytes, damaged, at); });
    line_.on_state([this] { line_changed(); });
}

SonyNinePin::Impl::~Impl() {
    line_.on_bytes({});
    line_.on_state({});
    deaf();
}

Result<void> SonyNinePin::Impl::press(Key key) {
    switch (key) {
    case Key::Stop:
        want_stop();
        pump();
        return up_ ? Result<void>() : Error{"STOP has not reached the deck and is tried on: " + link().problem};
    case Key::Record:
        if (!config_.record) {
            return Error{"RECORD: this deck takes none over its 9-pin remote (its profile says so); press record on "
                         "the deck"};
        }
        return give(NinePinFrame(NinePinCommand::Record));
    case Key::FastForward:
        return give(NinePinFrame(NinePinCommand::FastForward));
    case Key::Rewind:
        return give(NinePinFrame(NinePinCommand::Rewind));
    case Key::Play:
    case Key::RecordExit: // the deck goes on playing: PLAY ends record
        break;
    }
    return give(NinePinFrame(NinePinCommand::Play));
}

Result<void> SonyNinePin::Impl::shuttle(double speed_m_s) {
    const double play_m_s = metres_per_second(config_.play_speed_ips);
    double ratio = std::abs(speed_m_s) / play_m_s;
    if (speed_m_s != 0.0) {
        ratio = std::clamp(ratio, config_.slowest_shuttle, config_.fastest_shuttle);
    }
    return give(nine_pin_shuttle(ratio, speed_m_s >= 0.0, config_.shuttle_fraction));
}

Result<void> SonyNinePin::Impl::cue_up(std::int64_t edges) {
    if (!counter_.started()) {
        return Error{"CUE UP: the deck has not told its counter yet; wait until it has"};
    }
    const auto time = nine_pin_time(counter_.day_frames() + edges - counter_.reading().edges, config_.frames_per_s);
    return give(NinePinFrame(NinePinCommand::CueUp, {time[0], time[1], time[2], time[3]}));
}

Result<void> SonyNinePin::Impl::give(const NinePinFrame& frame) {
    if (!up_) {
        return Error{std::string(name_of(frame.command)) + " was not sent: " + link().problem};
    }
    if (status_.is(NinePinStatus::Bit::Local)) {
        return Error{std::string(name_of(frame.command)) +
                     " was not sent: the deck stands at LOCAL and obeys its own keys only; switch it to REMOTE"};
    }
    key_ = KeyPress{frame, ++last_key_, kKeyTries};
    refusal_stands_ = false;
    if (stop_.acknowledged) {
        stop_ = {}; // this key takes its place
    }
    pump();
    return {};
}

void SonyNinePin::Impl::want_stop() {
    key_.reset();
    if (!stop_.wanted || stop_.acknowledged) {
        refusal_stands_ = false;
        stop_ = {};
        stop_.wanted = true;
        stop_.since = timeline_.now();
    }
}

void SonyNinePin::Impl::make_safe() noexcept {
    try {
        want_stop();
        pump();
    } catch (...) { // out of memory, at worst: what is wanted stands, and the next frame sends it
    }
}

DeckTime SonyNinePin::Impl::busy_until() const noexcept {
    const DeckTime now = timeline_.now();
    const bool stopping = stop_.wanted && !stop_.acknowledged && now < stop_.since + kStopPatience;
    if (stopping || key_) {
        return now + nine_pin_longest_answer(latency_) + kNinePinRest;
    }
    return DeckTime::min();
}

LinkState SonyNinePin::Impl::link() const {
    if (!line_.is_up()) {
        return {false, line_.problem()};
    }
    return up_ ? LinkState{} : LinkState{false, silent_words()};
}

std::string SonyNinePin::Impl::silent_words() const {
    if (failures_ < config_.unanswered_polls) {
        return line_.name() + ": waiting for the deck's first answer";
    }
    return line_.name() + ": the deck does not answer (" + std::to_string(failures_) +
           " questions in a row): " + cause() + "; asking on";
}

std::string SonyNinePin::Impl::cause() const {
    if (echo_) {
        return "we hear what we send: transmit and receive wires are joined, or the adapter echoes; part them";
    }
    switch (last_failure_) {
    case Failure::Silence:
        return "nothing came" + (rubbish_.empty() ? std::string(": is it on, and its cable in?") : " that is a frame");
    case Failure::PartOfAFrame:
        return "frames break off: a loose cable?";
    case Failure::Checksum:
        return "what came (" + hex_words(rubbish_) +
               " ...) has a wrong checksum: are the pairs swapped (A and B), or is it no 9-pin deck?";
    case Failure::Damaged:
        return "bytes came damaged (parity, framing): expected 38400 baud, 8 bits, odd parity; is the cable long or "
               "open?";
    case Failure::Refused:
        return "it refuses the status request: " + nine_pin_refusal(status_refusal_);
    case Failure::NotSent:
        break;
    }
    return "what we send does not leave: the adapter takes no bytes";
}

std::vector<std::pair<std::string, std::string>> SonyNinePin::Impl::details() const {
    std::vector<std::pair<std::string, std::string>> all;
    all.emplace_back("device type", device_type_.empty() ? "not told" : device_type_);
    if (capabilities_.tach) {
        all.emplace_back("counter", no_counter_             ? "the deck refuses to tell it"
                                    : counter_name_.empty() ? "not told yet"
                                                            : counter_name_);
    }
    status_.describe(all);
    std::array<char, 96> words{};
    std::snprintf(words.data(), words.size(), "%.1f ms", seconds(slowest_answer_) * 1e3);
    all.emplace_back("slowest answer", words.data());
    if (missing_ + damaged_ + refusals_ > 0) {
        std::snprintf(words.data(), words.size(), "%llu answers missing, %llu damaged, %llu refusals",
                      static_cast<unsigned long long>(missing_), static_cast<unsigned long long>(damaged_),
                      static_cast<unsigned long long>(refusals_));
        all.emplace_back("line", words.data());
    }
    if (!refusal_.empty()) {
        all.emplace_back("last refusal", refusal_);
    }
    return all;
}

SonyNinePin::SonyNinePin(Timeline& timeline, SerialLink& link, const NinePinConfig& config)
    : impl_(std::make_unique<Impl>(timeline, link, config)) {
}

SonyNinePin::~SonyNinePin() = default;

const DeckCapabilities& SonyNinePin::capabilities() const noexcept {
    return impl_->capabilities_;
}

Result<void> SonyNinePin::press(Key key) {
    return impl_->press(key);
}

Tallies SonyNinePin::tallies() const {
    return impl_->status_.tallies();
}

TachReading SonyNinePin::tach() {
    return impl_->counter_.reading();
}

void SonyNinePin::on_change(std::function<void()> listener) {
    impl_->listener_ = std::move(listener);
}

void SonyNinePin::make_safe() noexcept {
    impl_->make_safe();
}

DeckTime SonyNinePin::busy_until() const noexcept {
    return impl_->busy_until();
}

Result<void> SonyNinePin::shuttle(double speed_m_s) {
    return capabilities().shuttle ? impl_->shuttle(speed_m_s) : Result<void>(not_offered("shuttle"));
}

LinkState SonyNinePin::link() const {
    return impl_->link();
}

std::string SonyNinePin::refusal() const {
    return impl_->refusal();
}

std::vector<std::pair<std::string, std::string>> SonyNinePin::details() const {
    return impl_->details();
}

Result<void> SonyNinePin::cue_up(std::int64_t edges) {
    return impl_->cue_up(edges);
}

bool SonyNinePin::cued_up() const noexcept {
    return impl_->status_.is(NinePinStatus::Bit::CueUpComplete);
}

void SonyNinePin::trace(SerialTrace trace) {
    impl_->trace_ = std::move(trace);
}

} // namespace overbias::transport
