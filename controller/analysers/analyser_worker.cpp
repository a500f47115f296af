// SPDX-License-Identifier: Apache-2.0
#include "controller/analysers/analyser_worker.hpp"

#include <span>
#include <utility>

namespace overbias::controller {

namespace {

constexpr std::size_t kPiece = 4096; ///< frames
constexpr float kFullScale = 2147483648.0F;

} // namespace

AnalyserWorker::AnalyserWorker(audio::FrameTap& tape_return, AnalyserWorkerConfig config)
    : config_(config), tap_(tape_return), memory_(config.rate_hz, config.memory_s),
      flutter_(config.rate_hz, config.memory_s), frames_(2 * kPiece), samples_(2 * kPiece) {
    thread_ = std::thread([this] { run(); });
}

AnalyserWorker::~AnalyserWorker() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void AnalyserWorker::ask(std::vector<TurningPart> parts, Told told) {
    const std::lock_guard lock(mutex_);
    parts_ = std::move(parts);
    asking_.push_back(std::move(told));
}

void AnalyserWorker::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        lock.unlock();
        drain();
        answer();
        lock.lock();
        changed_.wait_for(lock, config_.drain_interval, [this] { return ending_; });
    }
}

void AnalyserWorker::drain() {
    const auto now = std::chrono::steady_clock::now();
    for (auto block = tap_.read(frames_); block.frames > 0; block = tap_.read(frames_)) {
        for (std::size_t i = 0; i < 2 * block.frames; ++i) {
            samples_[i] = static_cast<float>(frames_[i]) / kFullScale;
        }
        const auto samples = std::span<const float>(samples_).first(2 * block.frames);
        if (!memory_.push(block.first_frame, samples)) {
            ++gaps_;
            flutter_.clear();
        }
        flutter_.process(samples);
        came_at_ = now;
        came_ = true;
    }
    if (came_ && now - came_at_ > config_.stale_after) {
        memory_.clear();
        flutter_.clear();
        came_ = false;
    }
    if (now - asked_at_ > config_.flutter_rests_after) {
        flutter_.clear();
    }
}

void AnalyserWorker::answer() {
    std::vector<Told> asking;
    std::vector<TurningPart> parts;
    const auto now = std::chrono::steady_clock::now();
    {
        const std::lock_guard lock(mutex_);
        if (asking_.empty() || now - measured_at_ < config_.answer_interval) {
            return;
        }
        asking.swap(asking_);
        parts.swap(parts_);
    }
    asked_at_ = measured_at_ = now;
    const std::shared_ptr<const Analysis> analysis = measure(std::move(parts));
    came_at_ += std::chrono::steady_clock::now() - now; // nobody listened meanwhile: samples have not stopped for that
    for (const Told& told : asking) {
        told(analysis);
    }
}

std::shared_ptr<const Analysis> AnalyserWorker::measure(std::vector<TurningPart> parts) {
    auto out = std::make_shared<Analysis>();
    out->rate_hz = config_.rate_hz;
    out->memory_s = config_.memory_s;
    out->held_s = memory_.held_s();
    out->stale = !came_;
    out->lost_frames = tap_.dropped_frames();
    out->gaps = gaps_;
    const calibration::Channels newest = memory_.newest(config_.memory_s);
    out->figures = measure_newest(newest, config_.rate_hz);
    flutter_.look(newest, out->figures);
    out->flutter = flutter_.read(parts);
    out->parts = std::move(parts);
    return out;
}

} // namespace overbias::controller
