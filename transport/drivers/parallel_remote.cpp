// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/parallel_remote.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace overbias::transport {

namespace {

constexpr double kLeastPulseSeconds = 0.050;
constexpr double kMostPulseSeconds = 0.250;

void check_range(const char* key, double value_s, double least_s, double most_s) {
    if (!(value_s >= least_s && value_s <= most_s)) {
        throw std::invalid_argument(std::string("parallel remote: ") + key + " must lie between " +
                                    std::to_string(least_s) + " and " + std::to_string(most_s) + " s, got " +
                                    std::to_string(value_s));
    }
}

} // namespace

class ParallelRemote::Impl {
  public:
    Impl(Timeline& timeline, Lines& lines, Tach* tach, const ParallelRemoteConfig& config);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void press(Key key);
    [[nodiscard]] Tallies tallies() const;

    DeckCapabilities capabilities_;
    std::function<void()> listener_;
    Tach* tach_;
    DeckTime busy_until_{};

  private:
    enum Contact { kStop, kPlay, kRecord, kFastForward, kRewind, kContactCount };
    enum Tally { kTallyStop, kTallyPlay, kTallyRecord, kTallyFastForward, kTallyRewind, kTapeOut, kTallyCount };
    struct Output {
        LineId line;
        DeckDuration pulse{};
        bool closed = false;
    };
    struct Input {
        std::optional<LineId> line;
        bool steady = false;
        Timeline::TimerId timer = 0;
    };

    void close(Contact contact);
    void open_all();
    void pulse(Contact contact);
    void pulse_record();
    void after(DeckDuration delay, Timeline::Callback callback);
    void edge(const LineEdge& edge);
    void settle(Input& input);

    Timeline& timeline_;
    Lines& lines_;
    ParallelRemoteConfig config_;
    std::array<Output, kContactCount> outputs_;
    std::array<Input, kTallyCount> inputs_;
    Timeline::TimerId sequence_ = 0; ///< the next step of the key being pressed
    DeckTime opened_at_ = DeckTime::min();
};

ParallelRemote::Impl::Impl(Timeline& timeline, Lines& lines, Tach* tach, const ParallelRemoteConfig& config)
    : tach_(tach), timeline_(timeline), lines_(lines), config_(config) {
    std::string missing;
    const std::array<std::pair<const char*, const ContactConfig*>, kContactCount> contacts{
        {{"stop", &config.stop},
         {"play", &config.play},
         {"record", &config.record},
         {"fast_forward", &config.fast_forward},
         {"rewind", &config.rewind}}};
    for (std::size_t i = 0; i < contacts.size(); ++i) {
        const auto& [key, contact] = contacts[i];
        check_range((std::string(key) + ".pulse_s").c_str(), contact->pulse_s, kLeastPulseSeconds, kMostPulseSeconds);
        if (const Result<LineId> found = lines.find_output(contact->line)) {
            outputs_[i] = {*found, deck_seconds(contact->pulse_s), false};
        } else {
            missing += "\n  output \"" + contact->line + "\" (" + key + "): " + found.error().message;
        }
    }
    check_range("debounce_s", config.debounce_s, 0.0, 0.1);
    check_range("record_lead_s", config.record_lead_s, 0.0, 0.2);
    check_range("gap_s", config.gap_s, 0.0, 0.1);
    const std::array<const std::string*, kTallyCount> tally_names{&config.tally_stop,   &config.tally_play,
                                                                  &config.tally_record, &config.tally_fast_forward,
                                                                  &config.tally_rewind, &config.tape_out};
    for (std::size_t i = 0; i < tally_names.size(); ++i) {
        if (tally_names[i]->empty()) {
            continue;
        }
        if (const Result<LineId> found = lines.find_input(*tally_names[i])) {
            inputs_[i].line = *found;
        } else {
            missing += "\n  input \"" + *tally_names[i] + "\": " + found.error().message;
        }
    }
    if (!missing.empty()) {
        throw std::invalid_argument(
            "parallel remote: these lines are configured but not there; correct the names, or leave a tally's name "
            "empty when the deck has none:" +
            missing);
    }
    for (Input& input : inputs_) {
        input.steady = input.line && lines_.get(*input.line);
    }
    lines_.on_edge([this](const LineEdge& line_edge) { edge(line_edge); });

    capabilities_.kind = "parallel-remote";
    capabilities_.tallies = inputs_[kTallyPlay].line.has_value();
    capabilities_.tach = tach != nullptr;
    capabilities_.senses_motion_itself = config.senses_motion_itself;
    capabilities_.made_safe_by = "a pulse on the deck's STOP contact";
    capabilities_.heartbeat_contact = config.heartbeat_contact;
}

ParallelRemote::Impl::~Impl() {
    lines_.on_edge({});
    timeline_.cancel(sequence_);
    for (const Input& input : inputs_) {
        timeline_.cancel(input.timer);
    }
    open_all();
}

