// SPDX-License-Identifier: Apache-2.0
#include "controller/bias/bias_ears.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace overbias::controller {

namespace {

constexpr std::size_t kPiece = 4096; ///< frames
constexpr float kFullScale = 2147483648.0F;

/// The same sources, as the tap numbers their channels.
std::vector<tape::BiasSource> as_tapped(std::vector<tape::BiasSource> sources) {
    const std::vector<std::size_t> channels = BiasEars::channels(sources);
    for (tape::BiasSource& source : sources) {
        if (source.capture_channel > 0) {
            const auto at = std::ranges::find(channels, static_cast<std::size_t>(source.capture_channel - 1));
            source.capture_channel = static_cast<int>(at - channels.begin()) + 1;
        }
    }
    return sources;
}

} // namespace

std::vector<std::size_t> BiasEars::channels(const std::vector<tape::BiasSource>& sources) {
    std::vector<std::size_t> channels;
    for (const tape::BiasSource& source : sources) {
        if (source.capture_channel > 0) {
            channels.push_back(static_cast<std::size_t>(source.capture_channel - 1));
        }
    }
    std::ranges::sort(channels);
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    return channels;
}

BiasEars::BiasEars(audio::FrameTap& tap, const std::vector<tape::BiasSource>& sources, double rate_hz)
    : tap_(tap), listener_(as_tapped(sources), rate_hz, tap.channels()), frames_(kPiece * tap.channels()),
      samples_(frames_.size()), readings_(listener_.most_readings(kPiece)) {
}

BiasEars::~BiasEars() {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
}

void BiasEars::start(std::chrono::milliseconds interval) {
    thread_ = std::thread([this, interval] { run(interval); });
}

void BiasEars::run(std::chrono::milliseconds interval) {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        lock.unlock();
        drain();
        lock.lock();
        changed_.wait_for(lock, interval, [this] { return ending_; });
    }
}

void BiasEars::drain() {
    std::vector<BiasHeard> heard;
    for (auto block = tap_.read(frames_); block.frames > 0; block = tap_.read(frames_)) {
        if (next_frame_ >= 0 && block.first_frame != next_frame_) {
            listener_.reset();
            heard.push_back({.gap = true, .reading = {}, .frame = block.first_frame});
        }
        const std::size_t count = block.frames * tap_.channels();
        std::transform(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(count), samples_.begin(),
                       [](std::int32_t each) { return static_cast<float>(each) / kFullScale; });
        const std::size_t got = listener_.process(std::span<const float>(samples_).first(count), readings_);
        for (const calibration::BiasReading& reading : std::span(readings_).first(got)) {
            heard.push_back({.gap = false,
                             .reading = reading,
                             .frame = block.first_frame + static_cast<std::int64_t>(reading.until_frame - taken_)});
        }
        taken_ += block.frames;
        next_frame_ = block.first_frame + static_cast<std::int64_t>(block.frames);
    }
    if (!heard.empty()) {
        const std::lock_guard lock(mutex_);
        heard_.insert(heard_.end(), heard.begin(), heard.end());
    }
}

std::vector<BiasHeard> BiasEars::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(heard_, {});
}

} // namespace overbias::controller
