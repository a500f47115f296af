// SPDX-License-Identifier: Apache-2.0
// AlignmentOperator: the operator of a running alignment, as the doors have him: what the procedure shows is kept for
// whoever asks, and what is said at any door is handed on. Thread: the timeline's.
#pragma once

#include "calibration/procedure/operator_port.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace overbias::controller {

class AlignmentOperator final : public calibration::OperatorPort {
  public:
    void show(const calibration::AlignmentView& view) override {
        view_ = view;
        answered_ = false;
        ++sequence_;
    }
    [[nodiscard]] std::optional<calibration::OperatorWord> take() override {
        if (said_.empty()) {
            return std::nullopt;
        }
        const calibration::OperatorWord word = said_.front();
        said_.pop_front();
        answered_ = true;
        return word;
    }

    /// Another alignment begins.
    void begin() {
        view_.reset();
        said_.clear();
    }
    /// False when so much waits already that nobody seems to listen.
    bool say(const calibration::OperatorWord& word) {
        if (said_.size() >= kMostWords) {
            return false;
        }
        said_.push_back(word);
        return true;
    }
    [[nodiscard]] const std::optional<calibration::AlignmentView>& view() const noexcept { return view_; }
    /// Something was said to it and taken, and nothing has been shown since: it is at work.
    [[nodiscard]] bool answered() const noexcept { return answered_; }
    /// Grows with each view, over all alignments.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }

  private:
    static constexpr std::size_t kMostWords = 16;
    std::optional<calibration::AlignmentView> view_;
    bool answered_ = false;
    std::uint64_t sequence_ = 0;
    std::deque<calibration::OperatorWord> said_;
};

} // namespace overbias::controller
