// SPDX-License-Identifier: Apache-2.0
#include "transport/transport.hpp"

#include "transport/transport_impl.hpp"

#include <utility>

namespace overbias::transport {

Transport::Transport(Timeline& timeline, Deck& deck, DeckAdjust& adjust, TransportConfig config)
    : impl_(std::make_unique<Impl>(timeline, deck, adjust, config)) {
}

Transport::~Transport() = default;

CommandResult Transport::stop() {
    return impl_->command(Event::Stop);
}
CommandResult Transport::play() {
    return impl_->command(Event::Play);
}
CommandResult Transport::arm() {
    return impl_->command(Event::Arm);
}
CommandResult Transport::disarm() {
    return impl_->command(Event::Disarm);
}
CommandResult Transport::record() {
    return impl_->command(Event::Record);
}
CommandResult Transport::punch_out() {
    return impl_->command(Event::PunchOut);
}
CommandResult Transport::fast_forward() {
    return impl_->command(Event::FastForward);
}
CommandResult Transport::rewind() {
    return impl_->command(Event::Rewind);
}
CommandResult Transport::locate(double position_m) {
    return impl_->locate(position_m);
}
CommandResult Transport::clear_fault() {
    return impl_->command(Event::ClearFault);
}
CommandResult Transport::zero_counter() {
    return impl_->command(Event::ZeroCounter);
}
CommandResult Transport::select_monitor(MonitorSelect select) {
    return impl_->select_monitor(select);
}

void Transport::raise_fault(const std::string& what) {
    impl_->command(Event::DeckError, what);
}

const MachineState& Transport::state() {
    return impl_->snapshot();
}
Notifier& Transport::changed() {
    return impl_->changed_;
}
const TransportConfig& Transport::config() const {
    return impl_->config_;
}
void Transport::on_fault(std::function<void(const std::string&)> listener) {
    impl_->fault_listener_ = std::move(listener);
}
void Transport::on_transition(std::function<void(const MachineState&)> listener) {
    impl_->transition_listener_ = std::move(listener);
}

} // namespace overbias::transport
