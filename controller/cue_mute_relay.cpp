// SPDX-License-Identifier: Apache-2.0
#include "controller/cue_mute_relay.hpp"

#include <utility>

namespace overbias::controller {

using transport::Route;

CueMuteRelay::CueMuteRelay(transport::DeckAdjust& adjust, std::function<void()> changed)
    : adjust_(adjust), changed_(std::move(changed)), operator_(adjust.route(Route::Mute)) {
}

transport::DeckAdjustCapabilities CueMuteRelay::capabilities() const noexcept {
    return adjust_.capabilities();
}

Result<void> CueMuteRelay::select_monitor(transport::MonitorSelect select) {
    return adjust_.select_monitor(select);
}

Result<void> CueMuteRelay::set_route(Route route, bool on) {
    if (route == Route::Mute) {
        return close(on, cue_);
    }
    auto done = adjust_.set_route(route, on);
    if (done && changed_) {
        changed_();
    }
    return done;
}

bool CueMuteRelay::route(Route route) const {
    return route == Route::Mute ? operator_ : adjust_.route(route);
}

Result<void> CueMuteRelay::mute_cue(bool on) {
    return close(operator_, on);
}

/// What can't be done is not remembered as done.
Result<void> CueMuteRelay::close(bool operator_wants, bool cue_wants) {
    if (operator_wants == operator_ && cue_wants == cue_) {
        return {};
    }
    if (auto done = adjust_.set_route(Route::Mute, operator_wants || cue_wants); !done) {
        return done;
    }
    operator_ = operator_wants;
    cue_ = cue_wants;
    if (changed_) {
        changed_();
    }
    return {};
}

} // namespace overbias::controller
