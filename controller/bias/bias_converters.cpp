// SPDX-License-Identifier: Apache-2.0
#include "controller/bias/bias_converters.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace overbias::controller {

BiasConverters::BiasConverters(const std::vector<tape::BiasSource>& sources, std::filesystem::path root) {
    for (std::size_t index = 0; index < sources.size(); ++index) {
        if (const tape::BiasSource& source = sources[index]; source.kind == tape::BiasSourceKind::Adc) {
            converters_.push_back(
                {.index = index, .source = source, .adc = transport::IioAdc(source.device, source.adc_channel, root)});
        }
    }
}

BiasConverters::~BiasConverters() {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
}

void BiasConverters::start() {
    thread_ = std::thread([this] { run(); });
}

std::vector<BiasPolled> BiasConverters::read(DeckTime at) {
    std::vector<BiasPolled> all;
    for (Converter& each : converters_) {
        BiasPolled one{.source = each.index, .at = at, .level = std::nullopt, .problem = {}};
        if (const auto volts = each.adc.read()) {
            one.level = tape::bias_level(each.source, *volts);
        } else {
            one.problem = volts.error().message;
        }
        all.push_back(std::move(one));
    }
    return all;
}

void BiasConverters::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ending_ || asked_.has_value(); });
        if (ending_) {
            return;
        }
        const DeckTime at = *asked_;
        lock.unlock();
        std::vector<BiasPolled> all = read(at);
        lock.lock();
        std::ranges::move(all, std::back_inserter(polled_));
        asked_.reset();
    }
}

bool BiasConverters::ask(DeckTime now) {
    if (!thread_.joinable()) {
        std::vector<BiasPolled> all = read(now);
        std::ranges::move(all, std::back_inserter(polled_));
        return true;
    }
    {
        const std::lock_guard lock(mutex_);
        if (asked_) {
            return false;
        }
        asked_ = now;
    }
    changed_.notify_all();
    return true;
}

std::vector<BiasPolled> BiasConverters::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(polled_, {});
}

std::optional<DeckTime> BiasConverters::asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
}

std::vector<std::size_t> BiasConverters::sources() const {
    std::vector<std::size_t> all;
    for (const Converter& each : converters_) {
        all.push_back(each.index);
    }
    return all;
}

} // namespace overbias::controller
