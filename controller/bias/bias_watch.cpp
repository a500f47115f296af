// SPDX-License-Identifier: Apache-2.0
#include "controller/bias/bias_watch.hpp"

#include "base/figure.hpp"
#include "base/journal.hpp"
#include "calibration/bias/bias_quantity.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::controller {

using calibration::BiasFigure;
using calibration::BiasQuantity;
using calibration::BiasState;

namespace {

/// A reading that ends so long after a screw was turned has not seen it turn.
constexpr double kLongestReadingS = 1.0;
/// What stands still moves less than this share of its warning within the averaging time, or, where there is none, less
/// than so many dB or percent.
constexpr double kSteadyShare = 0.5;
constexpr double kSteady = 0.1;

std::optional<double> sure(const std::optional<tape::Figure>& limit) {
    return limit ? tape::as_limit(*limit) : std::nullopt;
}

std::string subject_of(const tape::BiasSource& source, BiasQuantity quantity) {
    return std::string(calibration::bias_quantity_name(quantity)) + " of " + tape::bias_source_place(source);
}

/// Which job measures a figure off tape (bias_off_tape.hpp).
std::string measured_by(BiasQuantity quantity) {
    return quantity == BiasQuantity::Noise           ? "the gap after a print's slate has it"
           : quantity == BiasQuantity::ThirdHarmonic ? "an alignment's proof measures it"
                                                     : "a record alignment or a quick check measures it";
}

std::string key_text(const BiasKey& key) {
    return figure(key.speed_ips, 2) + " ips " + key.equalisation;
}

} // namespace

BiasWatch::BiasWatch(std::vector<tape::BiasSource> sources, BiasKey key, BiasSetUps set_ups, Hooks hooks,
                     const calibration::BiasMonitorSettings& settings)
    : sources_(std::move(sources)), key_(std::move(key)), set_ups_(std::move(set_ups)), hooks_(std::move(hooks)),
      settings_(settings), monitor_(sources_, settings), problems_(sources_.size()) {
    use_set_ups();
}

const BiasSetUp* BiasWatch::set_up_of(const BiasFigure& figure) const {
    return set_ups_.find(key_, bias_source_identity(sources_.at(figure.source)), figure.quantity);
}

void BiasWatch::use_set_ups() {
    for (const BiasFigure& each : monitor_.figures()) {
        const BiasSetUp* const one = set_up_of(each);
        if (one == nullptr) {
            continue;
        }
        if (const auto used = monitor_.set_up(each.source, each.quantity, one->value); !used) {
            journal(JournalLevel::Error, "bias", used.error().message);
        }
    }
}

void BiasWatch::recording(double at_s, bool on) {
    if (on == is_recording()) {
        return;
    }
    recording_since_s_ = on ? std::optional(at_s) : std::nullopt;
    if (on) {
        standing_.clear(); // of the recording before
    }
    monitor_.recording(at_s, on && !aligning_);
}

void BiasWatch::aligning(double at_s, bool on) {
    if (on != std::exchange(aligning_, on)) {
        monitor_.recording(at_s, is_recording() && !on);
    }
}

void BiasWatch::change_key(double at_s, BiasKey key) {
    if (key == key_) {
        return;
    }
    key_ = std::move(key);
    monitor_ = calibration::BiasMonitor(sources_, settings_);
    standing_.clear();
    set_at_s_.reset();
    aligned_.clear();
    use_set_ups();
    if (is_recording()) {
        recording_since_s_ = at_s;
        monitor_.recording(at_s, !aligning_);
    }
}

void BiasWatch::reading(double at_s, std::size_t source, BiasQuantity quantity, std::optional<double> value) {
    if (value && set_at_s_ && recording_since_s_ &&
        at_s >= std::max(*recording_since_s_ + settings_.settle_s, *set_at_s_ + kLongestReadingS)) {
        Mean& mean = aligned_[{source, quantity}];
        mean.sum += *value;
        ++mean.count;
    }
    tell(monitor_.take(at_s, source, quantity, value));
}

void BiasWatch::gap(double at_s) {
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        if (sources_[source].capture_channel > 0) {
            monitor_.gap(at_s, source);
        }
    }
}

bool BiasWatch::problem(std::size_t source, std::string words) {
    std::string& known = problems_.at(source);
    if (known == words) {
        return false;
    }
    const std::string place = "bias of " + tape::bias_source_place(sources_[source]);
    journal(words.empty() ? JournalLevel::Notice : JournalLevel::Warning, "bias",
            words.empty() ? place + ": readings come again" : place + " is not read: " + words);
    known = std::move(words);
    return true;
}

