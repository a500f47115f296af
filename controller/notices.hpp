// SPDX-License-Identifier: Apache-2.0
// What every door is told without asking, and how often: state when it changes, position at most fifteen times a
// second, progress and what an alignment
// shows ten times. Thread: the timeline's.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::controller {

class Notices {
  public:
    using Door = std::function<void(std::string_view topic, std::string_view parameters)>;

    void add(Door door) { doors_.push_back(std::move(door)); }
    /// To every door, now. `parameters` is JSON text.
    void tell(std::string_view topic, std::string_view parameters) const;
    /// The same for what is only worth its newest value: left out when it is the one told last, or when too little host
    /// time has passed since then. `parameters` is asked only when it is due.
    void position(const std::function<std::string()>& parameters);
    void progress(const std::function<std::string()>& parameters);
    void alignment(const std::function<std::string()>& parameters);

  private:
    struct Pace {
        std::chrono::steady_clock::time_point told{};
        std::string last;
    };
    void now_and_then(Pace& pace, std::chrono::milliseconds interval, std::string_view topic,
                      const std::function<std::string()>& parameters) const;
    std::vector<Door> doors_;
    Pace position_, progress_, alignment_;
};

} // namespace overbias::controller
