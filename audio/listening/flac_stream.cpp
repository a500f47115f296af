// SPDX-License-Identifier: Apache-2.0
#include "audio/listening/flac_stream.hpp"

#include "audio/dither.hpp"
#include "audio/listening/flac_encoder.hpp"
#include "audio/rate_bridge.hpp"
#include "base/spsc_ring.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace overbias::audio {

namespace {

constexpr double kHighest_hz = 48000.0;
constexpr double kRing_s = 1.0;
constexpr int kBits = 16;
constexpr std::size_t kPiece = 2048; ///< frames
constexpr std::chrono::milliseconds kLook{10};

/// What one listener has to fetch.
class Queue final : public FlacListener {
  public:
    Queue(std::size_t most, std::function<void()> wake) : most_(most), wake_(std::move(wake)) {}

    std::string take() override {
        const std::lock_guard lock(mutex_);
        hungry_ = bytes_.empty();
        return std::exchange(bytes_, {});
    }
    std::string ended() const override {
        const std::lock_guard lock(mutex_);
        return ended_;
    }

    // --- the stream's thread
    /// False: it was cut off, now or before.
    bool add(const FlacEncoder& encoder, std::string_view frame) {
        const auto numbered = renumbered_flac_frame(frame, next_);
        if (!numbered) {
            end("the encoder made something that is no frame");
            return false;
        }
        bool wakes = false;
        {
            const std::lock_guard lock(mutex_);
            if (!ended_.empty()) {
                return false;
            }
            if (next_++ == 0) {
                bytes_ += encoder.header();
            }
            bytes_ += *numbered;
            if (bytes_.size() > most_) {
                bytes_ = {};
                ended_ = "too slow: more than " + std::to_string(most_) + " bytes were waiting";
            }
            wakes = std::exchange(hungry_, false) || !ended_.empty();
        }
        if (wakes) {
            wake_();
        }
        return ended().empty();
    }
    void end(const std::string& why) {
        {
            const std::lock_guard lock(mutex_);
            if (!ended_.empty()) {
                return;
            }
            ended_ = why;
        }
        wake_();
    }

  private:
    const std::size_t most_;
    const std::function<void()> wake_;
    std::uint32_t next_ = 0; ///< the stream's thread's
    mutable std::mutex mutex_;
    std::string bytes_, ended_;
    bool hungry_ = true;
};

} // namespace

unsigned flac_stream_rate_hz(double rate_hz) noexcept {
    while (rate_hz > kHighest_hz) {
        rate_hz /= 2.0;
    }
    return static_cast<unsigned>(std::lround(rate_hz));
}

struct FlacStream::Impl {
    Impl(double rate_used_hz, Limits limits_used)
        : rate_hz(rate_used_hz), limits(limits_used), ring(static_cast<std::size_t>(2.0 * kRing_s * rate_hz)) {
        if (!(rate_hz >= 44100.0 && rate_hz <= 192000.0) || rate_hz != std::round(rate_hz)) {
            throw std::invalid_argument("listening: a stream of " + std::to_string(rate_hz) +
                                        " Hz; expected a whole number from 44100 to 192000");
        }
    }

    void run() {
        std::unique_lock lock(mutex);
        while (!ending) {
            if (listening.empty()) {
                forget(); // under the lock: whoever opens hears what is pushed from then on
                changed.wait(lock, [this] { return ending || !listening.empty(); });
                continue;
            }
            lock.unlock();
            const bool any = encode();
            lock.lock();
            std::erase_if(listening, [](const std::weak_ptr<Queue>& each) { return each.expired(); });
            count.store(listening.size(), std::memory_order_relaxed);
            if (!any) {
                changed.wait_for(lock, kLook, [this] { return ending; });
            }
        }
    }

    /// Nobody listens: the next one hears nothing old.
    void forget() {
        encoder.reset();
        bridge.reset();
        frames_in = 0;
        while (ring.rt_read(piece) > 0) {
        }
    }

