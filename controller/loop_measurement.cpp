// SPDX-License-Identifier: Apache-2.0
#include "controller/loop_measurement.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace overbias::controller {

namespace {

constexpr std::size_t kWindow = 65536; ///< frames; twice that above 100 kHz
constexpr double kFullScale = 2147483648.0;
constexpr double kPeak = 0.1; ///< -20 dBFS: no input is overdriven
constexpr double kLow_hz = 200.0;
constexpr double kHigh_hz = 16000.0;
constexpr double kLeastCorrelation = 0.9;
constexpr double kChannelsAgree = 0.5; ///< frames
constexpr double kBefore = 64.0;       ///< frames; earlier than it was played nothing comes back
constexpr const char* kChannelNames[] = {"left", "right"};

std::size_t window_for(double rate_hz) {
    return rate_hz > 100000.0 ? kWindow * 2 : kWindow;
}

std::vector<std::int32_t> noise(std::size_t frames) {
    std::vector<std::int32_t> samples(frames * 2);
    std::mt19937 random(20); // the same noise each time
    for (std::int32_t& sample : samples) {
        const double value = static_cast<double>(random()) / 4294967295.0 * 2.0 - 1.0;
        sample = static_cast<std::int32_t>(std::lround(value * kPeak * kFullScale));
    }
    return samples;
}

} // namespace

LoopMeasurement::LoopMeasurement(double sample_rate_hz)
    : rate_hz_(sample_rate_hz), window_(window_for(sample_rate_hz)), signal_(noise(window_ / 2)), fft_(window_),
      estimator_(window_, sample_rate_hz, kLow_hz, kHigh_hz), sent_{spectrum(signal_, 0), spectrum(signal_, 1)} {
}

LoopMeasurement::Spectrum LoopMeasurement::spectrum(std::span<const std::int32_t> interleaved, std::size_t channel) {
    std::vector<float> time(window_);
    for (std::size_t i = 0; i < std::min(window_, interleaved.size() / 2); ++i) {
        time[i] = static_cast<float>(interleaved[2 * i + channel] / kFullScale);
    }
    Spectrum bins(fft_.bins());
    fft_.forward(time, bins);
    return bins;
}

Result<LoopMeasurement::Found> LoopMeasurement::find(std::span<const std::int32_t> returned) {
    const double reach = static_cast<double>(window_) / 4.0;
    std::array<double, 2> delay{};
    for (std::size_t channel = 0; channel < 2; ++channel) {
        const Spectrum came = spectrum(returned, channel);
        const auto here = estimator_.coarse(sent_[channel], came, reach - kBefore, reach);
        if (std::abs(here.correlation) < kLeastCorrelation) {
            const auto other = estimator_.coarse(sent_[1 - channel], came, reach - kBefore, reach);
            const bool crossed = std::abs(other.correlation) >= kLeastCorrelation;
            return Error{crossed ? std::string("left and right are crossed: ") + kChannelNames[1 - channel] +
                                       " came back on " + kChannelNames[channel] + "; correct the cables or the roles"
                                 : std::string("the signal did not come back on the ") + kChannelNames[channel] +
                                       " channel (correlation " + figure(here.correlation, 2) + ", expected at least " +
                                       figure(kLeastCorrelation, 1) +
                                       "); connect the card's outputs to its inputs with a cable in place of the deck"};
        }
        if (here.correlation < 0.0) {
            return Error{std::string("the ") + kChannelNames[channel] +
                         " channel comes back with its polarity turned over; correct the cable"};
        }
        delay[channel] = here.samples;
    }
    if (std::abs(delay[0] - delay[1]) > kChannelsAgree) {
        return Error{"left comes back after " + figure(delay[0], 2) + " frames and right after " + figure(delay[1], 2) +
                     "; expected the same within " + figure(kChannelsAgree, 1)};
    }
    return Found{(delay[0] + delay[1]) / 2.0};
}

} // namespace overbias::controller