void BiasWatch::off_tape(double at_s, int track, BiasQuantity quantity, double value) {
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        if (sources_[source].kind == tape::BiasSourceKind::Tape && sources_[source].track == track) {
            tell(monitor_.take(at_s, source, quantity, value));
        }
    }
}

void BiasWatch::aligned_off_tape(int track, BiasQuantity quantity, double value) {
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        if (sources_[source].kind == tape::BiasSourceKind::Tape && sources_[source].track == track) {
            aligned_[{source, quantity}] = {.sum = value, .count = 1};
        }
    }
}

void BiasWatch::tell(const calibration::BiasMonitor::Concerns& said) {
    for (const transport::Concern& concern : said) {
        BiasConcern one{.concern = concern, .at_utc = hooks_.utc_now(), .figure = {}};
        for (BiasFigure& each : monitor_.figures()) {
            if (subject_of(sources_[each.source], each.quantity) == concern.subject) {
                one.figure = std::move(each);
                break;
            }
        }
        if (concern.severity == transport::Concern::Severity::Over) {
            standing_.erase(concern.subject);
        } else {
            standing_.insert_or_assign(concern.subject, one);
        }
        hooks_.concern(one);
    }
}

std::string BiasWatch::why(const BiasFigure& figure) const {
    if (figure.state != BiasState::NotJudged) {
        return {};
    }
    const tape::BiasSource& source = sources_.at(figure.source);
    const bool off_tape = source.kind == tape::BiasSourceKind::Tape;
    if (!figure.set_up) {
        return "no set-up value at " + key_text(key_) +
               (!off_tape    ? "; 'overbias bias set-up' takes the present one while the deck records"
                : figure.now ? "; 'overbias bias set-up' takes the present one"
                             : ", and not measured yet; " + measured_by(figure.quantity));
    }
    if (const tape::BiasLimit& limit = bias_limit(source, figure.quantity); !sure(limit.warn) && !sure(limit.fail)) {
        return limit.warn || limit.fail ? "its limits are marked as unsure in the profile, and raise no alarm"
                                        : "the profile gives it no limit";
    }
    if (off_tape) {
        return (figure.now ? "not measured since it was set up; " : "not measured yet; ") +
               measured_by(figure.quantity);
    }
    if (aligning_) {
        return "an alignment runs, and turns the bias itself";
    }
    if (!is_recording()) {
        return "the deck does not record";
    }
    return problems_[figure.source].empty()
               ? "waiting for " + overbias::figure(settings_.averaging_s, 0) + " s of readings, from " +
                     overbias::figure(settings_.settle_s, 0) + " s after record began"
               : problems_[figure.source];
}

BiasState BiasWatch::state() const noexcept {
    const BiasState worst = monitor_.worst();
    const bool all_read = std::ranges::all_of(problems_, [](const std::string& each) { return each.empty(); });
    return worst == BiasState::Good && !all_read ? BiasState::NotJudged : worst;
}

std::string BiasWatch::why() const {
    const std::vector<BiasFigure> all = monitor_.figures();
    if (state() != BiasState::NotJudged || all.empty()) {
        return {};
    }
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        if (!problems_[source].empty()) {
            return "bias of " + tape::bias_source_place(sources_[source]) + " is not read: " + problems_[source];
        }
    }
    // what is nearest to being judged says it
    for (const BiasFigure& each : all) {
        const tape::BiasLimit& limit = bias_limit(sources_[each.source], each.quantity);
        if (each.state == BiasState::NotJudged && each.set_up && (sure(limit.warn) || sure(limit.fail))) {
            return why(each);
        }
    }
    return why(all.front());
}

std::string BiasWatch::why_not_taken(const BiasFigure& figure) const {
    const tape::BiasSource& source = sources_.at(figure.source);
    if (source.kind == tape::BiasSourceKind::Tape) {
        return figure.now ? "" : "not measured yet; " + measured_by(figure.quantity);
    }
    if (!is_recording()) {
        return "the deck does not record, so there is no bias to take; start record, wait " +
               overbias::figure(settings_.settle_s + settings_.averaging_s, 0) + " s, and ask again";
    }
    if (aligning_) {
        return "an alignment runs, and turns the bias itself; one that passes stores what it has set";
    }
    if (!figure.now) {
        return problems_[figure.source].empty() ? "no reading came since record began" : problems_[figure.source];
    }
    if (!figure.spread) {
        return "not " + overbias::figure(settings_.averaging_s, 0) + " s of readings yet; wait a moment";
    }
    const auto warn = sure(bias_limit(source, figure.quantity).warn);
    const double still = warn ? kSteadyShare * *warn : kSteady;
    if (*figure.spread > still) {
        return "it does not stand still: expected less than " + overbias::figure(still, 3) + " " + figure.drift_unit() +
               " within " + overbias::figure(settings_.averaging_s, 0) + " s, got " +
               overbias::figure(*figure.spread, 3) + " " + figure.drift_unit();
    }
    return {};
}

