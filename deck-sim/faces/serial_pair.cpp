// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/faces/serial_pair.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::deck_sim {

namespace {

constexpr std::size_t kSendQueue = 4096;
constexpr std::uint8_t kXon = 0x11, kXoff = 0x13;
constexpr std::uint8_t kFloodByte = 0xFF;
constexpr DeckDuration kFirstPause = std::chrono::milliseconds(100), kLongestPause = std::chrono::seconds(5);

DeckDuration byte_time_of(const transport::SerialSettings& settings) {
    if (settings.baud <= 0) {
        throw std::invalid_argument("serial line '" + settings.device + "': the baud rate must be positive, came " +
                                    std::to_string(settings.baud));
    }
    const int bits = settings.parity == transport::SerialParity::None ? 10 : 11;
    return DeckDuration(std::int64_t{bits} * 1'000'000'000 / settings.baud);
}

/// One pair of wires: bytes in a row, each as long as it lasts.
class Wire {
  public:
    Wire(Timeline& timeline, DeckDuration byte_time, std::function<void(std::uint8_t, bool)> arrived)
        : timeline_(timeline), byte_time_(byte_time), arrived_(std::move(arrived)) {}
    ~Wire() { timeline_.cancel(timer_); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    void send(std::span<const std::uint8_t> bytes) {
        const std::size_t count = std::min(bytes.size(), faults.cut_after.value_or(bytes.size()));
        waiting_.insert(waiting_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
        begin();
    }
    /// The sender stops after the byte that is on the line, or goes on.
    void hold(bool held) {
        held_ = held;
        begin();
    }
    void lose_all() {
        waiting_.clear();
        timeline_.cancel(std::exchange(timer_, 0));
        held_ = false;
    }
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

    LineFaults faults;

  private:
    void begin() {
        if (timer_ == 0 && !held_ && !waiting_.empty()) {
            ends_ = timeline_.now() + byte_time_;
            timer_ = timeline_.call_at(ends_, [this] { end(); });
        }
    }
    void end() {
        timer_ = 0;
        const std::uint8_t byte = waiting_.front();
        waiting_.pop_front();
        if (!held_ && !waiting_.empty()) {
            ends_ += byte_time_; // from the end of this one's stop bit: a timeline that is late slows no line down
            timer_ = timeline_.call_at(ends_, [this] { end(); });
        }
        if (!faults.silent) {
            arrived_(byte, faults.wrong_parity);
        }
    }

    Timeline& timeline_;
    DeckDuration byte_time_;
    std::function<void(std::uint8_t, bool)> arrived_;
    std::deque<std::uint8_t> waiting_; ///< the first one is on the line while timer_ runs
    Timeline::TimerId timer_ = 0;
    DeckTime ends_{}; ///< of the byte on the line
    bool held_ = false;
};

} // namespace

struct SerialPair::Impl final : transport::SerialLink {
    Impl(Timeline& line, transport::SerialSettings given)
        : timeline(line), settings(std::move(given)), byte_time(byte_time_of(settings)),
          to_driver(line, byte_time, [this](std::uint8_t byte, bool damaged) { arrived_at_driver(byte, damaged); }),
          to_device(line, byte_time, [this](std::uint8_t byte, bool damaged) { arrived_at_device(byte, damaged); }) {}
    ~Impl() override {
        timeline.cancel(reopen_timer);
        timeline.cancel(plug_timer);
    }

    // --- SerialLink
    Result<void> send(std::span<const std::uint8_t> bytes) override {
        if (!up) {
            return Error{problem()};
        }
        if (to_device.waiting() + bytes.size() > kSendQueue) {
            return Error{settings.device + ": " + std::to_string(to_device.waiting()) + " bytes wait to be sent and " +
                         std::to_string(bytes.size()) + " more came, expected at most " + std::to_string(kSendQueue) +
                         "; the other side takes none"};
        }
        to_device.send(bytes);
        return {};
    }
    void on_bytes(std::function<void(std::span<const std::uint8_t>, bool, DeckTime)> listener) override {
        driver_listener = std::move(listener);
    }
    void on_state(std::function<void()> listener) override { state_listener = std::move(listener); }
    [[nodiscard]] bool is_up() const noexcept override { return up; }
    [[nodiscard]] std::string problem() const override {
        if (up) {
            return {};
        }
        std::array<char, 32> left{};
        std::snprintf(left.data(), left.size(), "%.1f", std::max(0.0, seconds(next_try - timeline.now())));
        return settings.device + ": " + (tries == 0 ? "end of file" : "no such device") + "; trying again in " +
               left.data() + " s";
    }
    [[nodiscard]] std::string name() const override { return settings.device; }

    void tell_driver(std::uint8_t byte, bool damaged) {
        if (const auto to = driver_listener) { // a copy: the listener may put another in its place
            to(std::span(&byte, 1), damaged, timeline.now());
        }
    }
    void arrived_at_driver(std::uint8_t byte, bool damaged) {
        if (flooding) {
            return;
        }
        if (settings.xon_xoff && !damaged && (byte == kXon || byte == kXoff)) {
            to_device.hold(byte == kXoff);
            return;
        }
        tell_driver(byte, damaged);
    }
    void arrived_at_device(std::uint8_t byte, bool damaged) {
        if (echoing && up && !flooding) {
            tell_driver(byte, false);
        }
        if (const auto to = device_listener) {
            to(std::span(&byte, 1), damaged);
        }
    }

    void unplug() {
        timeline.cancel(std::exchange(plug_timer, 0));
        plugged = false;
        if (!up) {
            return;
        }
        up = false;
        to_driver.lose_all();
        to_device.lose_all();
        tries = 0;
        pause = kFirstPause;
        try_later();
        tell_state();
    }
    void try_later() {
        next_try = timeline.now() + pause;
        reopen_timer = timeline.call_at(next_try, [this] { open_again(); });
    }
    void open_again() {
        reopen_timer = 0;
        ++tries;
        if (!plugged) {
            pause = std::min(2 * pause, kLongestPause);
            try_later();
            return;
        }
        up = true;
        tell_state();
    }
    void tell_state() {
        if (const auto to = state_listener) {
            to();
        }
    }

    Timeline& timeline;
    transport::SerialSettings settings;
    DeckDuration byte_time;
    Wire to_driver, to_device;
    std::function<void(std::span<const std::uint8_t>, bool, DeckTime)> driver_listener;
    std::function<void()> state_listener;
    std::function<void(std::span<const std::uint8_t>, bool)> device_listener;
    bool flooding = false, echoing = false;
    std::unique_ptr<PeriodicTimer> flood_timer;
    bool up = true, plugged = true;
    int tries = 0; ///< since the link went down
    DeckDuration pause = kFirstPause;
    DeckTime next_try{};
    Timeline::TimerId reopen_timer = 0, plug_timer = 0;
};

SerialPair::SerialPair(Timeline& timeline, transport::SerialSettings settings)
    : impl_(std::make_unique<Impl>(timeline, std::move(settings))) {
}

SerialPair::~SerialPair() = default;

transport::SerialLink& SerialPair::link() noexcept {
    return *impl_;
}

void SerialPair::send(std::span<const std::uint8_t> bytes) {
    if (impl_->up) {
        impl_->to_driver.send(bytes);
    }
}

void SerialPair::on_bytes(std::function<void(std::span<const std::uint8_t>, bool)> listener) {
    impl_->device_listener = std::move(listener);
}

bool SerialPair::sent() const noexcept {
    return impl_->to_driver.waiting() == 0;
}

LineFaults& SerialPair::faults(Way way) noexcept {
    return way == Way::ToDriver ? impl_->to_driver.faults : impl_->to_device.faults;
}

void SerialPair::flood(bool on) {
    impl_->flooding = on;
    impl_->flood_timer.reset();
    if (on) {
        impl_->flood_timer = std::make_unique<PeriodicTimer>(impl_->timeline, impl_->byte_time, [impl = impl_.get()] {
            if (impl->up) {
                impl->tell_driver(kFloodByte, false);
            }
        });
    }
}

void SerialPair::echo(bool on) noexcept {
    impl_->echoing = on;
}

void SerialPair::noise(Way way, std::uint8_t byte) {
    if (impl_->up) {
        (way == Way::ToDriver ? impl_->to_driver : impl_->to_device).send(std::span(&byte, 1));
    }
}

void SerialPair::unplug() {
    impl_->unplug();
}

void SerialPair::plug_in() {
    impl_->timeline.cancel(std::exchange(impl_->plug_timer, 0));
    impl_->plugged = true;
}

void SerialPair::unplug_for(DeckDuration away) {
    impl_->unplug();
    impl_->plug_timer = impl_->timeline.call_after(away, [impl = impl_.get()] {
        impl->plug_timer = 0;
        impl->plugged = true;
    });
}

DeckDuration SerialPair::byte_time() const noexcept {
    return impl_->byte_time;
}

} // namespace overbias::deck_sim
