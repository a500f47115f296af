// SPDX-License-Identifier: Apache-2.0
#include "controller/meter_worker.hpp"

#include "dsp/meters/vu_meter.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>

namespace overbias::controller {

namespace {

constexpr std::size_t kPiece = 1024; ///< frames
constexpr float kFullScale = 2147483648.0F;
constexpr double kSilence_dbfs = -150.0;
constexpr double kRest_vu = -60.0;

float decibels(float peak) {
    return peak > 0.0F ? static_cast<float>(std::max(kSilence_dbfs, 20.0 * std::log10(static_cast<double>(peak))))
                       : static_cast<float>(kSilence_dbfs);
}

void require(bool good, const char* what) {
    if (!good) {
        throw std::invalid_argument(std::string("meters: ") + what + " must be above 0");
    }
}

} // namespace

/// Two channels of one tap.
class MeterWorker::Side {
  public:
    Side(audio::FrameTap& tap, double rate_hz, double reference)
        : tap_(tap), meters_{dsp::VuMeter(rate_hz, reference), dsp::VuMeter(rate_hz, reference)}, frames_(kPiece * 2),
          channel_(kPiece) {}

    /// Takes everything that waits in the tap; false when nothing did.
    bool take() {
        peak_ = {};
        bool any = false;
        while (true) {
            const audio::FrameTap::Block block = tap_.read(frames_);
            if (block.frames == 0) {
                return any;
            }
            any = true;
            newest_frame_ = block.first_frame + static_cast<std::int64_t>(block.frames) - 1;
            for (std::size_t side = 0; side < 2; ++side) {
                const std::span<float> samples = std::span(channel_).first(block.frames);
                float peak = peak_[side];
                for (std::size_t i = 0; i < block.frames; ++i) {
                    samples[i] = static_cast<float>(frames_[2 * i + side]) / kFullScale;
                    peak = std::max(peak, std::abs(samples[i]));
                }
                peak_[side] = peak;
                meters_[side].process(samples);
            }
        }
    }
    void read(std::array<float, 2>& vu, std::array<float, 2>& peak_dbfs) const {
        for (std::size_t side = 0; side < 2; ++side) {
            vu[side] = static_cast<float>(std::max(kRest_vu, meters_[side].reading_vu()));
            peak_dbfs[side] = decibels(peak_[side]);
        }
    }
    [[nodiscard]] std::int64_t newest_frame() const noexcept { return newest_frame_; }

  private:
    audio::FrameTap& tap_;
    std::array<dsp::VuMeter, 2> meters_;
    std::vector<std::int32_t> frames_;
    std::vector<float> channel_;
    std::array<float, 2> peak_{};
    std::int64_t newest_frame_ = 0;
};

MeterWorker::MeterWorker(audio::FrameTap& played, audio::FrameTap& tape_return, MeterWorkerConfig config,
                         std::function<void(const web_ui::MeterFrame&)> publish)
    : config_(config), publish_(std::move(publish)) {
    require(config.played_rate_hz > 0 && config.return_rate_hz > 0, "a sample rate");
    require(config.played_reference > 0 && config.return_reference > 0, "the amplitude of 0 VU");
    require(config.interval.count() > 0, "the interval");
    played_ = std::make_unique<Side>(played, config.played_rate_hz, config.played_reference);
    return_ = std::make_unique<Side>(tape_return, config.return_rate_hz, config.return_reference);
    thread_ = std::thread([this] { run(); });
}

MeterWorker::~MeterWorker() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void MeterWorker::run() {
    auto next = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    while (!ending_) {
        lock.unlock();
        measure();
        lock.lock();
        next += config_.interval;
        if (const auto now = std::chrono::steady_clock::now(); next <= now) { // late: no burst to catch up
            next = now + config_.interval;
        }
        changed_.wait_until(lock, next, [this] { return ending_; });
    }
}

void MeterWorker::measure() {
    const bool returned = return_->take();
    const bool played = played_->take();
    if (!returned && !played) {
        return;
    }
    web_ui::MeterFrame frame;
    return_->read(frame.tape_vu, frame.tape_peak_dbfs);
    played_->read(frame.programme_vu, frame.programme_peak_dbfs);
    const audio::StreamTimestamp anchor = anchor_.rt_latest();
    const double since_s = static_cast<double>(return_->newest_frame() - anchor.frame) / config_.return_rate_hz;
    const auto at = anchor.at.time_since_epoch() + deck_seconds(since_s);
    frame.capture_time_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, at.count()));
    publish_(frame);
}

} // namespace overbias::controller
