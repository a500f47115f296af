// SPDX-License-Identifier: Apache-2.0
// CueMuteRelay: the one mute relay of the patch, which two want: the operator, and the muting of a loud cue (CueMute).
// It is closed while either wants it, so neither opens what the other has closed. Every other route goes straight
// through. Thread: the timeline's.
#pragma once

#include "transport/deck_adjust.hpp"

#include <cstddef>
#include <functional>

namespace overbias::controller {

class CueMuteRelay final : public transport::DeckAdjust {
  public:
    /// `changed` is called after each change of a route. A mute that is closed already is taken for the operator's.
    explicit CueMuteRelay(transport::DeckAdjust& adjust, std::function<void()> changed = {});

    [[nodiscard]] transport::DeckAdjustCapabilities capabilities() const noexcept override;
    Result<void> select_monitor(transport::MonitorSelect select) override;
    /// The operator's wish. One that opens the mute during a loud cue is kept: the relay opens when the cue is over.
    Result<void> set_route(transport::Route route, bool on) override;
    /// As the operator has set it.
    [[nodiscard]] bool route(transport::Route route) const override;
    Result<void> set_adjuster(transport::Adjuster adjuster, std::size_t track, double position) override {
        return adjust_.set_adjuster(adjuster, track, position);
    }
    [[nodiscard]] Result<double> adjuster(transport::Adjuster adjuster, std::size_t track) const override {
        return adjust_.adjuster(adjuster, track);
    }

    /// The cue's wish. The error says that the relay can't be closed, or opened.
    Result<void> mute_cue(bool on);
    [[nodiscard]] bool muted_by_cue() const noexcept { return cue_; }

  private:
    Result<void> close(bool operator_wants, bool cue_wants);

    transport::DeckAdjust& adjust_;
    std::function<void()> changed_;
    bool operator_ = false;
    bool cue_ = false;
};

} // namespace overbias::controller
