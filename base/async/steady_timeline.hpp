// SPDX-License-Identifier: Apache-2.0
// Deck time on real hardware: CLOCK_MONOTONIC through Boost.Asio.
#pragma once

#include "base/async/timeline.hpp"

#include <memory>

namespace boost::asio {
class io_context;
}

namespace overbias {

class SteadyTimeline final : public Timeline {
  public:
    SteadyTimeline();
    ~SteadyTimeline() override;

    [[nodiscard]] DeckTime now() const noexcept override;
    TimerId call_at(DeckTime when, Callback callback) override;
    void cancel(TimerId timer) noexcept override;
    void post(Callback callback) override;
    [[nodiscard]] bool simulated() const noexcept override { return false; }

    /// Runs callbacks on the calling thread until stop().
    void run();
    /// Ends run(), for good. Any thread.
    void stop();
    /// Deck time of a CLOCK_MONOTONIC reading (kernel timestamps of edges, ALSA htimestamps). Any thread.
    [[nodiscard]] DeckTime at_monotonic(std::chrono::nanoseconds since_boot) const noexcept;
    /// For back ends that wait on file descriptors on this thread (GPIO edges, serial).
    [[nodiscard]] boost::asio::io_context& io_context() noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias
