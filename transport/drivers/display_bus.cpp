// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/display_bus.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>

namespace overbias::transport {

namespace {

constexpr int kPassing = 8;      // what stood for less than this part of the longest is the lines on their way
constexpr int kTurnsWatched = 4; // of the last digit, before a data line counts as stuck
constexpr std::int64_t kSmallStep = 3;
constexpr double kReadLate_s = 0.050; // two readings may differ by this in age

std::string text_of(std::int64_t value) {
    return std::to_string(value);
}

/// One more than the largest figure that each digit shows; the first shows all ten.
std::int64_t base_of(const std::vector<DisplayDigit>& digits, std::size_t place) {
    return place == 0 ? 10 : std::min<std::int64_t>(digits[place - 1].worth / digits[place].worth, 10);
}

void check(const DisplayBusConfig& config) {
    const auto refuse = [](const std::string& complaint) { throw std::invalid_argument("display bus: " + complaint); };
    if (config.digits.empty() || config.digits.back().worth != 1) {
        refuse("expected digits, the last of them worth 1");
    }
    std::set<int> selects;
    for (std::size_t place = 0; place < config.digits.size(); ++place) {
        const DisplayDigit& digit = config.digits[place];
        if (digit.select < 0 || digit.select > 7 || !selects.insert(digit.select).second) {
            refuse("every digit has a select of its own from 0 to 7, got " + std::to_string(digit.select));
        }
        if (place > 0) {
            const std::int64_t before = config.digits[place - 1].worth;
            if (before % digit.worth != 0 || before / digit.worth < 2 || before / digit.worth > 10) {
                refuse("a digit is worth 2 to 10 times the next one, got " + text_of(before) + " and " +
                       text_of(digit.worth));
            }
        }
    }
    if (config.sign) {
        const auto nibble = [](int value) { return value >= 0 && value <= 15; };
        if (config.sign->select < 0 || config.sign->select > 7 || !selects.insert(config.sign->select).second) {
            refuse("the sign has a select of its own from 0 to 7, got " + std::to_string(config.sign->select));
        }
        if (!nibble(config.sign->minus) || !nibble(config.sign->plus) || config.sign->minus == config.sign->plus) {
            refuse("minus and plus are two different nibbles from 0 to 15, got " + std::to_string(config.sign->minus) +
                   " and " + std::to_string(config.sign->plus));
        }
    }
    if (!(config.units_per_metre > 0.0) || !(config.fastest_m_s > 0.0)) {
        refuse("units_per_metre and fastest_m_s must be above 0");
    }
    if (config.wraps_at < 0 || (config.sign && config.wraps_at > 0) || config.wraps_at == 1) {
        refuse("below zero it shows a sign, or counts down from wraps_at, not both; got " + text_of(config.wraps_at));
    }
}

} // namespace

// --- levels to readings

DisplayScanner::DisplayScanner(const DisplayBusConfig& config) : config_(config) {
    check(config);
}

void DisplayScanner::reset() noexcept {
    held_ = {};
    first_.reset();
    left_ = false;
    longest_ = longest_before_ = {};
}

void DisplayScanner::begin_turn(int select) noexcept {
    held_ = {};
    first_ = select;
    left_ = false;
    longest_before_ = std::exchange(longest_, DeckDuration{});
}

std::optional<DisplayScanner::Scan> DisplayScanner::take(int select, int data, DeckDuration held) {
    std::optional<Scan> scan;
    if (held * kPassing >= longest_before_) { // else only on its way
        if (!first_) {
            first_ = select;
        } else if (select != *first_) {
            left_ = true;
        } else if (left_) {
            scan = evaluate();
            begin_turn(select);
        }
    }
    held_.at(static_cast<std::size_t>(select)).at(static_cast<std::size_t>(data)) += held;
    longest_ = std::max(longest_, held);
    return scan;
}

/// The nibble of a select: held longer than all others together.
std::optional<int> DisplayScanner::shown(int select) const noexcept {
    const auto& nibbles = held_[static_cast<std::size_t>(select)];
    const auto* const longest = std::ranges::max_element(nibbles);
    const DeckDuration all = std::accumulate(nibbles.begin(), nibbles.end(), DeckDuration{});
    if (*longest * 2 <= all || *longest * kPassing < longest_) {
        return std::nullopt;
    }
    return static_cast<int>(longest - nibbles.begin());
}

DisplayScanner::Scan DisplayScanner::evaluate() const {
    const auto no = [](int select, const std::string& what) {
        return Scan{std::nullopt, "select " + std::to_string(select) + " " + what};
    };
    std::int64_t count = 0;
    for (std::size_t place = 0; place < config_.digits.size(); ++place) {
        const DisplayDigit& digit = config_.digits[place];
        const auto figure = shown(digit.select);
        if (!figure) {
            return no(digit.select, "shows nothing that stays");
        }
        if (*figure >= base_of(config_.digits, place)) {
            return no(digit.select, "shows " + std::to_string(*figure) + ", which is no digit there");
        }
        count += *figure * digit.worth;
    }
    if (config_.sign) {
        const auto sign = shown(config_.sign->select);
        if (sign != config_.sign->minus && sign != config_.sign->plus) {
            return no(config_.sign->select, "shows neither minus nor plus");
        }
        count = sign == config_.sign->minus ? -count : count;
    }
    if (config_.wraps_at > 0 && count >= config_.wraps_at) {
        return {std::nullopt, "it shows more than it can: " + text_of(count)};
    }
    return {count, {}};
}

// --- readings to a count

DisplayCount::DisplayCount(const DisplayBusConfig& config)
    : wraps_at_(config.wraps_at), fastest_units_s_(config.fastest_m_s * config.units_per_metre), bits_(0),
      base_(config.digits.size() > 1 ? config.digits[config.digits.size() - 2].worth : 10) {
    bits_ = std::bit_ceil(static_cast<unsigned>(base_)) - 1U;
}

void DisplayCount::take(std::int64_t count, DeckTime at) {
    if (!last_) {
        last_ = count;
        at_ = reading_.last_edge = at;
        return;
    }
    std::int64_t step = count - std::exchange(last_, count).value_or(count);
    if (wraps_at_ > 0) {
        step %= wraps_at_;
        step += step < -wraps_at_ / 2 ? wraps_at_ : 0;
        step -= step >= (wraps_at_ + 1) / 2 ? wraps_at_ : 0;
    }
    const double reach = fastest_units_s_ * (seconds(at - std::exchange(at_, at)) + kReadLate_s) + 1.0;
    if (std::abs(static_cast<double>(step)) > reach) {
        ++reading_.lost; // set by another hand, or misread: where the tape is, the count can't say
    } else if (step != 0) {
        reading_.edges += step;
        reading_.last_edge = at;
    }
    watch_bits(count, step);
}

/// A data line that has stuck shows figures that are all digits and near each other: only what never appears tells.
void DisplayCount::watch_bits(std::int64_t count, std::int64_t step) noexcept {
    if (step == 0 || std::abs(step) > kSmallStep) {
        return; // in fast wind figures are passed over
    }
    const auto figure = static_cast<unsigned>(std::abs(count) % base_);
    seen_high_ |= figure;
    seen_low_ |= ~figure & bits_;
    if (++steps_seen_ < kTurnsWatched * base_) {
        return;
    }
    never_ = bits_ & ~(seen_high_ & seen_low_);
    reading_.lost += never_ != 0 ? 1 : 0;
    seen_high_ = seen_low_ = 0;
    steps_seen_ = 0;
}

// --- the lines

DisplayBus::DisplayBus(Timeline& timeline, Lines& lines, const DisplayBusConfig& config)
    : timeline_(timeline), scanner_(config), count_(config), changed_(timeline.now()), heard_(timeline.now()) {
    std::string missing;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
        const std::string& name = i < config.data.size() ? config.data[i] : config.select[i - config.data.size()];
        if (const Result<LineId> found = lines.find_input(name)) {
            ids_[i] = *found;
            levels_[i] = lines.get(*found);
        } else {
            missing += "\n  input \"" + name + "\": " + found.error().message;
        }
    }
    if (!missing.empty()) {
        throw std::invalid_argument("display bus: these lines are configured but not there; correct the names:" +
                                    missing);
    }
}

