// SPDX-License-Identifier: Apache-2.0
// The link to the deck, lost and found.
#include "transport/drivers/studer_talk.hpp"

#include <algorithm>
#include <utility>

namespace overbias::transport {

namespace {

constexpr std::uint8_t kCx = 0x18;
constexpr double kFirstPauseSeconds = 0.1, kLongestPauseSeconds = 2.0, kLongestPauseToStopSeconds = 0.4;
constexpr int kErrorsToBelieve = 3; ///< the first characters after power-on may be answered by an error

} // namespace

void StuderTalk::link_changed() {
    if (!link_.is_up()) {
        return lost(link_.problem());
    }
    if (phase_ == Phase::LinkGone) {
        phase_ = Phase::Calling;
        errors_while_calling_ = 0;
        set_problem(why_no_answer());
        call_at_once();
    }
}

void StuderTalk::call_at_once() {
    call_pause_s_ = kFirstPauseSeconds;
    call();
}

void StuderTalk::call() {
    if (!link_.is_up()) {
        return;
    }
    phase_ = Phase::Calling;
    query_.reset();
    commands_.clear();
    (void)link_.send(std::span(&kCx, 1)); // what cannot be sent is not answered either
    if (stop_) {
        (void)send(config_.stop);
    }
    query_ = Query{config_.identify, ++sequence_, 1, std::nullopt, std::nullopt};
    const auto sent = send(config_.identify);
    if (phase_ == Phase::LinkGone) {
        return;
    }
    const double longest = stop_ ? kLongestPauseToStopSeconds : kLongestPauseSeconds;
    set_timer(config_.answer_s + call_pause_s_, &StuderTalk::call);
    call_pause_s_ = std::min(2.0 * call_pause_s_, longest);
    set_problem(sent ? why_no_answer() : sent.error().message);
}

void StuderTalk::answer_while_calling(const Result<std::string>& text) {
    if (!text && ++errors_while_calling_ < kErrorsToBelieve) {
        set_timer(0.0, &StuderTalk::call);
        return;
    }
    phase_ = Phase::Quieting;
    query_.reset();
    late_answers_ = 0;
    wait_for_quiet();
}

/// An answer that is later than this counts as none.
void StuderTalk::wait_for_quiet() {
    waiting_for_quiet_ = true;
    set_timer(config_.answer_s * config_.unanswered_most, &StuderTalk::quiet_has_come);
}

void StuderTalk::quiet_has_come() {
    waiting_for_quiet_ = false;
    late_answers_ = 0;
    if (phase_ != Phase::Quieting) {
        return next_query();
    }
    phase_ = Phase::Introducing;
    if (stop_) {
        send_stop(); // once more: now its answer can be told from others
    }
    if (phase_ == Phase::Introducing) {
        send_query({config_.identify, 0, 0, std::nullopt, std::nullopt});
    }
}

void StuderTalk::up() {
    phase_ = Phase::Up;
    errors_while_calling_ = 0;
    echoed_at_loss_ = echoed_lines_;
    damaged_at_loss_ = damaged_lines_;
    problem_.clear();
    if (on_link) {
        on_link();
    }
    go_on();
}

void StuderTalk::lost(const std::string& why) {
    if (std::ranges::any_of(commands_, [](const Command& command) { return command.moves; }) && !stop_) {
        stop_ = 0;
        stop_begun_ = timeline_.now();
    }
    const bool was_up = phase_ == Phase::Up;
    phase_ = link_.is_up() ? Phase::Calling : Phase::LinkGone;
    waiting_for_quiet_ = false;
    late_answers_ = 0;
    partial_.clear();
    partial_damaged_ = after_cr_ = false;
    timeline_.cancel(std::exchange(timer_, 0));
    const auto commands = std::exchange(commands_, {});
    const auto query = std::exchange(query_, std::nullopt);
    if (phase_ == Phase::Calling) {
        call_pause_s_ = kFirstPauseSeconds;
        set_timer(0.0, &StuderTalk::call);
    }
    set_problem(why);
    for (const Command& command : commands) {
        if (command.ask) {
            command.ask->done(Error{why});
        }
    }
    if (query && query->ask) {
        query->ask->done(Error{why});
    }
    if (was_up) {
        fail_asks(why);
    }
}

void StuderTalk::fail_asks(const std::string& why) {
    const auto asks = std::exchange(asks_, {});
    for (const Ask& ask : asks) {
        ask.done(Error{why});
    }
}

void StuderTalk::set_problem(std::string problem) {
    if (problem_ != problem) {
        problem_ = std::move(problem);
        if (on_link) {
            on_link();
        }
    }
}

std::string StuderTalk::why_no_answer() const {
    const std::string asking = " It is asked again" + std::string(stop_ ? ", STP first." : ".");
    const std::string where = "the deck on " + link_.name() +
                              (config_.address != 0 ? ", address " + std::to_string(config_.address) : std::string());
    if (echoed_lines_ != echoed_at_loss_) {
        return where + " does not answer; only what is sent comes back. Check the cable: its deck side may be looped." +
               asking;
    }
    if (damaged_lines_ != damaged_at_loss_ || partial_damaged_) {
        return where + " does not answer in text. Expected 9600 baud 8-N-1 and the ASCII card 1.810.751 (1.820.751 " +
               "speaks another protocol); check settings and wiring." + asking;
    }
    if (timeline_.now() - began_ < deck_seconds(config_.ready_s)) {
        return where + " has not answered yet; it may need some seconds after power-on." + asking;
    }
    return where + " does not answer. Check that it is switched on, its cable, its address, and that it does not " +
           "hold us with XOFF." + asking;
}

} // namespace overbias::transport
