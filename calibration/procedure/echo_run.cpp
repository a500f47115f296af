// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure/echo_run.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr double kSpare_s = 0.02; ///< that crystals are off their nominal rate

} // namespace

EchoRun::EchoRun(audio::BlockEngine& engine, const EchoPlan& plan)
    : engine_(engine), plan_(plan), rate_hz_(engine.sample_rate_hz()),
      signal_(std::make_shared<const std::vector<std::int32_t>>(audio::loop_signal(rate_hz_, plan.level_dbfs))),
      xruns_(xruns()) {
}

/// Each of them shifts the rest of what is sent.
std::uint64_t EchoRun::xruns() const noexcept {
    const auto& counters = engine_.counters();
    return counters.playback_xruns.load(std::memory_order_relaxed) +
           counters.queue_underruns.load(std::memory_order_relaxed);
}

EchoRun::~EchoRun() {
    engine_.stop_playing();
}

void EchoRun::take(std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
    if (came_back_.empty()) {
        came_back_from_ = first_frame;
    } else if (first_frame != came_back_from_ + static_cast<std::int64_t>(came_back_.size() / 2)) {
        lost_ = true;
    }
    came_back_.insert(came_back_.end(), interleaved.begin(), interleaved.end());
}

void EchoRun::turn(const audio::StreamTimestamp& captured) {
    const std::size_t second = signal_->size() / 2;
    const std::size_t all = second * static_cast<std::size_t>(plan_.seconds);
    while (queued_ < all) {
        // none while the last run is still being ended
        const std::size_t taken =
            engine_.queue_write(std::span<const std::int32_t>(*signal_).subspan(2 * (queued_ % second)));
        queued_ += taken;
        if (queued_ == all) {
            engine_.queue_finish();
        }
        if (taken == 0) {
            break;
        }
    }
    played_ = engine_.played_timestamp();
    captured_ = captured;
    if (!playing_ && queued_ >= second &&
        static_cast<double>(came_back_.size() / 2) > 2.0 * audio::kLoopEarliest_s * rate_hz_) {
        playing_ = true;
        played_points_.begin = played_;
        captured_points_.begin = captured_;
        engine_.start_playing();
    }
    if (playing_ && !began_ && engine_.played_from() >= 0) {
        began_ = played_.at + deck_seconds(static_cast<double>(engine_.played_from() - played_.frame) / rate_hz_);
    }
}

std::optional<Result<EchoRun::Work>> EchoRun::next_work() {
    if (lost_ || xruns() != xruns_) {
        return Error{"frames were lost on the way (xrun); try again when this machine is less busy"};
    }
    if (!began_ || done()) {
        return std::nullopt;
    }
    const auto second = static_cast<std::int64_t>(signal_->size() / 2);
    const std::int64_t sent_from = engine_.played_from() + measured_ * second;
    // of what was sent then, in frames of the return that are here
    const auto comes_at = [&](std::int64_t frame) {
        return static_cast<double>(captured_.frame - came_back_from_ + frame - played_.frame) +
               seconds(played_.at - captured_.at) * rate_hz_;
    };
    const double wanted = comes_at(sent_from + second) + (plan_.latest_s + kSpare_s) * rate_hz_;
    if (static_cast<double>(came_back_.size() / 2) < wanted) {
        return std::nullopt;
    }
    // A stamp at each end: over a second the nominal rate of two crystals is wrong by a frame.
    played_points_.end = played_;
    captured_points_.end = captured_;
    Work work = [signal = signal_,
                 came_back = std::vector<std::int32_t>(
                     came_back_.begin(), came_back_.begin() + 2 * static_cast<std::ptrdiff_t>(std::ceil(wanted))),
                 recording = audio::LoopRecording{.sample_rate_hz = rate_hz_,
                                                  .sent = {},
                                                  .sent_from = sent_from,
                                                  .came_back = {},
                                                  .came_back_from = came_back_from_,
                                                  .played = played_points_,
                                                  .captured = captured_points_,
                                                  .latest_s = plan_.latest_s}] {
        audio::LoopRecording whole = recording;
        whole.sent = *signal;
        whole.came_back = came_back;
        return audio::measure_loop(whole);
    };
    ++measured_;
    const double old = comes_at(sent_from + second) - (audio::kLoopEarliest_s + kSpare_s) * rate_hz_;
    const auto dropped = static_cast<std::size_t>(std::max(0.0, old));
    came_back_.erase(came_back_.begin(), came_back_.begin() + static_cast<std::ptrdiff_t>(2 * dropped));
    came_back_from_ += static_cast<std::int64_t>(dropped);
    return work;
}

std::optional<Result<audio::LoopMeasurement>> EchoRun::next() {
    auto work = next_work();
    if (!work) {
        return std::nullopt;
    }
    if (!*work) {
        return Error{work->error().message};
    }
    return (**work)();
}

double EchoRun::returned_rate_hz() const noexcept {
    const auto frames = static_cast<double>(captured_.frame - captured_points_.begin.frame);
    const double time_s = seconds(captured_.at - captured_points_.begin.at);
    return playing_ && frames > 0.0 && time_s > 0.0 ? frames / time_s : rate_hz_;
}

} // namespace overbias::calibration
