// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/studer_talk.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace overbias::transport {

namespace {

constexpr std::uint8_t kCx = 0x18, kXon = 0x11, kXoff = 0x13;
constexpr std::size_t kLongestLine = 200;
constexpr std::string_view kUnknownCommand = "?", kWrongParameter = "INPUT FORMAT ERROR";

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

} // namespace

StuderTalk::StuderTalk(Timeline& timeline, SerialLink& link, StuderTalkConfig config)
    : timeline_(timeline), link_(link), config_(std::move(config)) {
}

StuderTalk::~StuderTalk() {
    link_.on_bytes({});
    link_.on_state({});
    timeline_.cancel(timer_);
}

void StuderTalk::begin() {
    began_ = timeline_.now();
    link_.on_bytes([this](std::span<const std::uint8_t> some, bool damaged, DeckTime) { bytes(some, damaged); });
    link_.on_state([this] { link_changed(); });
    link_changed();
}

// --- lines

void StuderTalk::bytes(std::span<const std::uint8_t> some, bool damaged) {
    for (const std::uint8_t byte : some) {
        const bool skip = byte == '\n' && after_cr_; // CR LF is one end
        after_cr_ = byte == '\r';
        if (skip || byte == kXon || byte == kXoff || byte == kCx) {
            continue;
        }
        partial_damaged_ = partial_damaged_ || damaged;
        if (byte == '\r' || byte == '\n') {
            end_of_line();
        } else if (byte < ' ' || byte > '~' || partial_.size() == kLongestLine) {
            partial_damaged_ = true;
        } else {
            partial_ += static_cast<char>(byte);
        }
    }
}

void StuderTalk::end_of_line() {
    const std::string text = trimmed(std::exchange(partial_, {}));
    const bool damaged = std::exchange(partial_damaged_, false);
    if (trace && !text.empty()) {
        trace(false, bytes_of(text), timeline_.now());
    }
    if (damaged) {
        ++damaged_lines_; // its query is asked again
    } else if (!text.empty() && is_echo(text)) {
        ++echoed_lines_;
    } else {
        line(text);
    }
}

/// Our own query coming back is an echo, nothing else looks like it. A command is only where the queries do too: the
/// deck may well have a status of that name.
bool StuderTalk::is_echo(const std::string& text) {
    if (query_ && text == with_address(query_->text)) {
        return echoing_ = query_->echoed = true;
    }
    if (phase_ == Phase::Calling) {
        return stop_ && text == with_address(config_.stop);
    }
    for (Command& command : commands_) {
        if (echoing_ && !command.echoed && text == with_address(command.text)) {
            return command.echoed = true;
        }
    }
    return false;
}

std::string StuderTalk::with_address(const std::string& text) const {
    if (config_.address == 0) {
        return text;
    }
    std::array<char, 8> address{};
    std::snprintf(address.data(), address.size(), "%02d ", config_.address);
    return address.data() + text;
}

void StuderTalk::line(const std::string& text) {
    const bool is_error = text == kUnknownCommand || text == kWrongParameter;
    switch (phase_) {
    case Phase::LinkGone:
        return;
    case Phase::Calling:
        if (!text.empty()) {
            answer_while_calling(is_error ? Result<std::string>(Error{text}) : Result<std::string>(text));
        }
        return;
    case Phase::Quieting:
        return wait_for_quiet();
    case Phase::Introducing:
    case Phase::Up:
        break;
    }
    if (waiting_for_quiet_ && !text.empty()) {
        wait_for_quiet();
        if (late_answers_ > 0 && --late_answers_ == 0) { // all that can come
            return set_timer(0.0, &StuderTalk::quiet_has_come);
        }
    }
    if (is_error) {
        return error(text);
    }
    if (!text.empty()) {
        return query_ ? answer(text) : void(++unasked_lines_);
    }
    for (Command& command : commands_) {
        if (!command.acknowledged && (!query_ || command.sequence < query_->sequence)) {
            command.acknowledged = true;
            return;
        }
    }
}

void StuderTalk::error(const std::string& text) {
    const auto refused = std::ranges::find_if(commands_, [this](const Command& command) {
        return !command.acknowledged && (!query_ || command.sequence < query_->sequence);
    });
    if (refused == commands_.end()) {
        return query_ ? answer(Error{text}) : void(++unasked_lines_);
    }
    const Command command = std::move(*refused);
    commands_.erase(refused);
    if (stop_ == command.sequence) {
        stop_refused_ = true;
    }
    if (command.ask) {
        return command.ask->done(Error{text});
    }
    if (on_refused) {
        on_refused(command.text, text);
    }
}

void StuderTalk::answer(Result<std::string> text) {
    const Query query = std::move(*query_);
    query_.reset();
    echoing_ = query.echoed;
    if (query.sent > 1) {
        late_answers_ = query.sent - 1;
        wait_for_quiet();
    } else {
        set_timer(config_.poll_s, &StuderTalk::next_query);
    }
    proven_before(query.sequence);
    if (phase_ == Phase::Introducing) {
        identity_ = text ? text.value() : std::string();
        return up();
    }
    if (query.ask) {
        query.ask->done(std::move(text));
    } else if (on_poll) {
        on_poll(query.poll.value_or(0), text);
    }
    go_on();
}

