// SPDX-License-Identifier: Apache-2.0
#include "audio/listening/listen_path.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::audio {

namespace {

constexpr std::size_t kPiece = 1024; ///< frames
constexpr double kStill_s = 0.3;     ///< of silence behind the last fade, so that it is heard to its end
constexpr float kFullScale = 2147483648.0F;

/// 24 bits pass unchanged; what is over full scale is held there.
std::int32_t to_sample(float value) noexcept {
    constexpr double kHighest = 2147483647.0;
    const double scaled = std::nearbyint(static_cast<double>(value) * static_cast<double>(kFullScale));
    return static_cast<std::int32_t>(std::clamp(scaled, -kHighest - 1.0, kHighest));
}

void to_floats(std::span<const std::int32_t> from, std::span<float> to) noexcept {
    std::ranges::transform(from, to.begin(),
                           [](std::int32_t sample) { return static_cast<float>(sample) / kFullScale; });
}

} // namespace

ListenPath::ListenPath(FrameTap& played, FrameTap& tape_return, Config config)
    : played_(played), tape_(tape_return), config_(config), switched_(config.play_rate_hz, kLongestDelay_s),
      source_(config.play_rate_hz, kLongestDelay_s), taken_(2 * kPiece), given_(2 * kPiece + 64),
      tape_frames_(2 * kPiece), heard_(2 * kPiece), served_(2 * kPiece + 64) {
    if (!config_.one_crystal) {
        servo_.emplace(config_.play_rate_hz, 4 * kPiece);
    }
    source_.hear(dsp::Heard::Source);
    begin();
}

void ListenPath::add_stream(ListenStream which, std::function<bool()> wanted, Stream stream) {
    outs_.push_back({which, std::move(wanted), std::move(stream)});
}

void ListenPath::begin() {
    next_tape_ = -1;
    switched_.forget_source();
    source_.forget_source();
    if (config_.capture_rate_hz != config_.play_rate_hz) {
        bridge_ = std::make_unique<RateBridge>(config_.capture_rate_hz, config_.play_rate_hz);
    }
}

bool ListenPath::wanted(ListenStream which) const {
    return std::ranges::any_of(outs_, [which](const Out& out) { return out.which == which && out.wanted(); });
}

bool ListenPath::monitor_wanted() const noexcept {
    return config_.monitor != nullptr && (switched_.heard() != dsp::Heard::Nothing || monitor_open_);
}

double ListenPath::delay_frames(const ListenMatch& match) noexcept {
    const Clocks& clocks = clocks_.rt_latest();
    const double returned = static_cast<double>(clocks.returned.frame) * config_.play_rate_hz / config_.capture_rate_hz;
    const double apart_s = seconds(clocks.returned.at - clocks.played.at);
    return match.delay_s * config_.play_rate_hz + returned - static_cast<double>(clocks.played.frame) -
           apart_s * config_.play_rate_hz;
}

bool ListenPath::turn() {
    const ListenWanted& set = wanted_.rt_latest();
    switched_.hear(set.heard);
    switched_.set_dim_db(set.dim ? set.dim_db : 0.0);
    switched_.set_mono(set.mono);
    switched_.set_mute(set.mute);
    const bool listened =
        monitor_wanted() || wanted(ListenStream::Tape) || wanted(ListenStream::Source) || wanted(ListenStream::Monitor);
    if (!listened) {
        running_ = false;
        while (played_.read(taken_).frames > 0 || tape_.read(taken_).frames > 0) {
        }
        return false;
    }
    if (!running_) { // what waits is from before
        running_ = true;
        while (tape_.read(taken_).frames > 0) {
        }
        begin();
    }
    const double delay = delay_frames(set.match);
    for (dsp::SourceTapeMixer* const mixer : {&switched_, &source_}) {
        mixer->set_delay(delay);
        mixer->set_source_gain_db(set.match.level_difference_db);
    }
    take_source();
    std::int64_t first_frame = 0;
    std::size_t frames = 0;
    while (take_tape(first_frame, frames)) {
        hear(first_frame, frames);
    }
    return true;
}

void ListenPath::take_source() {
    for (FrameTap::Block block = played_.read(taken_); block.frames > 0; block = played_.read(taken_)) {
        const auto frames = std::span<const std::int32_t>(taken_).first(2 * block.frames);
        to_floats(frames, heard_);
        const auto samples = std::span<const float>(heard_).first(frames.size());
        switched_.push_source(block.first_frame, samples);
        source_.push_source(block.first_frame, samples);
    }
}

/// The next frames of the tape return at the playback's rate, into taken_.
bool ListenPath::take_tape(std::int64_t& first_frame, std::size_t& frames) {
    for (;;) {
        FrameTap::Block block = bridge_ ? bridge_->read(taken_) : tape_.read(taken_);
        if (bridge_ && block.frames == 0) {
            const FrameTap::Block raw = tape_.read(taken_);
            if (raw.frames == 0) {
                return false;
            }
            if (raw.first_frame < next_tape_) {
                begin(); // the card began anew, and the numbers with it
            }
            next_tape_ = raw.first_frame + static_cast<std::int64_t>(raw.frames);
            bridge_->push(raw.first_frame, std::span<const std::int32_t>(taken_).first(2 * raw.frames));
            continue;
        }
        first_frame = block.first_frame;
        frames = block.frames;
        return frames > 0;
    }
}

void ListenPath::hear(std::int64_t first_frame, std::size_t frames) {
    const auto taken = std::span<const std::int32_t>(taken_).first(2 * frames);
    const auto tape = std::span<float>(tape_frames_).first(2 * frames);
    const auto heard = std::span<float>(heard_).first(2 * frames);
    to_floats(taken, tape);
    give(ListenStream::Tape, taken);
    const auto given = std::span<std::int32_t>(given_).first(2 * frames);
    if (wanted(ListenStream::Source)) {
        source_.mix(first_frame, tape, heard);
        std::ranges::transform(heard, given.begin(), to_sample);
        give(ListenStream::Source, given);
    }
    switched_.mix(first_frame, tape, heard);
    if (wanted(ListenStream::Monitor)) {
        std::ranges::transform(heard, given.begin(), to_sample);
        give(ListenStream::Monitor, given);
    }
    feed_monitor(heard);
}

void ListenPath::give(ListenStream which, std::span<const std::int32_t> frames) {
    for (const Out& out : outs_) {
        if (out.which == which && out.wanted()) {
            out.stream(frames);
        }
    }
}

void ListenPath::feed_monitor(std::span<const float> heard) {
    if (config_.monitor == nullptr) {
        return;
    }
    MonitorFeed& feed = *config_.monitor;
    const bool silent = switched_.silent();
    still_ = silent ? still_ + heard.size() / 2 : 0;
    if (silent && (!monitor_open_ || static_cast<double>(still_) > kStill_s * config_.play_rate_hz)) {
        if (monitor_open_) {
            feed.close();
            monitor_open_ = false;
        }
        return;
    }
    if (!monitor_open_) {
        feed.open();
        monitor_open_ = true;
        if (servo_) {
            servo_->restart();
        }
    }
    std::span<const float> out = heard;
    if (servo_) {
        const std::size_t frames = servo_->process(heard, static_cast<double>(feed.fill_frames()),
                                                   static_cast<double>(feed.wanted_frames()), served_);
        out = std::span<const float>(served_).first(2 * frames);
        servo_ppm_.store(servo_->ppm(), std::memory_order_relaxed);
    }
    const auto samples = std::span<std::int32_t>(given_).first(out.size());
    std::ranges::transform(out, samples.begin(), to_sample);
    feed.write(samples);
}

} // namespace overbias::audio