void ParallelRemote::Impl::close(Contact contact) {
    // the one place where a contact closes: of stop, play, fast forward and rewind never two at once; record closes
    // with play only
    for (int other = 0; other < kContactCount; ++other) {
        const bool may_stay = other == contact || (contact == kRecord && other == kPlay);
        if (outputs_[static_cast<std::size_t>(other)].closed && !may_stay) {
            open_all();
            break;
        }
    }
    outputs_[contact].closed = true;
    lines_.set(outputs_[contact].line, true);
}

void ParallelRemote::Impl::open_all() {
    // record first: it must never be closed alone with another motion contact
    for (const Contact contact : {kRecord, kPlay, kFastForward, kRewind, kStop}) {
        Output& output = outputs_[contact];
        if (output.closed) {
            output.closed = false;
            opened_at_ = timeline_.now();
            lines_.set(output.line, false);
        }
    }
}

void ParallelRemote::Impl::after(DeckDuration delay, Timeline::Callback callback) {
    timeline_.cancel(sequence_);
    sequence_ = timeline_.call_after(delay, [this, step = std::move(callback)] {
        sequence_ = 0;
        step();
    });
}

void ParallelRemote::Impl::pulse(Contact contact) {
    close(contact);
    busy_until_ = timeline_.now() + outputs_[contact].pulse;
    after(outputs_[contact].pulse, [this] { open_all(); });
}

void ParallelRemote::Impl::pulse_record() {
    const DeckDuration lead = deck_seconds(config_.record_lead_s);
    close(kPlay);
    busy_until_ = timeline_.now() + lead + outputs_[kRecord].pulse;
    const auto join = [this] {
        close(kRecord);
        after(outputs_[kRecord].pulse, [this] { open_all(); });
    };
    if (lead == DeckDuration::zero()) {
        join();
    } else {
        after(lead, join);
    }
}

void ParallelRemote::Impl::press(Key key) {
    if (key == Key::RecordExit) {
        key = config_.record_exit == ParallelRemoteConfig::RecordExit::PressStop ? Key::Stop : Key::Play;
    }
    if (key == Key::Stop && outputs_[kStop].closed) {
        return; // it is being pressed: begun anew again and again, no pulse would ever be long enough
    }
    timeline_.cancel(sequence_);
    sequence_ = 0;
    open_all();
    if (key == Key::Stop) {
        pulse(kStop);
        return;
    }
    const auto begin = [this, key] {
        switch (key) {
        case Key::Play:
            pulse(kPlay);
            break;
        case Key::FastForward:
            pulse(kFastForward);
            break;
        case Key::Rewind:
            pulse(kRewind);
            break;
        default:
            pulse_record();
            break;
        }
    };
    const DeckTime free_at = opened_at_ == DeckTime::min() ? timeline_.now() : opened_at_ + deck_seconds(config_.gap_s);
    if (free_at <= timeline_.now()) {
        begin();
    } else {
        busy_until_ = free_at + deck_seconds(kMostPulseSeconds);
        after(free_at - timeline_.now(), begin);
    }
}

Tallies ParallelRemote::Impl::tallies() const {
    const auto steady = [this](Tally tally) {
        const Input& input = inputs_[tally];
        return input.line ? std::optional(input.steady) : std::nullopt;
    };
    return {.stop = steady(kTallyStop),
            .play = steady(kTallyPlay),
            .record = steady(kTallyRecord),
            .fast_forward = steady(kTallyFastForward),
            .rewind = steady(kTallyRewind),
            .tape_out = steady(kTapeOut)};
}

void ParallelRemote::Impl::edge(const LineEdge& line_edge) {
    for (Input& input : inputs_) {
        if (input.line == line_edge.line) {
            // every edge starts the wait afresh: only a level that stays is believed
            timeline_.cancel(input.timer);
            input.timer = timeline_.call_after(deck_seconds(config_.debounce_s), [this, &input] {
                input.timer = 0;
                settle(input);
            });
            return;
        }
    }
}

void ParallelRemote::Impl::settle(Input& input) {
    const bool level = lines_.get(*input.line);
    if (level == input.steady) {
        return;
    }
    input.steady = level;
    if (listener_) {
        listener_();
    }
}

ParallelRemote::ParallelRemote(Timeline& timeline, Lines& lines, Tach* tach, const ParallelRemoteConfig& config)
    : impl_(std::make_unique<Impl>(timeline, lines, tach, config)) {
}

ParallelRemote::~ParallelRemote() = default;

const DeckCapabilities& ParallelRemote::capabilities() const noexcept {
    return impl_->capabilities_;
}
Result<void> ParallelRemote::press(Key key) {
    impl_->press(key);
    return {};
}
Tallies ParallelRemote::tallies() const {
    return impl_->tallies();
}
TachReading ParallelRemote::tach() {
    return impl_->tach_ != nullptr ? impl_->tach_->read() : TachReading{};
}
void ParallelRemote::on_change(std::function<void()> listener) {
    impl_->listener_ = std::move(listener);
}
void ParallelRemote::make_safe() noexcept {
    impl_->press(Key::Stop); // opens every other contact first
}
DeckTime ParallelRemote::busy_until() const noexcept {
    return impl_->busy_until_;
}

} // namespace overbias::transport
