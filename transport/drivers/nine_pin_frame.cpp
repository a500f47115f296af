// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/nine_pin_frame.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace overbias::transport {

namespace {

constexpr std::size_t kAroundData = 3; // CMD1, CMD2 and the checksum

std::uint8_t checksum(std::span<const std::uint8_t> bytes) noexcept {
    return static_cast<std::uint8_t>(std::accumulate(bytes.begin(), bytes.end(), 0U));
}

constexpr std::size_t length_of(std::uint8_t command_1) noexcept {
    return (command_1 & 0x0FU) + kAroundData;
}

/// A step of N is a thirty-second of a decade.
double step_ratio(int n) noexcept {
    return n <= 0 ? 0.0 : std::pow(10.0, n / 32.0 - 2.0);
}

/// -1: no packed number.
int packed(unsigned byte) noexcept {
    const unsigned tens = byte >> 4U, ones = byte & 0x0FU;
    return tens > 9 || ones > 9 ? -1 : static_cast<int>(tens * 10 + ones);
}

std::uint8_t pack(std::int64_t value) noexcept {
    return static_cast<std::uint8_t>(value / 10 % 10 * 16 + value % 10);
}

} // namespace

NinePinFrame::NinePinFrame(NinePinCommand of, std::initializer_list<std::uint8_t> data)
    : command(of), count(std::min(data.size(), kMostData)) {
    std::copy_n(data.begin(), count, bytes.begin());
}

std::vector<std::uint8_t> nine_pin_bytes(const NinePinFrame& frame) {
    const auto command = static_cast<unsigned>(frame.command);
    std::vector<std::uint8_t> bytes(frame.count + kAroundData);
    bytes[0] = static_cast<std::uint8_t>((command >> 8U) | frame.count);
    bytes[1] = static_cast<std::uint8_t>(command & 0xFFU);
    std::copy_n(frame.bytes.begin(), frame.count, bytes.begin() + 2);
    bytes.back() = checksum(std::span(bytes).first(bytes.size() - 1));
    return bytes;
}

NinePinDecoder::Outcome NinePinDecoder::take(std::uint8_t byte, bool damaged, DeckTime at) noexcept {
    if (last_at_ != DeckTime::min() && at - last_at_ > gap_) {
        reset();
    }
    last_at_ = at;
    if (throwing_away_) {
        return Outcome::Rubbish;
    }
    raw_[have_++] = byte;
    const auto spoilt = [this](Outcome how) {
        have_ = 0;
        throwing_away_ = true;
        return how;
    };
    if (damaged) {
        return spoilt(Outcome::Damaged);
    }
    const std::size_t length = length_of(raw_[0]);
    if (have_ < length) {
        return Outcome::More;
    }
    if (checksum(std::span(raw_).first(length - 1)) != raw_[length - 1]) {
        return spoilt(Outcome::Checksum);
    }
    have_ = 0;
    frame_ = {};
    frame_.command = static_cast<NinePinCommand>((raw_[0] & 0xF0U) << 8U | raw_[1]);
    frame_.count = length - kAroundData;
    std::copy_n(raw_.begin() + 2, frame_.count, frame_.bytes.begin());
    return Outcome::Frame;
}

void NinePinDecoder::reset() noexcept {
    have_ = 0;
    throwing_away_ = false;
}

std::string nine_pin_refusal(std::uint8_t bits) {
    constexpr std::array kWords{"undefined command", "software overrun", "checksum error", "bit 3 (no meaning known)",
                                "parity error",      "overrun",          "framing error",  "timeout"};
    std::string words;
    for (unsigned bit = 0; bit < kWords.size(); ++bit) {
        if ((bits >> bit & 1U) != 0) {
            words += (words.empty() ? "" : ", ") + std::string(kWords.at(bit));
        }
    }
    return words.empty() ? "no reason given" : words;
}

