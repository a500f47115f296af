// SPDX-License-Identifier: Apache-2.0
#include "controller/meter_worker.hpp"

#include "controller/meter_picture.hpp"
#include "dsp/meters/stereo_meters.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace {

constexpr std::size_t kPiece = 1024; ///< frames
constexpr float kFullScale = 2147483648.0F;
constexpr std::chrono::milliseconds kBetweenPictures{40}; ///< 25 a second at most
constexpr double kSilence_dbfs = -150.0;

/// As a frame has it: figures below `least` are that.
std::array<float, 2> pair(const std::array<double, 2>& values, double least) {
    return {static_cast<float>(std::max(least, values[0])), static_cast<float>(std::max(least, values[1]))};
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
        : tap_(tap), rate_hz_(rate_hz), meters_({.sample_rate_hz = rate_hz, .vu_reference = reference}),
          reader_(meters_.add_reader()), frames_(kPiece * 2), samples_(kPiece * 2) {}

    /// Takes everything that waits in the tap; false when nothing did.
    bool take() {
        bool any = false;
        for (audio::FrameTap::Block block = tap_.read(frames_); block.frames > 0; block = tap_.read(frames_)) {
            any = true;
            newest_frame_ = block.first_frame + static_cast<std::int64_t>(block.frames) - 1;
            for (std::size_t i = 0; i < 2 * block.frames; ++i) {
                samples_[i] = static_cast<float>(frames_[i]) / kFullScale;
            }
            const auto samples = std::span<const float>(samples_).first(2 * block.frames);
            meters_.process(samples);
            if (picture_) {
                picture_->process(samples);
            }
        }
        return any;
    }
    [[nodiscard]] web_ui::SourceMeters read() {
        const dsp::StereoReading now = meters_.read(reader_);
        for (std::size_t side = 0; side < 2; ++side) {
            clips_[side] += static_cast<std::uint32_t>(now.clips[side]);
        }
        const dsp::ProgrammeLoudness& loudness = meters_.loudness();
        const auto range = loudness.range();
        return {.vu = pair(now.vu, -60.0),
                .ppm_type_i_db = pair(now.ppm_type_i_db, -120.0),
                .ppm_type_ii_db = pair(now.ppm_type_ii_db, -120.0),
                .true_peak_dbtp = pair(now.true_peak_dbtp, kSilence_dbfs),
                .sample_peak_dbfs = pair(now.sample_peak_dbfs, kSilence_dbfs),
                .momentary_lufs = static_cast<float>(now.momentary_lufs),
                .short_term_lufs = static_cast<float>(now.short_term_lufs),
                .correlation = static_cast<float>(now.lowest_correlation),
                .clips = clips_,
                .integrated_lufs = static_cast<float>(loudness.integrated_lufs().value_or(web_ui::SourceMeters::kNone)),
                .range_lu = range ? static_cast<float>(range->lu) : web_ui::SourceMeters::kNone,
                .measured_s = static_cast<float>(loudness.measured_s())};
    }
    void draws(bool wanted) {
        if (wanted && !picture_) {
            picture_ = std::make_unique<MeterPicture>(rate_hz_);
        } else if (!wanted) {
            picture_.reset();
        }
    }
    [[nodiscard]] MeterPicture* picture() const noexcept { return picture_.get(); }
    void restart_loudness() noexcept { meters_.restart_loudness(); }
    [[nodiscard]] std::int64_t newest_frame() const noexcept { return newest_frame_; }

  private:
    audio::FrameTap& tap_;
    double rate_hz_;
    std::unique_ptr<MeterPicture> picture_;
    dsp::StereoMeters meters_;
    std::size_t reader_;
    std::vector<std::int32_t> frames_;
    std::vector<float> samples_;
    std::array<std::uint32_t, 2> clips_{};
    std::int64_t newest_frame_ = 0;
};

MeterWorker::MeterWorker(audio::FrameTap& played, audio::FrameTap& tape_return, MeterWorkerConfig config,
                         std::function<void(const web_ui::MeterFrame&)> publish, MeterPictures pictures)
    : config_(config), publish_(std::move(publish)), pictures_(std::move(pictures)) {
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
    if (restart_.exchange(false)) {
        return_->restart_loudness();
        played_->restart_loudness();
    }
    look_for_viewers();
    const bool returned = return_->take();
    const bool played = played_->take();
    if (!returned && !played) {
        return;
    }
    web_ui::MeterFrame frame;
    frame.tape = return_->read();
    frame.programme = played_->read();
    const audio::StreamTimestamp anchor = anchor_.rt_latest();
    const double since_s = static_cast<double>(return_->newest_frame() - anchor.frame) / config_.return_rate_hz;
    const auto at = anchor.at.time_since_epoch() + deck_seconds(since_s);
    frame.capture_time_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, at.count()));
    readers_.add(frame);
    publish_(frame);
    draw(frame.capture_time_ns);
}

/// Nobody pays for a picture that nobody looks at.
void MeterWorker::look_for_viewers() {
    if (pictures_.wanted) {
        return_->draws(pictures_.wanted(web_ui::PictureSource::Tape));
        played_->draws(pictures_.wanted(web_ui::PictureSource::Programme));
    }
}

void MeterWorker::draw(std::uint64_t capture_time_ns) {
    const auto now = std::chrono::steady_clock::now();
    if (now - pictures_at_ < kBetweenPictures) {
        return;
    }
    for (const auto& [side, source] : {std::pair(return_.get(), web_ui::PictureSource::Tape),
                                       std::pair(played_.get(), web_ui::PictureSource::Programme)}) {
        if (MeterPicture* const picture = side->picture()) {
            pictures_at_ = now;
            pictures_.publish(picture->take(source, capture_time_ns));
        }
    }
}

} // namespace overbias::controller