void StuderTalk::proven_before(std::uint64_t sequence) {
    if (stop_ && *stop_ < sequence) {
        if (std::exchange(stop_refused_, false)) {
            send_stop();
        } else {
            stop_.reset();
        }
    }
    while (!commands_.empty() && commands_.front().sequence < sequence) {
        const Command read = std::move(commands_.front());
        commands_.pop_front();
        if (read.ask) {
            read.ask->done(std::string());
        }
    }
}

// --- what is sent

Result<void> StuderTalk::send(const std::string& text) {
    std::string line = with_address(text);
    if (trace) {
        trace(true, bytes_of(line), timeline_.now());
    }
    line += '\r';
    sent_at_ = timeline_.now();
    return link_.send(bytes_of(line));
}

Result<void> StuderTalk::command(const std::string& text, bool moves) {
    if (phase_ != Phase::Up) {
        return Error{"\"" + text + "\" was not sent: " + problem_};
    }
    if (moves) {
        stop_.reset();
    }
    auto sent = send_command({text, 0, moves});
    go_on();
    return sent;
}

Result<void> StuderTalk::send_command(Command command) {
    const std::string text = command.text;
    command.sequence = ++sequence_;
    commands_.push_back(std::move(command));
    auto sent = send(text);
    if (!sent && conversing()) {
        lost(sent.error().message);
    }
    return sent ? Result<void>() : Error{"\"" + text + "\" was not sent: " + sent.error().message};
}

void StuderTalk::stop() {
    const bool last_sent = stop_ && !commands_.empty() && commands_.back().sequence == *stop_;
    if (stop_ && (!conversing() || last_sent)) {
        return; // it is being repeated as it is
    }
    stop_ = 0;
    stop_refused_ = false;
    stop_begun_ = timeline_.now();
    if (conversing()) {
        send_stop();
        go_on();
    } else if (phase_ != Phase::LinkGone) {
        call_at_once();
    }
}

void StuderTalk::send_stop() {
    stop_ = sequence_ + 1;
    (void)send_command({config_.stop, 0, false}); // it is repeated anyway
}

/// Where a command is under way the next query shows that it was read, so it goes at once; and so does a query that
/// somebody waits for.
void StuderTalk::go_on() {
    if (phase_ == Phase::Up && !query_ && !waiting_for_quiet_ && (!commands_.empty() || stop_ || !asks_.empty())) {
        next_query();
    }
}

void StuderTalk::next_query() {
    if (phase_ != Phase::Up || query_) {
        return;
    }
    const bool proof = !commands_.empty() || stop_;
    if (!proof && !asks_.empty() && !poll_is_next_) {
        Ask ask = std::move(asks_.front());
        asks_.pop_front();
        poll_is_next_ = true;
        if (ask.text.ends_with('?')) {
            return send_query({ask.text, 0, 0, std::nullopt, std::move(ask)});
        }
        const std::string text = ask.text;
        (void)send_command({text, 0, false, false, std::move(ask)}); // lost() tells the one who asked
        return go_on();
    }
    poll_is_next_ = false;
    if (config_.polls.empty()) {
        return send_query({config_.identify, 0, 0, 0, std::nullopt});
    }
    const std::size_t poll = next_poll_;
    next_poll_ = (next_poll_ + 1) % config_.polls.size();
    send_query({config_.polls[poll], 0, 0, poll, std::nullopt});
}

void StuderTalk::send_query(Query query) {
    query_ = std::move(query);
    query_->sequence = ++sequence_;
    query_->sent = 1;
    set_timer(config_.answer_s, &StuderTalk::unanswered);
    if (auto sent = send(query_->text); !sent && conversing()) {
        lost(sent.error().message);
    }
}

void StuderTalk::unanswered() {
    partial_.clear();
    partial_damaged_ = false;
    if (query_->sent >= config_.unanswered_most) {
        return lost(why_no_answer());
    }
    if (stop_) {
        send_stop();
    }
    if (!conversing()) {
        return;
    }
    ++query_->sent;
    set_timer(config_.answer_s, &StuderTalk::unanswered);
    if (auto sent = send(query_->text); !sent && conversing()) {
        lost(sent.error().message);
    }
}

StuderTalk::AskId StuderTalk::ask(std::string text, Done done) {
    const AskId id = ++last_ask_;
    if (phase_ != Phase::Up) {
        done(Error{"\"" + text + "\" was not asked: " + problem_});
    } else {
        asks_.push_back({id, std::move(text), std::move(done)});
        go_on();
    }
    return id;
}

void StuderTalk::forget(AskId ask) noexcept {
    std::erase_if(asks_, [ask](const Ask& waiting) { return waiting.id == ask; });
    const auto silence = [ask](std::optional<Ask>& asked) {
        if (asked && asked->id == ask) {
            asked->done = [](const Result<std::string>&) {};
        }
    };
    if (query_) {
        silence(query_->ask);
    }
    for (Command& command : commands_) {
        silence(command.ask);
    }
}

DeckTime StuderTalk::busy_until() const noexcept {
    if (!stop_ && commands_.empty()) {
        return DeckTime::min();
    }
    return conversing() ? sent_at_ + deck_seconds(config_.answer_s * config_.unanswered_most)
                        : stop_begun_ + std::chrono::seconds(1);
}

void StuderTalk::set_timer(double delay_s, void (StuderTalk::*what)()) {
    timeline_.cancel(timer_);
    timer_ = timeline_.call_after(deck_seconds(delay_s), [this, what] {
        timer_ = 0;
        (this->*what)();
    });
}

} // namespace overbias::transport
