// SPDX-License-Identifier: Apache-2.0
// What the machine's threads have told and the server's thread has not taken yet. A latest value replaces the one that
// waits, but never one from before an event that came between them; so it stays bounded by the events, and those by
// kMost. Threads: add() on any, take() on the server's.
#pragma once

#include "web-ui/server/lanes.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>

namespace overbias::web_ui {

class News {
  public:
    struct Item {
        std::string topic;
        SharedText text;
    };
    static constexpr std::size_t kMost = 4096;

    /// False: the server's thread has taken nothing for too long; this one is dropped.
    [[nodiscard]] bool add(Item item);
    /// Everything, in order.
    [[nodiscard]] std::deque<Item> take();

  private:
    std::mutex mutex_;
    std::deque<Item> items_;
};

} // namespace overbias::web_ui