    /// One piece; false: nothing waited.
    bool encode() {
        const std::size_t frames = ring.rt_read(piece) / 2;
        if (frames == 0) {
            return false;
        }
        const unsigned out_hz = flac_stream_rate_hz(rate_hz);
        if (!encoder) {
            encoder = std::make_unique<FlacEncoder>(out_hz, [this](const std::string& frame) { share(frame); });
            if (static_cast<double>(out_hz) != rate_hz) {
                bridge = std::make_unique<RateBridge>(rate_hz, static_cast<double>(out_hz));
            }
        }
        if (!bridge) {
            quantise(std::span<const std::int32_t>(piece).first(2 * frames));
            return true;
        }
        bridge->push(frames_in, std::span<const std::int32_t>(piece).first(2 * frames));
        frames_in += static_cast<std::int64_t>(frames);
        for (FrameTap::Block block = bridge->read(piece); block.frames > 0; block = bridge->read(piece)) {
            quantise(std::span<const std::int32_t>(piece).first(2 * block.frames));
        }
        return true;
    }

    void quantise(std::span<const std::int32_t> samples) {
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const double value = static_cast<double>(samples[i]) / 0x1p31;
            codes[i] = dither[i % 2].quantise(value) >> (32 - kBits);
        }
        if (!encoder->encode(std::span<const std::int32_t>(codes).first(samples.size()))) {
            for (const auto& each : all()) {
                each->end("the encoder gave up");
            }
        }
    }

    void share(const std::string& frame) {
        for (const auto& each : all()) {
            if (each->ended().empty() && !each->add(*encoder, frame)) {
                cut.fetch_add(1, std::memory_order_relaxed);
            }
        }
    }
    [[nodiscard]] std::vector<std::shared_ptr<Queue>> all() const {
        const std::lock_guard lock(mutex);
        std::vector<std::shared_ptr<Queue>> there;
        for (const std::weak_ptr<Queue>& each : listening) {
            if (auto queue = each.lock()) {
                there.push_back(std::move(queue));
            }
        }
        return there;
    }

    const double rate_hz;
    const Limits limits;
    SpscRing<std::int32_t> ring;
    mutable std::mutex mutex;
    std::condition_variable changed;
    bool ending = false;
    std::vector<std::weak_ptr<Queue>> listening;
    std::atomic<std::size_t> count{0};
    std::atomic<std::uint64_t> dropped{0}, cut{0};

    // the thread's
    std::vector<std::int32_t> piece = std::vector<std::int32_t>(2 * kPiece), codes = piece;
    std::array<DitheredQuantiser, 2> dither{DitheredQuantiser(kBits, 1, 0), DitheredQuantiser(kBits, 1, 1)};
    std::unique_ptr<FlacEncoder> encoder;
    std::unique_ptr<RateBridge> bridge;
    std::int64_t frames_in = 0;
    std::thread thread;
};

FlacStream::FlacStream(double rate_hz, Limits limits) : impl_(std::make_unique<Impl>(rate_hz, limits)) {
    impl_->thread = std::thread([this] { impl_->run(); });
}

FlacStream::~FlacStream() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->ending = true;
    }
    impl_->changed.notify_all();
    impl_->thread.join();
    for (const auto& each : impl_->all()) {
        each->end("the daemon is ending");
    }
}

void FlacStream::push(std::span<const std::int32_t> interleaved) noexcept {
    const std::size_t frames = std::min(interleaved.size(), impl_->ring.rt_writable()) / 2;
    impl_->ring.rt_write(interleaved.first(2 * frames));
    impl_->dropped.fetch_add(interleaved.size() / 2 - frames, std::memory_order_relaxed);
}

std::shared_ptr<FlacListener> FlacStream::open(std::function<void()> wake) {
    const std::lock_guard lock(impl_->mutex);
    std::erase_if(impl_->listening, [](const std::weak_ptr<Queue>& each) { return each.expired(); });
    if (impl_->ending || impl_->listening.size() >= impl_->limits.listeners) {
        return nullptr;
    }
    auto queue = std::make_shared<Queue>(impl_->limits.queue_bytes, std::move(wake));
    impl_->listening.push_back(queue);
    impl_->count.store(impl_->listening.size(), std::memory_order_relaxed);
    impl_->changed.notify_all();
    return queue;
}

std::size_t FlacStream::listeners() const {
    return impl_->all().size();
}

bool FlacStream::wanted() const noexcept {
    return impl_->count.load(std::memory_order_relaxed) > 0;
}

std::uint64_t FlacStream::dropped_frames() const noexcept {
    return impl_->dropped.load(std::memory_order_relaxed);
}

std::uint64_t FlacStream::cut_off() const noexcept {
    return impl_->cut.load(std::memory_order_relaxed);
}

} // namespace overbias::audio
