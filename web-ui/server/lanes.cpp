// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/lanes.hpp"

#include <algorithm>

namespace overbias::web_ui {

namespace {

using namespace std::chrono_literals;

constexpr auto kLag = 250ms;
constexpr auto kSilence = 1500ms;       ///< three times its half second
constexpr auto kBetweenPictures = 40ms; ///< 25 a second
constexpr int kGoodReports = 4;
constexpr std::uint32_t kSlowest = 15; ///< of 30 Hz: 2 Hz
constexpr std::size_t kRemembered = 64;

} // namespace

bool latest_value_topic(std::string_view topic) {
    return topic == "state" || topic == "position" || topic == "progress" || topic == "locator" ||
           topic == "alignment" || topic == "transfer";
}

void MeterPace::slower() {
    divisor_ = std::min(divisor_ * 2, kSlowest);
    without_lag_ = 0;
}

bool MeterPace::due(std::uint32_t sequence, Time now) {
    (void)sequence;
    if (says_ && now - said_ > kSilence) {
        said_ = now;
        slower();
    }
    return ++since_sent_ >= divisor_;
}

void MeterPace::sent(std::uint32_t sequence, Time now) {
    since_sent_ = 0;
    if (unseen_.size() < kRemembered) {
        unseen_.emplace_back(sequence, now);
    }
}

void MeterPace::seen(std::uint32_t sequence, Time now) {
    says_ = true;
    said_ = now;
    while (!unseen_.empty() && static_cast<std::int32_t>(sequence - unseen_.front().first) >= 0) {
        unseen_.pop_front();
    }
    if (!unseen_.empty() && now - unseen_.front().second > kLag) {
        return slower();
    }
    if (++without_lag_ >= kGoodReports) {
        without_lag_ = 0;
        divisor_ = std::max(1U, divisor_ / 2);
    }
}

bool Lanes::push(SharedText text) {
    // Counted before it is added: one answer may be longer than the bound, a reader that does not read may not.
    if (ordered_.size() >= most_messages_ || ordered_bytes_ > most_bytes_) {
        return false;
    }
    ordered_bytes_ += text->size();
    ordered_.push_back(std::move(text));
    return true;
}

bool Lanes::notify(const std::string& topic, SharedText text) {
    if (latest_value_topic(topic)) {
        latest_[topic] = std::move(text);
        return true;
    }
    // what happened before must not be told after
    for (auto& [name, pending] : latest_) {
        if (!push(std::move(pending))) {
            return false;
        }
    }
    latest_.clear();
    return push(std::move(text));
}

void Lanes::meter(const MeterFrame& frame, std::uint32_t sequence, MeterPace::Time now) {
    if (meter_) {
        absorb(*meter_, frame);
    } else {
        meter_ = frame;
    }
    meter_sequence_ = sequence;
    meter_due_ = meter_due_ || pace_.due(sequence, now);
}

void Lanes::picture(SharedText frame, MeterPace::Time now) {
    if (picture_ || now - picture_sent_ >= kBetweenPictures * pace_.divisor()) {
        picture_ = std::move(frame);
    }
}

std::optional<Lanes::Outgoing> Lanes::next(MeterPace::Time now) {
    Outgoing out;
    if (!ordered_.empty()) {
        out.text = std::move(ordered_.front());
        ordered_.pop_front();
        ordered_bytes_ -= out.text->size();
    } else if (!latest_.empty()) {
        out.text = std::move(latest_.begin()->second);
        latest_.erase(latest_.begin());
    } else if (meter_due_) {
        const auto bytes = encode(*meter_, meter_sequence_);
        out = {.text = std::make_shared<const std::string>(bytes.begin(), bytes.end()), .binary = true};
        meter_.reset();
        meter_due_ = false;
        pace_.sent(meter_sequence_, now);
    } else if (picture_) {
        out = {.text = std::exchange(picture_, nullptr), .binary = true};
        picture_sent_ = now;
    } else {
        return std::nullopt;
    }
    return out;
}

void Lanes::clear() {
    ordered_.clear();
    ordered_bytes_ = 0;
    latest_.clear();
    meter_.reset();
    meter_due_ = false;
    picture_.reset();
}

} // namespace overbias::web_ui
