// SPDX-License-Identifier: Apache-2.0
#include "controller/bias/bias_link.hpp"

#include "base/host_time.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "controller/bias/bias_off_tape.hpp"
#include "controller/config_bias.hpp"
#include "controller/machine_commands.hpp"
#include "tape/alignment_json.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using calibration::BiasQuantity;
using transport::Motion;

namespace {

constexpr double kTapSeconds = 4.0;
constexpr DeckDuration kPollEvery = std::chrono::milliseconds(500);
/// A converter that has not answered, or a capture that has brought nothing, for so long is said to be silent.
constexpr DeckDuration kSilentAfter = std::chrono::seconds(2);

/// Bias flows and nobody has asked for its end: what the deck does between that and its tally is not judged.
bool records(const transport::MachineState& state) {
    return state.current == Motion::Recording && state.requested == Motion::Recording;
}

bool set_bias(const JobEnd& end) {
    if (end.name != "align" || end.report.empty()) {
        return false;
    }
    const auto record = tape::alignment_from_json(end.report);
    return record && record->procedure == "record";
}

} // namespace

BiasKey bias_key(const Config& config, const Identity& identity) {
    return {.deck_uuid = identity.deck_uuid,
            .head_block_uuid = identity.head_block_uuid,
            .speed_ips = config.tape.speed_ips,
            .equalisation = std::string(tape::equalisation_name(config.tape.equalisation))};
}

BiasLink::BiasLink(Parts parts) : parts_(std::move(parts)), key_(bias_key(parts_.config, parts_.identity)) {
    const std::vector<tape::BiasSource>& sources = parts_.config.deck.profile.bias_sources;
    if (sources.empty()) {
        return;
    }
    std::string refused;
    for (const std::string& why :
         bias_obstacles(parts_.config.deck.profile, parts_.capture.sample_rate_hz, parts_.capture.roles)) {
        refused += (refused.empty() ? "profile \"" + parts_.config.deck.profile.id + "\": " : "; ") + why;
    }
    if (!refused.empty()) {
        throw std::runtime_error(refused);
    }
    auto kept = load_bias_set_ups(parts_.config.daemon.state_dir);
    if (!kept) {
        journal(JournalLevel::Error, "bias", kept.error().message);
    }
    heard_at_ = parts_.timeline.now();
    watch_ = std::make_unique<BiasWatch>(sources, key_, kept ? std::move(kept).value() : BiasSetUps(), hooks());
    const bool own_threads = !parts_.timeline.simulated();
    if (const std::vector<std::size_t> channels = BiasEars::channels(sources); !channels.empty()) {
        const double rate_hz = parts_.capture.sample_rate_hz;
        ears_ = std::make_unique<BiasEars>(
            parts_.engine.add_capture_tap(static_cast<std::size_t>(rate_hz * kTapSeconds), channels), sources, rate_hz);
        if (own_threads) {
            ears_->start();
        }
    }
    converters_ = std::make_unique<BiasConverters>(sources, parts_.iio_root);
    if (converters_->empty()) {
        converters_.reset();
    } else if (own_threads) {
        converters_->start();
    }
}

BiasWatch::Hooks BiasLink::hooks() {
    return {.utc_now = [] { return utc_text(host_now().utc_ns); },
            .concern = [this](const BiasConcern& one) { concern(one); },
            .set_up = [this](const std::vector<BiasTaken>& taken, const std::string& by) { stored(taken, by); }};
}

BiasLosses BiasLink::losses() const {
    return {.gaps = gaps_, .lost_frames = ears_ ? ears_->lost_frames() : 0};
}

/// Deck time at which that frame was at the converter: never backwards, and never ahead of now.
double BiasLink::time_of(std::int64_t frame) {
    const audio::StreamTimestamp stamp = parts_.engine.return_timestamp();
    const double at_s = seconds(stamp.at) + static_cast<double>(frame - stamp.frame) / parts_.capture.sample_rate_hz;
    heard_to_s_ = std::max(heard_to_s_, std::min(at_s, now_s()));
    return heard_to_s_;
}

void BiasLink::hear() {
    if (parts_.timeline.simulated()) {
        ears_->drain();
    }
    const std::vector<BiasHeard> heard = ears_->take();
    const DeckTime now = parts_.timeline.now();
    heard_at_ = heard.empty() ? heard_at_ : now;
    if (heard.empty() && now - heard_at_ < kSilentAfter) {
        return;
    }
    const std::vector<tape::BiasSource>& sources = watch_->sources();
    for (std::size_t source = 0; source < sources.size(); ++source) {
        if (sources[source].capture_channel > 0) {
            said(source, heard.empty() ? "no samples come from the capture; look at the sound card" : "");
        }
    }
    if (heard.empty()) {
        watch_->gap(seconds(now)); // what the bias does meanwhile nobody knows
    }
    for (const BiasHeard& one : heard) {
        const double at_s = time_of(one.frame);
        if (one.gap) {
            ++gaps_;
            watch_->gap(at_s);
        } else {
            watch_->reading(at_s, one.reading.source, one.reading.quantity, one.reading.value);
        }
    }
}

void BiasLink::said(std::size_t source, std::string problem) {
    if (watch_->problem(source, std::move(problem))) {
        parts_.changed();
    }
}

void BiasLink::poll() {
    const DeckTime now = parts_.timeline.now();
    if (now - asked_ >= kPollEvery && converters_->ask(now)) {
        asked_ = now;
    }
    for (const BiasPolled& one : converters_->take()) {
        said(one.source, one.problem);
        watch_->reading(seconds(one.at), one.source, BiasQuantity::Level, one.level);
    }
    if (const auto since = converters_->asked(); since && now - *since >= kSilentAfter) {
        for (const std::size_t source : converters_->sources()) {
            said(source, "the converter does not answer; check its bus and its supply");
            watch_->silent(seconds(now), source);
        }
    }
}

