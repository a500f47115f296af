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
CommandResult Transport::hold_arm(std::string why) {
    return impl_->hold_arm(std::move(why));
}
CommandResult Transport::release_arm_hold() {
    return impl_->release_arm_hold();
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
CommandResult Transport::library_wind(Direction direction) {
    return impl_->command(direction == Direction::Forward ? Event::LibraryForward : Event::LibraryReverse);
}
CommandResult Transport::shuttle(double speed_m_s) {
    return impl_->shuttle(speed_m_s);
}
CommandResult Transport::edit() {
    return impl_->command(Event::Edit);
}
CommandResult Transport::defeat_lifters(bool on) {
    return impl_->command(on ? Event::DefeatLifters : Event::RestoreLifters);
}
CommandResult Transport::thread(bool on) {
    return impl_->command(on ? Event::ThreadOn : Event::ThreadOff);
}
CommandResult Transport::select_speed(double ips) {
    return impl_->select_speed(ips);
}
CommandResult Transport::set_ready(int track, bool ready) {
    return impl_->set_ready(track, ready);
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
CommandResult Transport::preset_counter(double position_m) {
    return impl_->preset_counter(position_m);
}
CommandResult Transport::correct_position(double position_m, double uncertainty_m) {
    return impl_->correct_position(position_m, uncertainty_m);
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
const DeckCapabilities& Transport::deck() const noexcept {
    return impl_->deck_.capabilities();
}
LocatorMemory Transport::locator_memory() const {
    return impl_->locator_.memory();
}
void Transport::remember_locates(const LocatorMemory& memory) {
    impl_->locator_.remember(memory);
}
void Transport::on_fault(std::function<void(const std::string&)> listener) {
    impl_->fault_listener_ = std::move(listener);
}
void Transport::on_transition(std::function<void(const MachineState&)> listener) {
    impl_->transition_listener_ = std::move(listener);
}

} // namespace overbias::transport