Result<std::vector<BiasTaken>> BiasWatch::set_up(std::optional<int> track) {
    std::vector<BiasTaken> all;
    for (BiasFigure& each : monitor_.figures()) {
        if (!track || each.track == *track) {
            std::string why = why_not_taken(each);
            all.push_back({.figure = std::move(each), .why = std::move(why)});
        }
    }
    if (all.empty()) {
        return Error{"nothing watches the bias of track " + std::to_string(track.value_or(0))};
    }
    if (std::ranges::none_of(all, [](const BiasTaken& each) { return each.why.empty(); })) {
        return Error{subject_of(sources_[all.front().figure.source], all.front().figure.quantity) + ": " +
                     all.front().why};
    }
    store(all, "operator");
    return all;
}

void BiasWatch::store(const std::vector<BiasTaken>& taken, const std::string& by) {
    std::vector<BiasTaken> stored;
    for (const BiasTaken& each : taken) {
        if (!each.why.empty()) {
            continue;
        }
        if (const auto used = monitor_.set_up(each.figure.source, each.figure.quantity, *each.figure.now); !used) {
            journal(JournalLevel::Error, "bias", used.error().message);
            continue;
        }
        set_ups_.put({.key = key_,
                      .source = bias_source_identity(sources_[each.figure.source]),
                      .quantity = each.figure.quantity,
                      .value = *each.figure.now,
                      .at_utc = hooks_.utc_now(),
                      .by = by});
        standing_.erase(subject_of(sources_[each.figure.source], each.figure.quantity));
        stored.push_back(each);
    }
    if (!stored.empty()) {
        hooks_.set_up(stored, by);
    }
}

void BiasWatch::bias_was_set(double at_s) {
    set_at_s_ = at_s;
    aligned_.clear();
}

void BiasWatch::alignment_ended(bool passed) {
    if (passed && set_at_s_) {
        std::vector<BiasTaken> taken;
        for (BiasFigure& each : monitor_.figures()) {
            if (const auto found = aligned_.find({each.source, each.quantity}); found != aligned_.end()) {
                each.now = found->second.sum / static_cast<double>(found->second.count);
                taken.push_back({.figure = std::move(each), .why = {}});
            }
        }
        if (taken.empty()) {
            journal(JournalLevel::Notice, "bias",
                    "the alignment has set the bias, but no reading of it came after that; take its set-up value with "
                    "'overbias bias set-up' while the deck records");
        }
        store(taken, "alignment");
    }
    set_at_s_.reset();
    aligned_.clear();
}

std::vector<BiasConcern> BiasWatch::concerns() const {
    std::vector<BiasConcern> all;
    for (const auto& [subject, concern] : standing_) {
        all.push_back(concern);
    }
    std::ranges::sort(all, {}, [](const BiasConcern& each) { return each.concern.at_s; });
    return all;
}

std::string BiasWatch::cannot_fail() const {
    bool heard = false; // while the deck records; what comes off tape is known when the print is over
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        if (sources_[source].kind == tape::BiasSourceKind::Tape) {
            continue;
        }
        heard = true;
        if (!problems_[source].empty()) {
            return "bias of " + tape::bias_source_place(sources_[source]) + " is not read: " + problems_[source];
        }
        if (std::string why = cannot_fail(source); !why.empty()) {
            return why;
        }
    }
    return heard
               ? ""
               : "the profile's [[bias_monitor]] tables are all of kind \"tape\", which is judged when a print is over";
}

std::string BiasWatch::cannot_fail(std::size_t source) const {
    std::string why;
    for (const BiasFigure& each : monitor_.figures()) {
        if (each.source != source) {
            continue;
        }
        const bool fails = sure(bias_limit(sources_[source], each.quantity).fail).has_value();
        // a bias that is not there is a failure without any limit, and its level says so where it has one
        const bool can_fail = fails || each.quantity == BiasQuantity::Level || !sources_[source].has_level();
        if (can_fail && each.set_up) {
            return {};
        }
        if (can_fail && why.empty()) {
            why = subject_of(sources_[source], each.quantity) + " has no set-up value at " + key_text(key_) +
                  "; 'overbias bias set-up' takes it while the deck records";
        }
    }
    return why;
}

} // namespace overbias::controller
