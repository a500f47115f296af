// SPDX-License-Identifier: Apache-2.0
#include "controller/listening/listen_desk.hpp"

#include "base/units.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using audio::ListenStream;
using dsp::Heard;

namespace {

constexpr double kTapSeconds = 0.5;
constexpr std::array<const char*, 3> kStreams{"tape", "source", "ab"}; ///< by audio::ListenStream

const char* word(Heard heard) {
    switch (heard) {
    case Heard::Tape:
        return "tape";
    case Heard::Source:
        return "source";
    case Heard::Nothing:
        break;
    }
    return "off";
}

std::optional<double> number_of(const transport::JobEvent& event, const char* key) {
    const auto found = event.detail.find(key);
    double value = 0.0;
    if (found == event.detail.end()) {
        return std::nullopt;
    }
    const char* const end = found->second.data() + found->second.size();
    const auto [rest, error] = std::from_chars(found->second.data(), end, value);
    return error == std::errc() && rest == end && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

double rounded(double value) {
    return std::round(value * 1e4) / 1e4 + 0.0; // no minus zero
}

/// A listener of ours as the web server knows it.
class Listener final : public web_ui::AudioListener {
  public:
    explicit Listener(std::shared_ptr<audio::FlacListener> flac) : flac_(std::move(flac)) {}
    std::string take() override { return flac_->take(); }
    [[nodiscard]] std::string ended() const override { return flac_->ended(); }

  private:
    std::shared_ptr<audio::FlacListener> flac_;
};

} // namespace

ListenDesk::ListenDesk(Parts parts) : parts_(std::move(parts)) {
    const ListenConfig& listening = parts_.config.listening;
    if (parts_.engine.has_monitor()) {
        monitor_ = &parts_.engine.add_monitor();
    }
    if (monitor_ == nullptr && !listening.browser) {
        return; // no tap, no thread: nobody pays for it
    }
    const auto frames = [](double rate_hz) { return static_cast<std::size_t>(rate_hz * kTapSeconds); };
    const double play_hz = parts_.played.sample_rate_hz, capture_hz = parts_.captured.sample_rate_hz;
    path_ = std::make_unique<audio::ListenPath>(
        parts_.engine.add_played_tap(frames(play_hz)), parts_.engine.add_return_tap(frames(capture_hz)),
        audio::ListenPath::Config{.play_rate_hz = play_hz,
                                  .capture_rate_hz = capture_hz,
                                  .one_crystal = parts_.played.clock_domain == parts_.captured.clock_domain,
                                  .monitor = monitor_});
    for (std::size_t which = 0; listening.browser && which < streams_.size(); ++which) {
        streams_[which] = std::make_unique<audio::FlacStream>(
            play_hz, audio::FlacStream::Limits{.listeners = static_cast<std::size_t>(listening.browser_listeners)});
        path_->add_stream(
            static_cast<ListenStream>(which), [stream = streams_[which].get()] { return stream->wanted(); },
            [stream = streams_[which].get()](std::span<const std::int32_t> given) { stream->push(given); });
    }
    wanted_.dim_db = listening.dim_db;
    set();
    thread_ = std::make_unique<audio::ListenThread>(*path_);
}

ListenDesk::~ListenDesk() = default;

void ListenDesk::add_command(CommandRegistry& registry) {
    registry.add({.name = "listen",
                  .help = "what the monitor outputs hear: source or tape, matched in level and time; alone: how it "
                          "stands",
                  .parameters = {{"what", ParameterType::Text, false, "which", {"off", "tape", "source"}},
                                 {"dim", ParameterType::Flag, false, "softer, by listening.dim_db"},
                                 {"mono", ParameterType::Flag, false, "(left + right) / 2 on both"},
                                 {"mute", ParameterType::Flag, false, "silent, and the rest stays as it is"}},
                  .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
                      answer(command(given));
                  }});
}

std::string ListenDesk::obstacle() const {
    return path_ ? ""
                 : "listen was refused: the card has no monitor outputs and browsers get no sound; name its channels "
                   "(audio.monitor_channels), or allow browsers (listening.browser), and start the daemon again";
}

Reply ListenDesk::command(const json::object& given) {
    const auto answer = [this](const char* status) {
        return Reply::with(json::object{{"status", status}, {"listening", state()}});
    };
    if (given.empty()) {
        return answer("unchanged");
    }
    const json::value* const what = given.if_contains("what");
    if (const std::string against = obstacle(); !against.empty()) {
        const bool only_off = given.size() == 1 && what != nullptr && *what == "off";
        return only_off ? answer("unchanged") : Reply::error(ErrorCode::Refused, against);
    }
    const audio::ListenWanted before = wanted_;
    if (what != nullptr) {
        wanted_.heard = *what == "tape" ? Heard::Tape : *what == "source" ? Heard::Source : Heard::Nothing;
    }
    for (const auto& [name, flag] :
         {std::pair("dim", &wanted_.dim), std::pair("mono", &wanted_.mono), std::pair("mute", &wanted_.mute)}) {
        if (const json::value* const on = given.if_contains(name)) {
            *flag = on->as_bool();
        }
    }
    const bool changed = wanted_.heard != before.heard || wanted_.dim != before.dim || wanted_.mono != before.mono ||
                         wanted_.mute != before.mute;
    if (!changed) {
        return answer("unchanged");
    }
    set();
    if (parts_.commanded) {
        parts_.commanded("listen", json::serialize(given));
    }
    if (parts_.changed) {
        parts_.changed();
    }
    return answer("accepted");
}

