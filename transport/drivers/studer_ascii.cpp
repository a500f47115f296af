// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/studer_ascii.hpp"

#include "transport/drivers/studer_readings.hpp"
#include "transport/drivers/studer_talk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace overbias::transport {

namespace {

constexpr double kSameSpeedIps = 0.01;

std::string number_text(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

StuderTalkConfig talk_config(const StuderAsciiConfig& config) {
    StuderTalkConfig out{.address = config.address,
                         .stop = config.commands.stop,
                         .identify = config.identify,
                         .polls = {},
                         .poll_s = config.poll_s,
                         .answer_s = config.answer_s,
                         .ready_s = config.ready_s,
                         .unanswered_most = config.unanswered_most};
    for (const std::string& query : {config.status.query, config.timer.query}) {
        if (!query.empty()) {
            out.polls.push_back(query);
        }
    }
    return out;
}

} // namespace

class StuderAscii::Impl {
  public:
    Impl(Timeline& timeline, SerialLink& link, Tach* tach, StuderAsciiConfig given, StuderCheck check = {})
        : config(std::move(given)), timeline_(timeline), roller(tach), status(config.status, check),
          timer(config.timer, config.play_speed_ips, check), talk(timeline, link, talk_config(config)) {
        check_settings(check);
        set_capabilities();
        talk.on_link = [this] {
            if (!talk.is_up()) {
                tallies = {};
                timer.break_off();
            }
            tell();
        };
        talk.on_poll = [this](std::size_t index, const Result<std::string>& answer) { polled(index, answer); };
        talk.on_refused = [this](const std::string& command, const std::string& error) { refused(command, error); };
        talk.begin();
    }

    Result<void> send(const char* what, const std::string& text, bool moves) {
        if (text.empty()) {
            return Error{std::string(what) +
                         ": the deck's profile gives no mnemonic for it, and none is built in; fill " +
                         "it in from the deck's manual, or use the deck's own key"};
        }
        if (!refusal.empty()) {
            return Error{std::string(what) + ": " + refusal};
        }
        auto sent = talk.command(text, moves);
        return sent ? sent : Error{std::string(what) + ": " + sent.error().message};
    }
    void stop() {
        refusal_is_over_with_stop = true;
        talk.stop();
        stop_told();
    }

    StuderAsciiConfig config;

  private:
    Timeline& timeline_;

  public:
    Tach* roller;
    DeckCapabilities capabilities;
    StuderStatusReader status;
    StuderTimerCounter timer;
    Tallies tallies;
    std::string refusal; ///< what the deck would not have, until STP has been read
    bool refusal_is_over_with_stop = false;
    std::function<void()> listener;
    StuderTalk talk;

    void tell() {
        if (listener) {
            listener();
        }
    }

  private:
    void check_settings(StuderCheck& check);
    void set_capabilities();

    /// STP was read: what was refused before is history.
    void stop_told() {
        if (refusal_is_over_with_stop && !talk.stop_under_way() && talk.is_up()) {
            refusal_is_over_with_stop = false;
            if (!std::exchange(refusal, {}).empty()) {
                tell();
            }
        }
    }

    void polled(std::size_t index, const Result<std::string>& answer) {
        stop_told();
        const bool is_status = index == 0 && !config.status.query.empty();
        if (!is_status && config.timer.query.empty()) {
            return; // who is there
        }
        const std::string& query = is_status ? config.status.query : config.timer.query;
        std::string problem;
        if (!answer) {
            problem = "the deck answers \"" + query + "\" with \"" + answer.error().message + "\"";
        }
        bool changed = false;
        if (is_status) {
            const auto read = answer ? status.read(answer.value()) : std::nullopt;
            changed = read.value_or(Tallies{}) != tallies;
            tallies = read.value_or(Tallies{});
            if (answer && !read) {
                problem = "no rule of the profile fits the status \"" + answer.value() + "\"";
            }
        } else if (answer && !timer.take(answer.value(), timeline_.now())) {
            problem = "the timer's answer \"" + answer.value() + "\" does not look like the profile's \"" +
                      config.timer.answer + "\"";
        }
        std::string& noted = is_status ? status_problem : timer_problem;
        changed = changed || noted != problem;
        noted = problem;
        if (changed) {
            tell();
        }
    }

