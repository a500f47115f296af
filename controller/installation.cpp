// SPDX-License-Identifier: Apache-2.0
#include "controller/installation.hpp"

#include "base/uuid.hpp"
#include "controller/installation_impl.hpp"
#include "controller/installation_memory.hpp"
#include "controller/part_settings.hpp"

#include <cstdint>
#include <span>
#include <stdexcept>
#include <utility>

namespace overbias::controller {

namespace {

constexpr DeckDuration kControlTick = std::chrono::milliseconds(10);

} // namespace

Installation::Impl::Impl(const Config& config, BackEnds& back_ends)
    : config_(with_round_trip(config)), back_ends_(back_ends), timeline_(back_ends.timeline()),
      identity_(or_throw(load_identity(config_))), reel_uuid_(new_uuid()), kept_place_(kept_place(config_)),
      transport_(timeline_, back_ends.deck(), back_ends.adjust(),
                 with_kept_place(transport_config(config_), kept_place_)),
      engine_(back_ends.pcm(), back_ends.engine_config()), played_(engine_.add_played_tap(tap_frames())),
      tape_return_(engine_.add_return_tap(tap_frames())),
      logbook_(or_throw(logbook::Logbook::open(config_.daemon.state_dir / "logbook.sqlite"))),
      keeper_(*logbook_, log_subject(config_, identity_, reel_uuid_, back_ends_.simulated()),
              [this] { return std::optional(engine_.played_timestamp().frame); }),
      runner_(timeline_, runner_hooks()), desk_({.config = config_,
                                                 .back_ends = back_ends_,
                                                 .transport = transport_,
                                                 .worker = *worker_,
                                                 .notices = notices_,
                                                 .cues = kept_place_ ? kept_place_->cues : transport::StoredCuePoints{},
                                                 .learned = learned_before(kept_place_, config_)}),
      position_({.timeline = timeline_,
                 .transport = transport_,
                 .worker = *worker_,
                 .return_rate_hz = return_rate_hz(),
                 .return_clock = [this] { return engine_.return_timestamp(); },
                 .heard_later_m = [this] { return heard_later_m(); }}),
      supervisor_({.timeline = timeline_,
                   .transport = transport_,
                   .back_ends = back_ends_,
                   .engine = engine_,
                   .runner = runner_,
                   .profile = config_.deck.profile},
                  [this] { card_changed(); }),
      jobs_({.config = config_,
             .identity = identity_,
             .reel_uuid = reel_uuid_,
             .back_ends = back_ends_,
             .transport = transport_,
             .engine = engine_,
             .played = played_,
             .tape_return = tape_return_,
             .keeper = keeper_,
             .notices = notices_,
             .runner = runner_,
             .worker = *worker_,
             .supervisor = supervisor_,
             .reports = reports(),
             .ending = [this] { return ending_.begun(); },
             .let_go = [this](const std::string& why) { let_go(why); },
             .oscillator_off = [this](const std::string& why) { oscillator_.end(why); },
             .pace = [this] { pace(); },
             .notify_state = [this] { notify_state(); },
             .new_reel =
                 [this] {
                     reel_uuid_ = new_uuid();
                     keeper_.another_reel(reel_uuid_);
                     return reel_uuid_;
                 },
             .bias_stop_obstacle = [this] { return bias_.stop_obstacle(); },
             .turning = [this] { return analysers_.turning(); },
             .resolve = [this](const std::string& file, bool local) { return files_.resolve(file, local); }}),
      dump_(engine_, return_rate_hz(), config_.daemon.state_dir, timeline_), analysers_({.config = config_,
                                                                                         .timeline = timeline_,
                                                                                         .engine = engine_,
                                                                                         .transport = transport_,
                                                                                         .desk = desk_,
                                                                                         .supervisor = supervisor_}),
      bias_({.config = config_,
             .identity = identity_,
             .timeline = timeline_,
             .capture = back_ends.pcm().capture().format(),
             .engine = engine_,
             .transport = transport_,
             .runner = runner_,
             .keeper = keeper_,
             .worker = *worker_,
             .notices = notices_,
             .changed = [this] { notify_state(); },
             .commanded = [this](const auto& command, const auto& answer) { commanded(command, answer); }}),
      idle_taps_(played_, tape_return_, [this](std::int64_t first_frame, std::span<const std::int32_t> frames) {
          desk_.tape_return(frames);
          if (!frames.empty()) {
              position_.heard(first_frame, frames);
          }
      }) {
    take_head_delay(config_, identity_);
    register_commands();
    transport_.on_transition([this](const transport::MachineState& state) { state_changed(state); });
    transport_.on_fault([this](const std::string& what) { fault(what); });
    door_ =
        std::make_unique<SocketDoor>(config_.daemon.socket, [this](RpcRequest request, Caller caller, Answer answer) {
            caller.local = true;
            serve(std::move(request), std::move(caller), std::move(answer));
        });
    notices_.add([this](std::string_view topic, std::string_view parameters) {
        door_->notify(std::string(topic), std::string(parameters));
    });
    if (config_.panel.on) {
        panel_ = std::make_unique<PanelLink>(config_, engine_, panel_hooks());
        notices_.add(
            [this](std::string_view topic, std::string_view parameters) { panel_->door().notify(topic, parameters); });
    }
    if (const auto started = supervisor_.start(); !started) { // every tap is there
        throw std::runtime_error("sound card: " + started.error().message);
    }
    tick_ = std::make_unique<PeriodicTimer>(timeline_, kControlTick, [this] { tick(); });
}

Installation::Impl::~Impl() {
    transport_.stop(); // run() has done it; this is for an exception on the way
    runner_.abandon(); // so is this: its hooks reach nearly every member
    tick_.reset();
    panel_.reset();
    door_.reset();
    worker_.reset(); // what it still had to write is written
}

std::string Installation::Impl::panel_text() {
    return panel_ ? panel_words(panel_->door().pairing_address(), config_.panel, panel_->door().port()) : "";
}

void Installation::Impl::run(std::function<void()> ready) {
    ready_ = std::move(ready);
    back_ends_.run();
}

void Installation::Impl::shutdown(const std::string& why) {
    timeline_.post([this, why] {
        ending_.begin(why);
        pace();
    });
}

void Installation::Impl::serve(RpcRequest request, Caller caller, Answer answer) {
    timeline_.post([this, request = std::move(request), caller = std::move(caller), answer = std::move(answer)] {
        registry_.call(request.method, request.parameters, caller, answer);
    });
}

Installation::Installation(const Config& config, BackEnds& back_ends)
    : impl_(std::make_unique<Impl>(config, back_ends)) {
}
Installation::~Installation() = default;

void Installation::run(std::function<void()> ready) {
    impl_->run(std::move(ready));
}

std::string Installation::panel_text() {
    return impl_->panel_text();
}

void Installation::shutdown(const std::string& why) {
    impl_->shutdown(why);
}

} // namespace overbias::controller
