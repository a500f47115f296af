// SPDX-License-Identifier: Apache-2.0
#include "transport/io/tach_decoder.hpp"

#include <algorithm>

namespace overbias::transport {

namespace {

constexpr std::size_t kMostWaiting = 64; // then the missing one is lost, not late

/// How far `sequence` is ahead of `next`; negative: behind. The numbers wrap around.
std::int32_t ahead(std::uint32_t sequence, std::uint32_t next) {
    return static_cast<std::int32_t>(sequence - next);
}

} // namespace

TachDecoder::TachDecoder(TachKind kind, bool reversed, bool a_high, bool b_high)
    : kind_(kind), reversed_(reversed && kind != TachKind::Single), a_{a_high}, b_{b_high} {
    early_.reserve(kMostWaiting);
}

void TachDecoder::add(const TachEdge& edge) {
    const std::int32_t distance = ahead(edge.sequence, next_);
    if (distance == 0) {
        take(edge);
        take_those_in_turn();
    } else if (distance > 0) {
        if (early_.size() == kMostWaiting) {
            give_up_waiting();
            add(edge);
            return;
        }
        const auto later = [&](const TachEdge& a, const TachEdge& b) {
            return ahead(a.sequence, next_) > ahead(b.sequence, next_);
        };
        early_.insert(std::upper_bound(early_.begin(), early_.end(), edge, later), edge);
    }
    // one that was given up already has been counted as lost
}

void TachDecoder::give_up_waiting() {
    if (early_.empty()) {
        return;
    }
    const std::uint32_t missing = early_.back().sequence - next_;
    lost_ += missing;
    next_ += missing;
    a_.known = b_.known = false;
    take_those_in_turn();
}

void TachDecoder::take_those_in_turn() {
    while (!early_.empty() && early_.back().sequence == next_) {
        const TachEdge edge = early_.back();
        early_.pop_back();
        take(edge);
    }
}

void TachDecoder::take(const TachEdge& edge) {
    ++next_;
    last_edge_ = edge.at;
    Phase& phase = edge.of_b ? b_ : a_;
    const bool changed = phase.high != edge.high;
    if (!changed && phase.known) {
        ++lost_;
    }
    phase.high = edge.high;
    phase.known = true;
    int step = 0;
    switch (kind_) {
    case TachKind::Single:
        step = changed ? 1 : 0;
        break;
    case TachKind::Quadrature:
        step = !changed ? 0 : (a_.high != b_.high) != edge.of_b ? 1 : -1;
        break;
    case TachKind::PulseDirection:
        step = edge.of_b || !edge.high ? 0 : b_.high ? 1 : -1;
        break;
    }
    edges_ += reversed_ ? -step : step;
}

} // namespace overbias::transport
