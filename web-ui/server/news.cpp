// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/news.hpp"

#include <utility>

namespace overbias::web_ui {

bool News::add(Item item) {
    const std::lock_guard lock(mutex_);
    if (latest_value_topic(item.topic)) {
        for (auto older = items_.rbegin(); older != items_.rend() && latest_value_topic(older->topic); ++older) {
            if (older->topic == item.topic) {
                older->text = std::move(item.text);
                return true;
            }
        }
    }
    if (items_.size() >= kMost) {
        return false;
    }
    items_.push_back(std::move(item));
    return true;
}

std::deque<News::Item> News::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
}

} // namespace overbias::web_ui
