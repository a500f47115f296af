// SPDX-License-Identifier: Apache-2.0
#include "controller/meter_readers.hpp"

#include <algorithm>

namespace overbias::controller {

void MeterReaders::add(const web_ui::MeterFrame& frame) {
    const std::lock_guard lock(mutex_);
    newest_ = frame;
    at_ = std::chrono::steady_clock::now();
    for (auto& [name, reader] : readers_) {
        if (reader.waiting) {
            absorb(*reader.waiting, frame);
        } else {
            reader.waiting = frame;
        }
    }
}

std::optional<MeterReaders::Reading> MeterReaders::read(const std::string& reader) {
    const std::lock_guard lock(mutex_);
    if (!readers_.contains(reader) && readers_.size() >= kMost) {
        readers_.erase(std::ranges::min_element(readers_, {}, [](const auto& each) { return each.second.asked; }));
    }
    Reader& known = readers_[reader];
    known.asked = ++asked_;
    if (!newest_) {
        return std::nullopt;
    }
    const Reading reading{known.waiting ? *known.waiting : *newest_, std::chrono::steady_clock::now() - at_};
    known.waiting.reset();
    return reading;
}

} // namespace overbias::controller
