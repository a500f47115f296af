// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/faces/nine_pin_face.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

namespace overbias::deck_sim {

namespace {

// first half of CMD1
constexpr std::uint8_t kSystem = 0x00, kSystemReturn = 0x10, kTransport = 0x20, kPreset = 0x40, kSense = 0x60,
                       kSenseReturn = 0x70;
// what a NAK says
constexpr std::uint8_t kUndefined = 0x01, kChecksum = 0x04, kParity = 0x10, kTimeOut = 0x80;

constexpr std::size_t length_of(std::uint8_t command_1) {
    return std::size_t{3} + (command_1 & 0x0F);
}

std::uint8_t sum(std::span<const std::uint8_t> bytes) {
    return std::accumulate(bytes.begin(), bytes.end(), std::uint8_t{0},
                           [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a + b); });
}

std::uint8_t packed_bcd(long value) {
    return static_cast<std::uint8_t>((value / 10 % 10) << 4 | value % 10);
}

/// frames, seconds, minutes, hours; before zero it counts down from 24 hours
std::array<std::uint8_t, 4> time_code(double time_s, int frames_per_s) {
    const long day = 24L * 3600 * frames_per_s;
    long frames = static_cast<long>(std::floor(time_s * frames_per_s + 1e-6)) % day;
    frames += frames < 0 ? day : 0;
    const long whole_s = frames / frames_per_s;
    return {packed_bcd(frames % frames_per_s), packed_bcd(whole_s % 60), packed_bcd(whole_s / 60 % 60),
            packed_bcd(whole_s / 3600)};
}

std::uint8_t bits(std::initializer_list<std::pair<int, bool>> of) {
    unsigned byte = 0;
    for (const auto& [bit, on] : of) {
        byte |= on ? 1U << bit : 0U;
    }
    return static_cast<std::uint8_t>(byte);
}

/// Speed byte of shuttle, jog and var: a decade is 32 steps, 40 hex is play speed, 0 stands still; a second byte is the
/// part of the way to the next step.
double speed_of(std::span<const std::uint8_t> data) {
    const auto at = [](int step) { return step == 0 ? 0.0 : std::exp((step - 64) * std::log(10.0) / 32.0); };
    const double low = at(data[0]);
    return data.size() < 2 ? low : low + (at(data[0] + 1) - low) * data[1] / 256.0;
}

/// Two packed digits.
int unpacked(std::uint8_t byte) {
    return (byte >> 4) * 10 + (byte & 0x0F);
}

std::array<std::uint8_t, 16> status_bytes(const NinePinDeck::State& state, int moved_bit) {
    std::array<std::uint8_t, 16> status{};
    status[0] = bits({{5, state.tape_out}, {0, state.local}});
    status[1] = bits({{5, state.stopped},
                      {3, state.rewinding},
                      {2, state.fast_forwarding},
                      {1, state.recording},
                      {0, state.playing}});
    status[2] = bits({{7, state.servo_locked},
                      {moved_bit, state.shuttling},
                      {2, state.backward},
                      {1, state.still},
                      {0, state.cued_up}});
    status[4] = bits({{4, state.recording}}); // an audio recorder's edit bit is its record bit
    status[8] = bits({{5, state.near_end}, {4, state.end_of_tape}, {0, state.record_inhibited}});
    return status;
}

} // namespace

NinePinFace::NinePinFace(Timeline& timeline, NinePinDeck& deck, NinePinSettings settings, Send send)
    : timeline_(timeline), deck_(deck), settings_(settings), send_(std::move(send)) {
    if (settings.frames_per_s != 24 && settings.frames_per_s != 25 && settings.frames_per_s != 30) {
        throw std::invalid_argument("9-pin socket: expected 24, 25 or 30 frames a second, got " +
                                    std::to_string(settings.frames_per_s));
    }
    if (settings.status_lag > DeckDuration::zero()) {
        constexpr DeckDuration kLook = std::chrono::milliseconds(10);
        looking_ = std::make_unique<PeriodicTimer>(timeline_, kLook, [this] {
            past_.emplace_back(timeline_.now(), deck_.state());
            while (past_.size() > 1 && past_[1].first <= timeline_.now() - settings_.status_lag) {
                past_.pop_front();
            }
        });
    }
}

