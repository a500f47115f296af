// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/parallel_lines.hpp"

#include <algorithm>
#include <utility>

namespace overbias::transport {

ParallelContacts::~ParallelContacts() {
    timeline_.cancel(sequence_);
    open_all(true);
}

void ParallelContacts::add(Contact contact, LineId line, DeckDuration pulse, bool stays) {
    outputs_.at(contact) = {.line = line, .pulse = pulse, .stays = stays, .closed = false};
}

void ParallelContacts::close(Contact contact) {
    // the one place where a contact closes: of stop, play, fast forward, rewind and edit never two at once; record
    // closes with play only, library with a wind key only
    const auto may_stay = [contact](int other) {
        const bool of_record = contact == kRecord && other == kPlay;
        const bool of_library = (contact == kFastForward || contact == kRewind) && other == kLibrary;
        return other == contact || of_record || of_library;
    };
    for (int other = 0; other < kContactCount; ++other) {
        if (outputs_.at(static_cast<std::size_t>(other)).closed && !may_stay(other)) {
            open_all(true);
            break;
        }
    }
    Output& output = outputs_.at(contact);
    if (output.line && !output.closed) {
        output.closed = true;
        lines_.set(*output.line, true);
    }
}

void ParallelContacts::open(Contact contact) {
    Output& output = outputs_.at(contact);
    if (output.closed) {
        output.closed = false;
        opened_at_ = timeline_.now();
        lines_.set(*output.line, false);
    }
}

void ParallelContacts::open_all(bool also_staying) {
    // record first: it must never be closed alone with another motion contact
    for (const Contact contact : {kRecord, kPlay, kFastForward, kRewind, kEdit, kLibrary, kStop}) {
        if (also_staying || !outputs_.at(contact).stays) {
            open(contact);
        }
    }
}

void ParallelContacts::after(DeckDuration delay, Timeline::Callback callback) {
    timeline_.cancel(sequence_);
    sequence_ = timeline_.call_after(delay, [this, step = std::move(callback)] {
        sequence_ = 0;
        step();
    });
}

void ParallelContacts::begin(Contact contact, std::optional<Contact> beside) {
    const DeckDuration pulse = outputs_.at(contact).pulse;
    const DeckDuration lead = beside ? lead_ : DeckDuration::zero();
    busy_until_ = timeline_.now() + lead + pulse;
    if (beside) {
        close(*beside);
    }
    const auto join = [this, contact, pulse] {
        close(contact);
        after(pulse, [this] { open_all(false); });
    };
    if (lead == DeckDuration::zero()) {
        join();
    } else {
        after(lead, join);
    }
}

void ParallelContacts::press(Contact contact, std::optional<Contact> beside) {
    if (contact == kStop && outputs_.at(kStop).closed) {
        return; // it is being pressed: begun anew again and again, no pulse would ever be long enough
    }
    timeline_.cancel(sequence_);
    sequence_ = 0;
    open_all(true);
    const DeckTime free_at = contact == kStop || opened_at_ == DeckTime::min() ? timeline_.now() : opened_at_ + gap_;
    if (free_at <= timeline_.now()) {
        begin(contact, beside);
    } else {
        busy_until_ = free_at + (beside ? lead_ : DeckDuration::zero()) + outputs_.at(contact).pulse;
        after(free_at - timeline_.now(), [this, contact, beside] { begin(contact, beside); });
    }
}

LonePulse::~LonePulse() {
    open();
}

void LonePulse::press(LineId line, DeckDuration pulse) {
    open();
    lines_.set(line, true);
    closed_ = line;
    busy_until_ = timeline_.now() + pulse;
    timer_ = timeline_.call_after(pulse, [this] {
        timer_ = 0;
        open();
    });
}

void LonePulse::open() {
    timeline_.cancel(timer_);
    timer_ = 0;
    if (closed_) {
        lines_.set(*closed_, false);
        closed_.reset();
    }
}

DebouncedInputs::DebouncedInputs(Timeline& timeline, Lines& lines, DeckDuration debounce, std::function<void()> changed)
    : timeline_(timeline), lines_(lines), debounce_(debounce), changed_(std::move(changed)) {
    lines_.on_edge([this](const LineEdge& line_edge) { edge(line_edge); });
}

DebouncedInputs::~DebouncedInputs() {
    lines_.on_edge({});
    for (const Input& input : inputs_) {
        timeline_.cancel(input.timer);
    }
}

std::size_t DebouncedInputs::add(LineId line) {
    inputs_.push_back({.line = line, .steady = lines_.get(line), .timer = 0});
    return inputs_.size() - 1;
}

void DebouncedInputs::edge(const LineEdge& line_edge) {
    const auto found = std::ranges::find(inputs_, line_edge.line, &Input::line);
    if (found == inputs_.end()) {
        if (others_) {
            others_(line_edge);
        }
        return;
    }
    // every edge starts the wait afresh: only a level that stays is believed
    timeline_.cancel(found->timer);
    found->timer = timeline_.call_after(
        debounce_, [this, input = found - inputs_.begin()] { settle(static_cast<std::size_t>(input)); });
}

void DebouncedInputs::settle(std::size_t index) {
    Input& input = inputs_.at(index);
    input.timer = 0;
    const bool level = lines_.get(input.line);
    if (level != input.steady) {
        input.steady = level;
        changed_();
    }
}

} // namespace overbias::transport