audio::ListenMatch ListenDesk::match() const {
    const Config& config = parts_.config;
    const double asked_ips = parts_.play_speed_ips ? parts_.play_speed_ips() : 0.0;
    const double speed_ips = asked_ips > 0.0 ? asked_ips : config.tape.speed_ips;
    // calibrated at the configuration's speed only
    const bool calibrated = config.deck.calibrated_head_delay_ms > 0.0 && speed_ips == config.tape.speed_ips;
    const double head_delay_s = live_ ? live_->head_delay_s
                                : calibrated
                                    ? config.deck.calibrated_head_delay_ms / 1000.0
                                    : config.deck.record_to_reproduce_mm / 1000.0 / metres_per_second(speed_ips);
    const double chart_db =
        config.audio.levels.capture_dbfs_at_operating_level - config.audio.levels.play_dbfs_at_operating_level;
    audio::ListenMatch match{head_delay_s + config.audio.round_trip_s(), {chart_db, chart_db}};
    for (std::size_t channel = 0; live_ && channel < 2; ++channel) {
        match.level_difference_db[channel] += live_->re_operating_db[channel];
    }
    return match;
}

void ListenDesk::set() {
    wanted_.match = match();
    path_->set(wanted_);
}

void ListenDesk::tick() {
    if (!path_) {
        return;
    }
    if (!parts_.runner.running()) {
        live_.reset();
    }
    path_->clocks(parts_.engine.played_timestamp(), parts_.engine.return_timestamp());
    set();
}

void ListenDesk::job_event(const transport::JobEvent& event) {
    if (event.kind != "proven") {
        return;
    }
    if (const auto delay_ms = number_of(event, "delay_ms")) {
        Live live{*delay_ms / 1000.0, live_ ? live_->re_operating_db : std::array<double, 2>{}};
        live.re_operating_db[0] = number_of(event, "level_difference_left_db").value_or(live.re_operating_db[0]);
        live.re_operating_db[1] = number_of(event, "level_difference_right_db").value_or(live.re_operating_db[1]);
        live_ = live;
    }
}

json::object ListenDesk::state() const {
    const audio::ListenMatch now = match();
    json::value monitor(nullptr);
    if (monitor_ != nullptr) {
        monitor = {{"channels", json::value_from(parts_.config.listening.monitor_channels)},
                   {"underrun_frames", monitor_->underruns()}};
    }
    json::object listeners;
    std::uint64_t cut_off = 0;
    for (std::size_t which = 0; which < streams_.size(); ++which) {
        if (streams_[which]) {
            listeners[kStreams[which]] = streams_[which]->listeners();
            cut_off += streams_[which]->cut_off();
        }
    }
    json::value browser(nullptr);
    if (parts_.config.listening.browser) {
        browser = {{"listeners", listeners},
                   {"most", parts_.config.listening.browser_listeners},
                   {"cut_off", cut_off},
                   {"sample_rate_hz", audio::flac_stream_rate_hz(parts_.played.sample_rate_hz)}};
    }
    return {{"what", word(wanted_.heard)},
            {"dim", wanted_.dim},
            {"mono", wanted_.mono},
            {"mute", wanted_.mute},
            {"match",
             {{"delay_ms", rounded(1000.0 * now.delay_s)},
              {"level_difference_db",
               json::array{rounded(now.level_difference_db[0]), rounded(now.level_difference_db[1])}},
              {"basis", live_ ? "comparison" : "configuration"}}},
            {"monitor", monitor},
            {"browser", browser}};
}

web_ui::AudioOpening ListenDesk::open(const std::string& what, std::function<void()> wake) {
    if (!streams_[0]) {
        return {404, "browsers get no sound here; set listening.browser = true and start the daemon again", nullptr};
    }
    for (std::size_t which = 0; which < streams_.size(); ++which) {
        if (what == kStreams[which]) {
            auto flac = streams_[which]->open(std::move(wake));
            return flac ? web_ui::AudioOpening{200, "", std::make_shared<Listener>(std::move(flac))}
                        : web_ui::AudioOpening{
                              503, "as many listen already as may (listening.browser_listeners); close one", nullptr};
        }
    }
    return {400, "what: expected tape, source or ab", nullptr};
}

} // namespace overbias::controller
