// SPDX-License-Identifier: Apache-2.0
// MeterReaders: the meters for those who ask (a command line, a log, a script) and are not sent frames as a panel is.
// Each names itself and is told the highest since it last asked, at whatever pace it asks. Threads: any.
#pragma once

#include "web-ui/server/meter_frame.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace overbias::controller {

class MeterReaders {
  public:
    static constexpr std::size_t kMost = 16; ///< who asked longest ago is forgotten for a new one

    struct Reading {
        web_ui::MeterFrame frame;
        std::chrono::nanoseconds age{}; ///< host time since the newest samples in it were measured
    };

    void add(const web_ui::MeterFrame& frame);
    /// A reader who asks for the first time is told of the newest stretch alone. Nothing new since it last asked: the
    /// newest stretch again, with its age. Nothing at all: no samples have come yet.
    [[nodiscard]] std::optional<Reading> read(const std::string& reader);

  private:
    struct Reader {
        std::optional<web_ui::MeterFrame> waiting;
        std::uint64_t asked = 0;
    };
    std::mutex mutex_;
    std::optional<web_ui::MeterFrame> newest_;
    std::chrono::steady_clock::time_point at_{};
    std::map<std::string, Reader> readers_;
    std::uint64_t asked_ = 0;
};

} // namespace overbias::controller
