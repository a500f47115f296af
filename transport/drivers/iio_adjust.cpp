// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/iio_adjust.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace overbias::transport {

namespace {

std::string text_of(const IioAdjuster& one) {
    return std::string(adjuster_name(one.adjuster)) + " of track " + std::to_string(one.track + 1);
}

} // namespace

IioAdjust::IioAdjust(std::vector<IioAdjuster> adjusters, std::unique_ptr<DeckAdjust> routing,
                     const std::filesystem::path& root)
    : routing_(std::move(routing)) {
    if (!routing_) {
        throw std::invalid_argument("adjusters on converters: expected what sets the routing, got nothing");
    }
    for (IioAdjuster& one : adjusters) {
        for (const Channel& other : channels_) {
            if (other.is.adjuster == one.adjuster && other.is.track == one.track) {
                throw std::invalid_argument(text_of(one) + ": expected one converter for it, got two");
            }
            if (other.is.device == one.device && other.is.channel == one.channel) {
                throw std::invalid_argument("channel " + std::to_string(one.channel) + " of converter \"" + one.device +
                                            "\": expected one adjuster on it, got " + text_of(other.is) + " and " +
                                            text_of(one));
            }
        }
        const auto [lowest, highest] = std::minmax(one.raw_at_0, one.raw_at_1);
        IioDac dac(one.device, one.channel, lowest, highest, root);
        channels_.push_back({std::move(one), std::move(dac)});
    }
}

DeckAdjustCapabilities IioAdjust::capabilities() const noexcept {
    DeckAdjustCapabilities capabilities = routing_->capabilities();
    for (const Channel& each : channels_) {
        capabilities.adjusters.push_back({.adjuster = each.is.adjuster,
                                          .track = each.is.track,
                                          .step = 1.0 / static_cast<double>(each.dac.highest() - each.dac.lowest())});
    }
    return capabilities;
}

const IioAdjust::Channel* IioAdjust::find(Adjuster adjuster, std::size_t track) const noexcept {
    const auto found = std::ranges::find_if(
        channels_, [&](const Channel& one) { return one.is.adjuster == adjuster && one.is.track == track; });
    return found == channels_.end() ? nullptr : &*found;
}

Result<void> IioAdjust::set_adjuster(Adjuster adjuster, std::size_t track, double position) {
    const Channel* one = find(adjuster, track);
    if (one == nullptr) {
        return by_hand(adjuster, track);
    }
    if (!(position >= 0.0 && position <= 1.0)) { // nor what is not a number
        std::array<char, 32> number{};
        (void)std::snprintf(number.data(), number.size(), "%.4g", position);
        return Error{text_of(one->is) + ": expected a position from 0 to 1, got " + number.data() +
                     "; nothing was set"};
    }
    const auto span = static_cast<double>(one->is.raw_at_1 - one->is.raw_at_0);
    const long raw = one->is.raw_at_0 + std::lround(position * span);
    if (auto done = one->dac.write(raw); !done) {
        return Error{text_of(one->is) + " can't be set: " + done.error().message};
    }
    return {};
}

Result<double> IioAdjust::adjuster(Adjuster adjuster, std::size_t track) const {
    const Channel* one = find(adjuster, track);
    if (one == nullptr) {
        return by_hand(adjuster, track);
    }
    const auto raw = one->dac.read();
    if (!raw) {
        return Error{"where the " + text_of(one->is) + " stands is not known: " + raw.error().message};
    }
    if (*raw < one->dac.lowest() || *raw > one->dac.highest()) {
        return Error{text_of(one->is) + " stands outside its limits: expected " + std::to_string(one->dac.lowest()) +
                     " to " + std::to_string(one->dac.highest()) + " in converter \"" + one->is.device + "\", got " +
                     std::to_string(*raw) + "; set it before anything is measured"};
    }
    return static_cast<double>(*raw - one->is.raw_at_0) / static_cast<double>(one->is.raw_at_1 - one->is.raw_at_0);
}

} // namespace overbias::transport