void BiasLink::tick() {
    if (!watch_) {
        return;
    }
    watch_->aligning(now_s(), parts_.runner.running() && parts_.runner.name() == "align");
    if (ears_) {
        hear();
    }
    if (converters_) {
        poll();
    }
    tell_changes();
}

void BiasLink::tell_changes() {
    if (const calibration::BiasState state = watch_->state(); state != std::exchange(told_, state)) {
        parts_.changed();
    }
}

void BiasLink::state(const transport::MachineState& state) {
    if (!watch_) {
        return;
    }
    BiasKey key = key_;
    key.speed_ips = state.play_speed_ips > 0.0 ? state.play_speed_ips : key.speed_ips;
    watch_->change_key(now_s(), std::move(key));
    watch_->recording(now_s(), records(state));
}

void BiasLink::job_event(const transport::JobEvent& event) {
    const auto step = event.detail.find("step");
    if (watch_ && event.kind == "aligned" && step != event.detail.end() && step->second == "record.bias") {
        watch_->bias_was_set(now_s());
    }
}

void BiasLink::job_ended(const JobEnd& end) {
    if (!watch_) {
        return;
    }
    const std::vector<BiasOffTape> measured = bias_off_tape(end);
    const bool is_set_up = end.ending == JobEnding::Pass && set_bias(end);
    for (const BiasOffTape& one : measured) {
        if (is_set_up) {
            watch_->aligned_off_tape(one.track, one.quantity, one.value);
        }
    }
    watch_->alignment_ended(is_set_up);
    for (const BiasOffTape& one : measured) {
        watch_->off_tape(now_s(), one.track, one.quantity, one.value);
    }
    tell_changes();
}

void BiasLink::concern(const BiasConcern& one) {
    using Severity = transport::Concern::Severity;
    const Severity severity = one.concern.severity;
    const std::string job = parts_.runner.running() ? parts_.runner.id() : "";
    journal(severity == Severity::Fail   ? JournalLevel::Error
            : severity == Severity::Warn ? JournalLevel::Warning
                                         : JournalLevel::Notice,
            "bias", one.concern.words);
    // the job first: it may be told to stop, and then the deck is made safe before anything else
    parts_.runner.concern(one.concern);
    const json::object told = bias_concern_json(*watch_, one, job);
    parts_.keeper.bias(severity == Severity::Fail   ? "bias_alarm"
                       : severity == Severity::Warn ? "bias_warning"
                                                    : "bias_good",
                       told, parts_.transport.state().position_m);
    parts_.notices.tell("concern", json_line(told));
    parts_.changed();
}

void BiasLink::stored(const std::vector<BiasTaken>& taken, const std::string& by) {
    json::object detail = bias_taken_json(*watch_, taken);
    detail["by"] = by;
    detail["speed_ips"] = watch_->key().speed_ips;
    detail["equalisation"] = watch_->key().equalisation;
    parts_.keeper.bias("bias_set_up", detail, parts_.transport.state().position_m);
    journal(JournalLevel::Info, "bias",
            "set-up values of " + std::to_string(taken.size()) + " figure(s) taken by the " + by);
    parts_.worker.post([state_dir = parts_.config.daemon.state_dir, set_ups = watch_->set_ups()] {
        if (const auto kept = store_bias_set_ups(state_dir, set_ups); !kept) {
            journal(JournalLevel::Error, "bias", "the bias at set-up is not kept: " + kept.error().message);
        }
    });
    parts_.changed();
}

json::value BiasLink::status() const {
    return watch_ ? json::value(bias_status_json(*watch_)) : json::value(nullptr);
}

std::string BiasLink::stop_obstacle() const {
    return watch_ ? watch_->cannot_fail() : "the deck's profile has no [[bias_monitor]]";
}

Reply BiasLink::set_up(const json::object& given) {
    if (!watch_) {
        return Reply::error(
            ErrorCode::Refused,
            "bias set-up was refused: the deck's profile has no [[bias_monitor]] (docs/bias-monitor.md)");
    }
    const json::value* const track = given.if_contains("track");
    const auto taken = watch_->set_up(track != nullptr ? std::optional(track->to_number<int>()) : std::optional<int>());
    const Reply reply = taken ? Reply::with(bias_taken_json(*watch_, *taken))
                              : Reply::error(ErrorCode::Refused, "bias set-up was refused: " + taken.error().message);
    parts_.commanded("bias_set_up", reply.ok() ? "accepted" : reply.message);
    return reply;
}

void BiasLink::add_commands(CommandRegistry& registry) {
    registry.add(
        {.name = "bias",
         .help = "what the bias monitor knows: each figure against set-up, its limits, where it goes",
         .role = Role::Observe,
         .parameters = {{"history", ParameterType::Flag, false, "false: without the points for a plot"}},
         .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
             const json::value* const history = given.if_contains("history");
             answer(Reply::with(watch_ ? bias_json(*watch_, losses(), now_s(), history == nullptr || history->as_bool())
                                       : no_bias_json()));
         }});
    registry.add(
        {.name = "bias_set_up",
         .help = "takes the bias as it is now, while the deck records, as its set-up value",
         .parameters = {{"track", ParameterType::Integer, false, "of this track only, from 1"}},
         .handler = [this](const json::object& given, const Caller&, const Answer& answer) { answer(set_up(given)); }});
}

} // namespace overbias::controller