NinePinFrame nine_pin_shuttle(double ratio, bool forward, bool fraction) {
    constexpr int kMostN = 0xFF;
    const NinePinCommand command = forward ? NinePinCommand::ShuttleForward : NinePinCommand::ShuttleReverse;
    int n = 0, m = 0;
    if (ratio > 0.0) {
        // N = 0 would hold the tape still
        n = static_cast<int>(std::clamp(std::floor(32.0 * (std::log10(ratio) + 2.0) + 1e-9), 1.0, double{kMostN}));
        const double below = step_ratio(n), above = step_ratio(n + 1);
        const double part = std::clamp((ratio - below) / (above - below), 0.0, 1.0);
        m = static_cast<int>(std::lround(part * (fraction ? 256.0 : 1.0)));
        if (m == (fraction ? 256 : 1) && n < kMostN) {
            ++n;
            m = 0;
        }
        m = std::min(m, 0xFF);
    }
    if (!fraction || m == 0) {
        return NinePinFrame(command, {static_cast<std::uint8_t>(n)});
    }
    return NinePinFrame(command, {static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(m)});
}

double nine_pin_shuttle_ratio(std::span<const std::uint8_t> data) noexcept {
    if (data.empty()) {
        return 0.0;
    }
    const double below = step_ratio(data[0]);
    const double part = data.size() > 1 ? data[1] / 256.0 : 0.0;
    return below + (step_ratio(data[0] + 1) - below) * part;
}

std::optional<std::int64_t> nine_pin_frames(std::span<const std::uint8_t> time, int frames_per_s) noexcept {
    if (time.size() < 4) {
        return std::nullopt;
    }
    constexpr unsigned kDropFrame = 0x40;
    // the bits above the tens are flags: drop and colour frame with the frames, others elsewhere
    const int frames = packed(time[0] & 0x3FU), secs = packed(time[1] & 0x7FU), minutes = packed(time[2] & 0x7FU),
              hours = packed(time[3] & 0x3FU);
    if (frames < 0 || frames >= frames_per_s || secs < 0 || secs > 59 || minutes < 0 || minutes > 59 || hours < 0 ||
        hours > 23) {
        return std::nullopt;
    }
    const std::int64_t all_minutes = std::int64_t{hours} * 60 + minutes;
    std::int64_t all = (all_minutes * 60 + secs) * frames_per_s + frames;
    if ((time[0] & kDropFrame) != 0 && frames_per_s == 30) {
        all -= 2 * (all_minutes - all_minutes / 10);
    }
    return all;
}

std::array<std::uint8_t, 4> nine_pin_time(std::int64_t frames, int frames_per_s) noexcept {
    const std::int64_t day = std::int64_t{24} * 3600 * frames_per_s;
    frames = (frames % day + day) % day;
    const std::int64_t secs = frames / frames_per_s;
    return {pack(frames % frames_per_s), pack(secs % 60), pack(secs / 60 % 60), pack(secs / 3600)};
}

std::string hex_words(std::span<const std::uint8_t> bytes) {
    constexpr const char* kDigits = "0123456789ABCDEF";
    std::string words;
    for (const std::uint8_t byte : bytes) {
        if (!words.empty()) {
            words += ' ';
        }
        words += {kDigits[byte >> 4U], kDigits[byte & 0x0FU]};
    }
    return words;
}

const char* name_of(NinePinCommand command) noexcept {
    switch (command) {
    case NinePinCommand::DeviceType:
        return "device type";
    case NinePinCommand::Stop:
        return "STOP";
    case NinePinCommand::Play:
        return "PLAY";
    case NinePinCommand::Record:
        return "RECORD";
    case NinePinCommand::FastForward:
        return "FAST FORWARD";
    case NinePinCommand::Rewind:
        return "REWIND";
    case NinePinCommand::ShuttleForward:
    case NinePinCommand::ShuttleReverse:
        return "SHUTTLE";
    case NinePinCommand::CueUp:
        return "CUE UP";
    case NinePinCommand::TimeSense:
        return "counter";
    case NinePinCommand::StatusSense:
        return "status";
    case NinePinCommand::Acknowledge:
        return "ACK";
    case NinePinCommand::NotAcknowledge:
        return "NAK";
    case NinePinCommand::DeviceTypeIs:
    case NinePinCommand::Timer1Is:
    case NinePinCommand::LtcIs:
    case NinePinCommand::LtcHeldIs:
    case NinePinCommand::StatusIs:
        break;
    }
    return "answer";
}

} // namespace overbias::transport
