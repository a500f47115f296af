// SPDX-License-Identifier: Apache-2.0
// BiasConverters: the slow converters (Linux IIO) on a deck's bias test points. Reading one may block for as long as
// its bus likes, so on a real deck a thread of its own does it; on simulated deck time the timeline, which may wait.
//
// Threads: ask() and take() on the timeline's; the converters are read on their own after start(), else in ask().
#pragma once

#include "base/async/timeline.hpp"
#include "tape/bias_source.hpp"
#include "transport/io/iio_adc.hpp"

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace overbias::controller {

/// What one converter said.
struct BiasPolled {
    std::size_t source = 0;      ///< index into the sources
    DeckTime at{};               ///< when it was asked
    std::optional<double> level; ///< tape::bias_level(); empty: it could not be read
    std::string problem;         ///< why, in words; empty: all is well
};

class BiasConverters {
  public:
    explicit BiasConverters(const std::vector<tape::BiasSource>& sources,
                            std::filesystem::path root = transport::kIioRoot);
    /// Waits for a reading that is on its way.
    ~BiasConverters();
    BiasConverters(const BiasConverters&) = delete;
    BiasConverters& operator=(const BiasConverters&) = delete;

    [[nodiscard]] bool empty() const noexcept { return converters_.empty(); }
    void start();
    /// Asks all of them, unless they are still being asked; false then.
    bool ask(DeckTime now);
    [[nodiscard]] std::vector<BiasPolled> take();
    /// Since when an answer is outstanding.
    [[nodiscard]] std::optional<DeckTime> asked() const;
    /// Indices into the sources.
    [[nodiscard]] std::vector<std::size_t> sources() const;

  private:
    struct Converter {
        std::size_t index = 0;
        tape::BiasSource source;
        transport::IioAdc adc;
    };
    [[nodiscard]] std::vector<BiasPolled> read(DeckTime at);
    void run();

    std::vector<Converter> converters_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::optional<DeckTime> asked_;
    std::vector<BiasPolled> polled_;
    std::thread thread_; ///< last: it starts when the rest is there
};

} // namespace overbias::controller