int DisplayBus::nibble(std::size_t first, std::size_t count) const noexcept {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        value |= levels_[first + i] ? 1 << i : 0;
    }
    return value;
}

void DisplayBus::edge(const LineEdge& edge) {
    const auto* const line = std::ranges::find(ids_, edge.line);
    if (line == ids_.end()) {
        return;
    }
    bool& level = levels_[static_cast<std::size_t>(line - ids_.begin())];
    if (level == edge.active) {
        return;
    }
    watch(edge.at);
    if (edge.at > changed_) {
        stood(edge.at);
        changed_ = edge.at;
    }
    level = edge.active;
}

void DisplayBus::stood(DeckTime until) {
    const DeckDuration held = until - changed_;
    if (held >= kSilence) { // the scan stood still: what it showed then is old
        scanner_.reset();
        once_.reset();
        return;
    }
    const auto scan = scanner_.take(nibble(4, 3), nibble(0, 4), held);
    if (!scan) {
        return;
    }
    if (scan->count && scan->count == once_) {
        count_.take(*scan->count, once_at_);
        heard_ = changed_;
        silent_ = false;
        return;
    }
    once_ = scan->count;
    once_at_ = changed_;
    complaint_ = scan->count ? "no two scans agree" : scan->complaint;
}

void DisplayBus::watch(DeckTime now) {
    while (now - heard_ >= kSilence) {
        heard_ += kSilence;
        silent_ = true;
        count_.silent();
        scanner_.reset();
        once_.reset();
    }
    if (now - changed_ >= kSilence) {
        complaint_ = "its lines stand still";
    }
}

TachReading DisplayBus::read() {
    watch(timeline_.now());
    return count_.reading();
}

std::string DisplayBus::words() {
    watch(timeline_.now());
    if (silent_) {
        return "not read: " + (complaint_.empty() ? "no turn through its digits was seen" : complaint_);
    }
    std::string stuck;
    for (unsigned worth = 1; worth <= 8; worth *= 2) {
        if ((count_.never_changed() & worth) != 0) {
            stuck += (stuck.empty() ? "" : ", ") + std::to_string(worth);
        }
    }
    return stuck.empty() ? "read" : "doubtful: a data line is stuck, one of those worth " + stuck;
}

} // namespace overbias::transport
