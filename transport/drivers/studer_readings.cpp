// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/studer_readings.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string_view>

namespace overbias::transport {

void StuderCheck::that(bool holds, const std::string& complaint) {
    if (!holds) {
        complaints_ += "\n  " + complaint;
    }
}

void StuderCheck::command(const char* key, const std::string& text) {
    constexpr std::size_t kLongest = 80;
    const bool plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    that(plain && text.size() <= kLongest,
         std::string(key) + ": expected at most 80 printable characters, got \"" + text + "\"");
}

void StuderCheck::query(const char* key, const std::string& text) {
    command(key, text);
    that(text.ends_with('?'), std::string(key) + ": a query ends in ?, got \"" + text + "\"");
}

std::optional<StuderAnswer> StuderCheck::pattern(const char* key, const std::string& text) {
    auto parsed = StuderAnswer::parse(text);
    if (!parsed) {
        that(false, std::string(key) + ": " + parsed.error().message);
        return std::nullopt;
    }
    return std::move(parsed).value();
}

void StuderCheck::finish() const {
    if (!complaints_.empty()) {
        throw std::invalid_argument("deck studer-ascii:" + complaints_);
    }
}

StuderStatusReader::Tally StuderStatusReader::use(const std::string& name, StuderCheck& check) {
    static constexpr std::array<std::pair<std::string_view, Tally>, 7> kTallies{
        {{"stop", &Tallies::stop},
         {"play", &Tallies::play},
         {"record", &Tallies::record},
         {"fast_forward", &Tallies::fast_forward},
         {"rewind", &Tallies::rewind},
         {"tape_out", &Tallies::tape_out},
         {"still", &Tallies::still}}};
    const auto* const found =
        std::ranges::find_if(kTallies, [&](const auto& entry) { return entry.first == std::string_view(name); });
    if (found == kTallies.end()) {
        check.that(false, "status: expected stop, play, record, fast_forward, rewind, tape_out or still, got \"" +
                              name + "\"");
        return &Tallies::stop; // finish() throws
    }
    dark_.*found->second = false;
    return found->second;
}

StuderStatusReader::StuderStatusReader(const StuderStatus& status, StuderCheck& check) {
    for (const StuderStatusRule& rule : status.rules) {
        if (auto pattern = check.pattern("status rule", rule.answer)) {
            rules_.push_back({std::move(*pattern), {}});
            for (const std::string& name : rule.lit) {
                rules_.back().lit.push_back(use(name, check));
            }
        }
    }
    if (!status.bits.empty()) {
        hex_ = check.pattern("status answer", status.answer);
        check.that(!hex_ || hex_->has_hex(),
                   "status answer: bits are read from a {hex} field, and \"" + status.answer + "\" has none");
    }
    for (const StuderStatusBit& bit : status.bits) {
        check.that(bit.bit >= 0 && bit.bit < 64, "status bit: expected 0 to 63, got " + std::to_string(bit.bit));
        bits_.emplace_back(use(bit.tally, check), bit.bit);
    }
    if (!status.query.empty()) {
        check.query("status query", status.query);
        check.that(!status.rules.empty() || !status.bits.empty(),
                   "status: the profile gives a query and does not say how its answer is read (rules or bits)");
    }
}

std::optional<Tallies> StuderStatusReader::read(const std::string& answer) const {
    Tallies out = dark_;
    for (const Rule& rule : rules_) {
        if (rule.answer.read(answer)) {
            for (const Tally tally : rule.lit) {
                out.*tally = true;
            }
            return out;
        }
    }
    const auto fields = hex_ ? hex_->read(answer) : std::nullopt;
    if (!fields) {
        return std::nullopt;
    }
    for (const auto& [tally, bit] : bits_) {
        out.*tally = (*fields->hex >> static_cast<unsigned>(bit) & 1U) != 0;
    }
    return out;
}

StuderTimerCounter::StuderTimerCounter(const StuderTimer& timer, double speed_ips, StuderCheck& check)
    : most_m_s_(timer.most_wind_m_s), speed_m_s_(metres_per_second(speed_ips)) {
    if (!timer.query.empty()) {
        check.query("timer query", timer.query);
        answer_ = check.pattern("timer answer", timer.answer);
        check.that(!answer_ || answer_->has_time(), "timer answer: \"" + timer.answer + "\" has none of {h} {m} {s}");
        check.that(timer.most_wind_m_s > 0.0, "timer most_wind_m_s must be above 0");
    }
}

bool StuderTimerCounter::take(const std::string& answer, DeckTime now) {
    const auto fields = answer_ ? answer_->read(answer) : std::nullopt;
    if (!fields) {
        return false;
    }
    if (last_s_) {
        const double step_m = (*fields->time_s - *last_s_) * speed_m_s_;
        // the last digit may be a second, and turn at any moment
        const double most_m = most_m_s_ * seconds(now - last_at_) + speed_m_s_;
        if (std::abs(step_m) <= most_m) {
            place_m_ += step_m;
        } else {
            ++reading_.lost;
        }
        const auto edges = static_cast<std::int64_t>(std::llround(place_m_ * kEdgesPerMetre));
        if (edges != reading_.edges) {
            reading_.edges = edges;
            reading_.last_edge = now;
        }
    }
    last_s_ = fields->time_s;
    last_at_ = now;
    return true;
}

void StuderTimerCounter::break_off() {
    if (last_s_) {
        last_s_.reset();
        ++reading_.lost;
    }
}

void StuderTimerCounter::speed(double ips) {
    speed_m_s_ = metres_per_second(ips);
    last_s_.reset(); // the deck may show the same place as another time
}

} // namespace overbias::transport