    void refused(const std::string& command, const std::string& error) {
        refusal = "the deck answered \"" + command + "\" with \"" + error +
                  "\": what it does now is not known. Stop it; then check this mnemonic in the deck's profile";
        refusal_is_over_with_stop = talk.stop_under_way();
        tell();
    }

  public:
    std::string status_problem, timer_problem;
};

void StuderAscii::Impl::check_settings(StuderCheck& check) {
    const StuderCommands& commands = config.commands;
    const std::array<std::pair<const char*, const std::string*>, 12> all{
        {{"play", &commands.play},
         {"stop", &commands.stop},
         {"fast_forward", &commands.fast_forward},
         {"rewind", &commands.rewind},
         {"record", &commands.record},
         {"record_exit", &commands.record_exit},
         {"edit_on", &commands.edit_on},
         {"edit_off", &commands.edit_off},
         {"library_wind_forward", &commands.library_wind_forward},
         {"library_wind_reverse", &commands.library_wind_reverse},
         {"lifter_defeat_on", &commands.lifter_defeat_on},
         {"lifter_defeat_off", &commands.lifter_defeat_off}}};
    for (const auto& [key, text] : all) {
        check.command(key, *text);
    }
    check.that(!commands.play.empty() && !commands.stop.empty(), "play and stop need a mnemonic");
    check.that(commands.library_wind_forward.empty() == commands.library_wind_reverse.empty(),
               "library_wind: give both directions or none");
    check.that(commands.lifter_defeat_on.empty() == commands.lifter_defeat_off.empty(),
               "lifter_defeat: give on and off, or none");
    check.query("identify", config.identify);
    if (!config.status.query.empty()) {
        check.query("status query", config.status.query);
    }
    for (const StuderSpeed& speed : config.speeds) {
        check.that(speed.speed_ips > 0.0 && !speed.command.empty(),
                   "speeds: each needs a speed above 0 and its command");
        check.command("speeds", speed.command);
    }
    check.that(config.address >= 0 && config.address <= 99,
               "address: expected 1 to 99, or 0 for none, got " + std::to_string(config.address));
    check.that(config.play_speed_ips > 0.0, "play_speed_ips must be above 0");
    check.that(config.poll_s > 0.0 && config.answer_s > 0.0, "poll_s and answer_s must be above 0");
    check.that(config.unanswered_most > 0, "unanswered_most must be at least 1");
    check.finish();
}

void StuderAscii::Impl::set_capabilities() {
    capabilities.kind = "studer-ascii";
    capabilities.tallies = !config.status.query.empty();
    capabilities.tach = roller != nullptr || !config.timer.query.empty();
    if (roller == nullptr && !config.timer.query.empty()) {
        capabilities.counter_edges_per_metre = StuderTimerCounter::kEdgesPerMetre;
    }
    capabilities.senses_motion_itself = config.senses_motion_itself;
    capabilities.made_safe_by = config.commands.stop + " over the serial line, again and again until the deck answers";
    capabilities.link = true;
    capabilities.library_wind = !config.commands.library_wind_forward.empty();
    capabilities.edit = !config.commands.edit_on.empty();
    capabilities.lifter_defeat = !config.commands.lifter_defeat_on.empty();
    for (const StuderSpeed& speed : config.speeds) {
        capabilities.speeds_ips.push_back(speed.speed_ips);
    }
}

StuderAscii::StuderAscii(Timeline& timeline, SerialLink& link, Tach* tach, const StuderAsciiConfig& config)
    : impl_(std::make_unique<Impl>(timeline, link, tach, config)) {
}

StuderAscii::~StuderAscii() = default;

const DeckCapabilities& StuderAscii::capabilities() const noexcept {
    return impl_->capabilities;
}

Result<void> StuderAscii::press(Key key) {
    const StuderCommands& commands = impl_->config.commands;
    switch (key) {
    case Key::Stop:
        impl_->stop();
        return {};
    case Key::Play:
        return impl_->send("play", commands.play, true);
    case Key::Record:
        return impl_->send("record", commands.record, true);
    case Key::RecordExit:
        if (commands.record_exit.empty()) { // left in record it would go on erasing
            impl_->stop();
            return Error{"record exit: the deck's profile gives no mnemonic for it (studer.commands.record_exit), so " +
                         commands.stop +
                         " was sent: the deck leaves record and stops. Fill it in from the deck's "
                         "manual, or punch out with the deck's own key"};
        }
        return impl_->send("record exit", commands.record_exit, true);
    case Key::FastForward:
        return impl_->send("fast forward", commands.fast_forward, true);
    case Key::Rewind:
        break;
    }
    return impl_->send("rewind", commands.rewind, true);
}

Tallies StuderAscii::tallies() const {
    return impl_->tallies;
}

TachReading StuderAscii::tach() {
    return impl_->roller != nullptr ? impl_->roller->read() : impl_->timer.reading();
}

void StuderAscii::on_change(std::function<void()> listener) {
    impl_->listener = std::move(listener);
}

void StuderAscii::make_safe() noexcept {
    impl_->stop();
}

DeckTime StuderAscii::busy_until() const noexcept {
    return impl_->talk.busy_until();
}

Result<void> StuderAscii::library_wind(Direction direction) {
    const StuderCommands& commands = impl_->config.commands;
    return impl_->send("library wind",
                       direction == Direction::Forward ? commands.library_wind_forward : commands.library_wind_reverse,
                       true);
}

Result<void> StuderAscii::edit(bool on) {
    const StuderCommands& commands = impl_->config.commands;
    if (!on && commands.edit_off.empty() && !commands.edit_on.empty()) {
        impl_->stop();
        return {};
    }
    return impl_->send("edit mode", on ? commands.edit_on : commands.edit_off, true);
}

Result<void> StuderAscii::defeat_lifters(bool on) {
    const StuderCommands& commands = impl_->config.commands;
    return impl_->send("lifter defeat", on ? commands.lifter_defeat_on : commands.lifter_defeat_off, false);
}

Result<void> StuderAscii::select_speed(double ips) {
    for (const StuderSpeed& speed : impl_->config.speeds) {
        if (std::abs(speed.speed_ips - ips) < kSameSpeedIps) {
            auto sent = impl_->send("speed select", speed.command, false);
            if (sent) {
                impl_->timer.speed(speed.speed_ips);
            }
            return sent;
        }
    }
    std::string known;
    for (const StuderSpeed& speed : impl_->config.speeds) {
        known += (known.empty() ? "" : ", ") + number_text(speed.speed_ips);
    }
    return Error{"speed select: " + number_text(ips) + " ips is not one this deck can be switched to from here (" +
                 (known.empty() ? "its profile has none" : known) + "); switch it by hand"};
}

LinkState StuderAscii::link() const {
    if (!impl_->talk.is_up()) {
        return {false, impl_->talk.problem()};
    }
    return {impl_->refusal.empty(), impl_->refusal};
}

std::string StuderAscii::refusal() const {
    return impl_->refusal;
}

std::vector<std::pair<std::string, std::string>> StuderAscii::details() const {
    std::vector<std::pair<std::string, std::string>> out;
    const auto add = [&out](const char* name, const std::string& text) {
        if (!text.empty()) {
            out.emplace_back(name, text);
        }
    };
    const auto count = [](std::uint64_t lines) { return lines == 0 ? std::string() : std::to_string(lines); };
    add("software date", impl_->talk.identity());
    add("address", impl_->config.address == 0 ? "" : std::to_string(impl_->config.address));
    add("status", impl_->status_problem);
    add("timer", impl_->timer_problem);
    add("damaged lines", count(impl_->talk.damaged_lines()));
    add("echoed lines", count(impl_->talk.echoed_lines()));
    add("unasked lines", count(impl_->talk.unasked_lines()));
    return out;
}

const std::string& StuderAscii::software_date() const noexcept {
    return impl_->talk.identity();
}

void StuderAscii::set_trace(SerialTrace trace) {
    impl_->talk.trace = std::move(trace);
}

StuderAscii::AskId StuderAscii::ask(std::string text, std::function<void(Result<std::string>)> done) {
    return impl_->talk.ask(std::move(text), std::move(done));
}

void StuderAscii::forget(AskId ask) noexcept {
    impl_->talk.forget(ask);
}

} // namespace overbias::transport