NinePinFace::~NinePinFace() {
    timeline_.cancel(gap_timer_);
    timeline_.cancel(answer_timer_);
}

void NinePinFace::receive(std::span<const std::uint8_t> bytes, bool damaged) {
    timeline_.cancel(gap_timer_);
    if (!deck_.state().powered) {
        frame_.clear();
        spoilt_ = false;
        return;
    }
    for (const std::uint8_t byte : bytes) {
        frame_.push_back(byte);
        spoilt_ = spoilt_ || damaged;
        if (frame_.size() == length_of(frame_.front())) {
            frame_complete();
            frame_.clear();
            spoilt_ = false;
        }
    }
    if (!frame_.empty()) {
        gap_timer_ = timeline_.call_after(kByteGap, [this] { give_up_frame(); });
    }
}

void NinePinFace::give_up_frame() {
    frame_.clear();
    spoilt_ = false;
    refuse(kTimeOut);
}

void NinePinFace::frame_complete() {
    const std::span<const std::uint8_t> frame(frame_);
    const auto body = frame.first(frame.size() - 1);
    if (spoilt_) {
        return refuse(kParity);
    }
    if (sum(body) != frame.back()) {
        return refuse(kChecksum);
    }
    if (trouble_.refuses) {
        return refuse(*trouble_.refuses);
    }
    obey(frame[0], frame[1], body.subspan(2));
}

void NinePinFace::obey(std::uint8_t command_1, std::uint8_t command_2, Data data) {
    if ((command_1 & 0xF0) == kTransport) {
        return obey_transport(command_2, data);
    }
    switch (command_1 << 8 | command_2) {
    case (kSystem << 8) | 0x0C:
        deck_.enable_local_keys(false);
        return acknowledge();
    case (kSystem << 8) | 0x1D:
        deck_.enable_local_keys(true);
        return acknowledge();
    case (kSystem << 8) | 0x11:
        return answer(kSystemReturn, 0x11, settings_.device_type);
    case (kPreset << 8) | 0x08:
        timer_zero_s_ = deck_.state().counter_s;
        return acknowledge();
    case ((kSense | 1) << 8) | 0x0C:
        return current_time(data[0]);
    case ((kSense | 1) << 8) | 0x20:
        return status(data[0]);
    default:
        return refuse(kUndefined);
    }
}

void NinePinFace::obey_transport(std::uint8_t command_2, Data data) {
    using Key = NinePinDeck::Key;
    if (trouble_.refuses_keys) {
        return refuse(*trouble_.refuses_keys);
    }
    const std::size_t count = data.size();
    switch (command_2) {
    case 0x00:
        return count == 0 ? press(Key::Stop) : refuse(kUndefined);
    case 0x01:
        return count == 0 ? press(Key::Play) : refuse(kUndefined);
    case 0x02:
        return count == 0 ? press(Key::Record) : refuse(kUndefined);
    case 0x10:
        return count == 0 ? press(Key::FastForward) : refuse(kUndefined);
    case 0x20:
        return count == 0 ? press(Key::Rewind) : refuse(kUndefined);
    case 0x11: // jog, var, shuttle; forward, then backward
    case 0x12:
    case 0x13:
    case 0x21:
    case 0x22:
    case 0x23:
        return count == 1 || count == 2 ? move(command_2, data) : refuse(kUndefined);
    case 0x31:
        return count == 4 ? cue_up(data) : refuse(kUndefined);
    default:
        return refuse(kUndefined);
    }
}

void NinePinFace::press(NinePinDeck::Key key) {
    deck_.press(key);
    acknowledge();
}

