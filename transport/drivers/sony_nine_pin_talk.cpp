// SPDX-License-Identifier: Apache-2.0
// Question and answer: what is asked next, and what is made of what comes.
#include "transport/drivers/sony_nine_pin_impl.hpp"

#include <algorithm>
#include <utility>

namespace overbias::transport {

namespace {

constexpr std::size_t kRubbishKept = 12;
constexpr int kTypeTries = 3;
constexpr int kSilentTimes = 10;

bool is_stop(const NinePinFrame& frame) {
    return frame.command == NinePinCommand::Stop;
}

/// Whether this can be the answer to that question; what is late for an earlier one can not.
bool answers(NinePinCommand told, NinePinCommand asked) {
    switch (asked) {
    case NinePinCommand::StatusSense:
        return told == NinePinCommand::StatusIs || told == NinePinCommand::NotAcknowledge;
    case NinePinCommand::TimeSense:
        return told == NinePinCommand::Timer1Is || told == NinePinCommand::LtcIs || told == NinePinCommand::LtcHeldIs ||
               told == NinePinCommand::NotAcknowledge;
    case NinePinCommand::DeviceType:
        return told == NinePinCommand::DeviceTypeIs || told == NinePinCommand::NotAcknowledge;
    default:
        return told == NinePinCommand::Acknowledge || told == NinePinCommand::NotAcknowledge;
    }
}

} // namespace

void SonyNinePin::Impl::tick() {
    want_status_ = true;
    want_time_ = capabilities_.tach && !no_counter_;
    pump();
}

void SonyNinePin::Impl::pump() {
    if (asked_ || rest_timer_ != 0 || !line_.is_up()) {
        return;
    }
    if (const auto next = next_question()) {
        ask(*next);
    }
}

std::optional<NinePinFrame> SonyNinePin::Impl::next_question() {
    const bool stop_due = stop_.wanted && timeline_.now() >= stop_.again_at;
    // a STOP that is not acknowledged lets the status have its turn, or a lost link would never be noticed
    if (stop_due && !(stop_.had_its_turn && want_status_)) {
        stop_.had_its_turn = true;
        return NinePinFrame(NinePinCommand::Stop);
    }
    stop_.had_its_turn = false;
    // nor do keys that come faster than they are answered (a locator that steers) keep status and counter waiting
    const bool key_waits = key_had_its_turn_ && (want_status_ || want_time_);
    key_had_its_turn_ = key_ && (!stop_.wanted || stop_.acknowledged) && !key_waits;
    if (key_had_its_turn_) {
        return key_->frame;
    }
    if (std::exchange(want_status_, false)) {
        return NinePinFrame(NinePinCommand::StatusSense, {NinePinStatus::kBytes});
    }
    if (std::exchange(want_time_, false)) {
        return time_question();
    }
    if (up_ && ask_type_ > 0) {
        --ask_type_;
        return NinePinFrame(NinePinCommand::DeviceType);
    }
    return std::nullopt;
}

NinePinFrame SonyNinePin::Impl::time_question() const {
    constexpr std::uint8_t kLtc = 0x01, kTimer1 = 0x04;
    using Counter = NinePinConfig::Counter;
    const bool timer_1 =
        config_.counter == Counter::Timer1 || (config_.counter == Counter::Timer1ThenLtc && !timer_1_refused_);
    return NinePinFrame(NinePinCommand::TimeSense, {timer_1 ? kTimer1 : kLtc});
}

void SonyNinePin::Impl::ask(const NinePinFrame& frame) {
    const std::vector<std::uint8_t> bytes = nine_pin_bytes(frame);
    Question question;
    question.frame = frame;
    question.key = key_ && !is_stop(frame) && frame == key_->frame ? key_->id : 0;
    question.sent_at = timeline_.now();
    question.spoken_at = question.sent_at + static_cast<int>(bytes.size()) * kNinePinByteTime;
    question.last_moment = question.sent_at + nine_pin_longest_answer(latency_);
    asked_ = question;
    flush_heard(question.sent_at);
    decoder_.reset();
    set_deadline(question.spoken_at + kNinePinAnswer + latency_);
    if (!line_.send(bytes)) {
        failed(Failure::NotSent);
    } else if (trace_) {
        trace_(true, bytes, question.sent_at);
    }
}

void SonyNinePin::Impl::set_deadline(DeckTime when) {
    deadline_at_ = when;
    timeline_.cancel(deadline_timer_);
    deadline_timer_ = timeline_.call_at(when, [this] { deadline(); });
}

void SonyNinePin::Impl::deadline() {
    deadline_timer_ = 0;
    const bool part = decoder_.under_way();
    flush_heard(timeline_.now());
    failed(part ? Failure::PartOfAFrame : Failure::Silence);
}

void SonyNinePin::Impl::rest(DeckDuration time) {
    timeline_.cancel(rest_timer_);
    rest_timer_ = timeline_.call_after(time, [this] {
        rest_timer_ = 0;
        pump();
    });
}

void SonyNinePin::Impl::flush_heard(DeckTime at) {
    if (!heard_.empty() && trace_) {
        trace_(false, heard_, at);
    }
    heard_.clear();
}

void SonyNinePin::Impl::arrived(std::span<const std::uint8_t> bytes, bool damaged, DeckTime at) {
    using Outcome = NinePinDecoder::Outcome;
    for (const std::uint8_t byte : bytes) {
        if (heard_.size() == NinePinFrame::kMostData + 3) {
            flush_heard(at);
        }
        heard_.push_back(byte);
        const Outcome outcome = decoder_.take(byte, damaged, at);
        if (outcome == Outcome::More) {
            if (asked_) {
                const DeckTime gap = at + NinePinDecoder::kByteGap + latency_;
                set_deadline(std::min(std::max(deadline_at_, gap), asked_->last_moment));
            }
            continue;
        }
        if (outcome == Outcome::Rubbish) {
            continue;
        }
        if (outcome == Outcome::Frame) {
            flush_heard(at);
            const NinePinFrame frame = decoder_.frame(); // a listener may ask on, and the decoder begin anew
            frame_arrived(frame, at);
            continue;
        }
        rubbish_.assign(heard_.begin(),
                        heard_.begin() + static_cast<std::ptrdiff_t>(std::min(heard_.size(), kRubbishKept)));
        flush_heard(at);
        ++damaged_;
        if (asked_) {
            failed(outcome == Outcome::Checksum ? Failure::Checksum : Failure::Damaged);
        }
    }
    pump();
}

void SonyNinePin::Impl::frame_arrived(const NinePinFrame& frame, DeckTime at) {
    if (!asked_) {
        return;
    }
    if (frame == asked_->frame) {
        echo_ = true; // and the deck's answer may follow
        return;
    }
    if (!answers(frame.command, asked_->frame.command)) {
        return;
    }
    const Question question = *asked_;
    asked_.reset();
    timeline_.cancel(std::exchange(deadline_timer_, 0));
    slowest_answer_ = std::max(slowest_answer_, at - question.spoken_at);
    switch (frame.command) {
    case NinePinCommand::Acknowledge:
        return acknowledged(question);
    case NinePinCommand::NotAcknowledge:
        return refused(question, frame.count > 0 ? frame.bytes[0] : 0);
    case NinePinCommand::StatusIs:
        return status_told(question, frame.data());
    case NinePinCommand::DeviceTypeIs:
        ask_type_ = 0;
        device_type_ = hex_words(frame.data());
        return notify();
    default:
        return time_told(frame, at);
    }
}

void SonyNinePin::Impl::acknowledged(const Question& question) {
    if (is_stop(question.frame)) {
        stop_.acknowledged = true;
        stop_.again_at = timeline_.now() + kStopAgain;
        if (key_) {
            stop_ = {}; // it takes its place
        }
    } else if (key_ && key_->id == question.key) {
        key_.reset();
    }
}

void SonyNinePin::Impl::refused(const Question& question, std::uint8_t why) {
    ++refusals_;
    const bool again = nine_pin_line_error(why);
    switch (question.frame.command) {
    case NinePinCommand::StatusSense:
        status_refusal_ = why;
        asked_ = question; // it is as good as no answer: nothing is known of the deck
        return failed(Failure::Refused);
    case NinePinCommand::TimeSense:
        if (!again) {
            time_refused();
        }
        break;
    case NinePinCommand::DeviceType:
        ask_type_ = again ? ask_type_ : 0;
        break;
    case NinePinCommand::Stop:
        refusal_ = "STOP: " + nine_pin_refusal(why) + "; it is sent again";
        refusal_stands_ = true;
        stop_.again_at = timeline_.now() + (again ? kNinePinRest : kStopAgain);
        break;
    default:
        key_failed(question, again, "refused: " + nine_pin_refusal(why));
        break;
    }
    rest(kNinePinRest);
    notify();
}

void SonyNinePin::Impl::time_refused() {
    no_counter_ = config_.counter != NinePinConfig::Counter::Timer1ThenLtc || timer_1_refused_;
    timer_1_refused_ = true;
    silent_times_ = 0;
}

void SonyNinePin::Impl::key_failed(const Question& question, bool again, const std::string& how) {
    if (!key_ || key_->id != question.key) {
        return; // another key has taken its place
    }
    if (again && --key_->tries_left > 0) {
        return;
    }
    refusal_ = std::string(name_of(question.frame.command)) + " (" + hex_words(nine_pin_bytes(question.frame)) + ") " +
               how + (again ? ", " + std::to_string(kKeyTries) + " times" : "") +
               "; the deck has not done it: press the key again";
    refusal_stands_ = true;
    key_.reset();
}

void SonyNinePin::Impl::status_told(const Question& question, std::span<const std::uint8_t> bytes) {
    const NinePinStatus before = status_;
    if (!status_.take(bytes)) {
        asked_ = question;
        return failed(Failure::PartOfAFrame);
    }
    failures_ = 0;
    rubbish_.clear();
    const bool back = !std::exchange(up_, true);
    if (back) {
        ask_type_ = kTypeTries;
    }
    if (stop_.wanted && stop_.acknowledged && status_.stopped()) {
        stop_ = {};
    }
    if (back || !(status_ == before)) {
        notify();
    }
}

void SonyNinePin::Impl::time_told(const NinePinFrame& frame, DeckTime at) {
    if (const auto frames = nine_pin_frames(frame.data(), config_.frames_per_s)) {
        counter_.take(*frames, at);
        counter_name_ = frame.command == NinePinCommand::Timer1Is ? "timer-1"
                        : frame.command == NinePinCommand::LtcIs  ? "LTC"
                                                                  : "LTC, held";
        silent_times_ = 0;
    }
}

void SonyNinePin::Impl::failed(Failure how) {
    const Question question = *std::exchange(asked_, std::nullopt);
    timeline_.cancel(std::exchange(deadline_timer_, 0));
    ++failures_;
    last_failure_ = how;
    missing_ += how == Failure::Silence || how == Failure::PartOfAFrame ? 1 : 0;
    if (question.frame.command == NinePinCommand::StatusSense) {
        want_time_ = false; // not of a deck that says nothing; the next frame asks again
    } else if (question.frame.command == NinePinCommand::TimeSense && failures_ == 1 &&
               ++silent_times_ == kSilentTimes) {
        time_refused(); // it answers, but not this: some decks keep still where others refuse
    }
    key_failed(question, true, "was not acknowledged");
    rest(kNinePinRest);
    if (failures_ == config_.unanswered_polls) {
        lost();
    }
}

void SonyNinePin::Impl::lost() {
    up_ = false;
    forget_deck();
    notify();
}

void SonyNinePin::Impl::forget_deck() {
    status_.forget();
    key_.reset();
    counter_.gap();
    timer_1_refused_ = false;
    no_counter_ = false;
    silent_times_ = 0;
    device_type_.clear();
    counter_name_.clear();
}

void SonyNinePin::Impl::deaf() {
    asked_.reset();
    timeline_.cancel(std::exchange(deadline_timer_, 0));
    timeline_.cancel(std::exchange(rest_timer_, 0));
    heard_.clear();
    decoder_.reset();
}

void SonyNinePin::Impl::line_changed() {
    deaf();
    failures_ = 0;
    last_failure_ = Failure::Silence;
    echo_ = false;
    rubbish_.clear();
    stop_.had_its_turn = false;
    if (!line_.is_up()) {
        up_ = false;
        forget_deck();
    }
    notify();
}

void SonyNinePin::Impl::notify() {
    if (const auto listener = listener_) { // a copy: the listener may put another in its place
        listener();
    }
}

} // namespace overbias::transport