void NinePinFace::move(std::uint8_t command_2, Data data) {
    const bool backward = (command_2 & 0xF0) == 0x20;
    const double speed = speed_of(data);
    if (!deck_.shuttle(backward ? -speed : speed)) {
        return refuse(kUndefined);
    }
    constexpr std::array kBy{Moved::Jog, Moved::Var, Moved::Shuttle};
    moved_ = kBy.at((command_2 & 0x0FU) - 1U);
    acknowledge();
}

void NinePinFace::cue_up(Data data) {
    const double time_s = ((unpacked(data[3]) * 60.0) + unpacked(data[2])) * 60.0 + unpacked(data[1]) +
                          static_cast<double>(unpacked(data[0] & 0x3F)) / settings_.frames_per_s;
    constexpr double kDay_s = 24 * 3600.0; // the second half of the day lies before zero
    const double place_s = time_s >= kDay_s / 2 ? time_s - kDay_s : time_s;
    return deck_.cue_up(place_s + timer_zero_s_) ? acknowledge() : refuse(kUndefined);
}

NinePinDeck::State NinePinFace::shown() {
    return past_.empty() ? deck_.state() : past_.front().second;
}

// The deck has a roller counter and no time code: timer-1 where that is asked for, and for controllers that ask for
// time code only, the counter as interpolated time code.
void NinePinFace::current_time(std::uint8_t wanted) {
    constexpr std::uint8_t kTimer1 = 0x04, kTimeCodes = 0x03;
    if (trouble_.mute_about_time) {
        return;
    }
    if (trouble_.refuses_timer_1) {
        wanted &= static_cast<std::uint8_t>(~kTimer1);
    }
    if ((wanted & (kTimer1 | kTimeCodes)) == 0) {
        return refuse(kUndefined);
    }
    const auto time = time_code(deck_.state().counter_s - timer_zero_s_, settings_.frames_per_s);
    answer(kSenseReturn, (wanted & kTimer1) != 0 ? 0x00 : 0x14, time);
}

void NinePinFace::status(std::uint8_t window) {
    const int moved_bit = moved_ == Moved::Shuttle ? 5 : moved_ == Moved::Jog ? 4 : 3;
    const auto all = status_bytes(shown(), moved_bit);
    const std::size_t start = window >> 4, count = window & 0x0F;
    std::array<std::uint8_t, 15> wanted{}; // bytes beyond those there are read 0
    for (std::size_t i = 0; i < count && start + i < all.size(); ++i) {
        wanted[i] = all[start + i];
    }
    answer(kSenseReturn, 0x20, Data(wanted).first(count));
}

void NinePinFace::say(Data frame) {
    if (deck_.state().powered) { // the mains may have failed while it thought
        send_(frame);
    }
}

void NinePinFace::acknowledge() {
    answer(kSystemReturn, 0x01, {});
}

void NinePinFace::refuse(std::uint8_t why) {
    answer(kSystemReturn, 0x12, Data(&why, 1));
}

void NinePinFace::answer(std::uint8_t command_1, std::uint8_t command_2, Data data) {
    std::vector<std::uint8_t> frame{static_cast<std::uint8_t>(command_1 | data.size()), command_2};
    frame.insert(frame.end(), data.begin(), data.end());
    frame.push_back(sum(frame));
    if (trouble_.mute) {
        return;
    }
    if (trouble_.wrong_checksum) {
        ++frame.back();
    }
    if (trouble_.half_answers) {
        frame.resize(frame.size() / 2);
    }
    if (settings_.answer_after == DeckDuration::zero()) {
        return say(frame);
    }
    timeline_.cancel(answer_timer_); // asked again before it has answered: the first is forgotten
    answer_timer_ = timeline_.call_after(settings_.answer_after, [this, frame = std::move(frame)] { say(frame); });
}

} // namespace overbias::deck_sim
