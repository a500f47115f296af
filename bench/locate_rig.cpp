// SPDX-License-Identifier: Apache-2.0
#include "bench/locate_rig.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace overbias::bench {

namespace {

using deck_sim::DeckLogic;

constexpr DeckDuration kStep = std::chrono::milliseconds(1);
constexpr double kStill_m_s = 1e-3;
constexpr double kCueLimit_m_s = 1.2; // faster than this the tape must be off the heads

deck_sim::Settings settings_of(const LocateProfile& profile, std::uint64_t seed, double start_m) {
    deck_sim::Settings settings = profile.deck;
    settings.start_place_m = profile.zero_place_m + start_m;
    settings.seed = seed;
    return settings;
}

} // namespace

/// The contacts and tallies of the deck's remote socket, with a note of how many contacts are closed.
class WatchedLines final : public transport::Lines {
  public:
    WatchedLines(deck_sim::Mechanics& mechanics, std::function<void()> advance,
                 std::function<void(const std::string&)> complain)
        : mechanics_(mechanics), advance_(std::move(advance)), complain_(std::move(complain)),
          seen_(mechanics.tallies()) {}
    [[nodiscard]] Result<transport::LineId> find_output(std::string_view name) override {
        return find(kContactNames, name, 0);
    }
    [[nodiscard]] Result<transport::LineId> find_input(std::string_view name) override {
        return find(deck_sim::kTallyNames, name, kFirstInput);
    }
    void set(transport::LineId output, bool active) override {
        advance_();
        const auto contact = static_cast<deck_sim::Contact>(output.value);
        closed_ += active ? 1 : -1;
        if (closed_ > 1 || (active && contact == deck_sim::Contact::Record)) {
            complain_(closed_ > 1 ? "two contacts were closed at once" : "the record contact was closed");
        }
        mechanics_.contact(contact, active);
    }
    [[nodiscard]] bool get(transport::LineId input) const override {
        advance_();
        return mechanics_.tallies()[static_cast<std::size_t>(input.value - kFirstInput)];
    }
    void on_edge(std::function<void(const transport::LineEdge&)> listener) override { listener_ = std::move(listener); }
    void deliver(DeckTime now) {
        const auto lamps = mechanics_.tallies();
        for (std::size_t lamp = 0; lamp < lamps.size(); ++lamp) {
            if (lamps[lamp] != std::exchange(seen_[lamp], lamps[lamp]) && listener_) {
                listener_({transport::LineId{kFirstInput + static_cast<int>(lamp)}, lamps[lamp], now});
            }
        }
    }

  private:
    static constexpr int kFirstInput = 100; // an input's id is never an output's
    static constexpr std::array<std::string_view, 5> kContactNames{"stop", "play", "record", "fast_forward", "rewind"};
    template <std::size_t N>
    static Result<transport::LineId> find(const std::array<std::string_view, N>& names, std::string_view name,
                                          int first) {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            return Error{"there is no line " + std::string(name)};
        }
        return transport::LineId{first + static_cast<int>(found - names.begin())};
    }
    deck_sim::Mechanics& mechanics_;
    std::function<void()> advance_;
    std::function<void(const std::string&)> complain_;
    std::function<void(const transport::LineEdge&)> listener_;
    std::array<bool, deck_sim::kTallies> seen_;
    int closed_ = 0;
};

/// Edges of the tape roller.
class RollerTach final : public transport::Tach {
  public:
    RollerTach(const deck_sim::Mechanics& mechanics, std::function<void()> advance)
        : mechanics_(mechanics), advance_(std::move(advance)) {}
    [[nodiscard]] transport::TachReading read() override {
        advance_();
        transport::TachReading reading;
        reading.edges = mechanics_.roller().edges();
        reading.last_edge = DeckTime(deck_seconds(mechanics_.roller().last_edge_s().value_or(0.0)));
        return reading;
    }

  private:
    const deck_sim::Mechanics& mechanics_;
    std::function<void()> advance_;
};

/// A deck reached as over a serial link that takes no time: keys, tallies, roller, and its reel servo.
class ServoDeck final : public transport::Deck {
  public:
    /// `steps_per_metre`: of the deck's own counter, which is read once a video frame; 0: the roller's edges are
    /// counted.
    ServoDeck(deck_sim::Mechanics& mechanics, transport::Tach& tach, Timeline& timeline, std::function<void()> advance,
              double steps_per_metre, double edges_per_metre)
        : mechanics_(mechanics), tach_(tach), timeline_(timeline), advance_(std::move(advance)),
          steps_per_edge_(steps_per_metre / edges_per_metre) {
        capabilities_.kind = "servo";
        capabilities_.tallies = capabilities_.tach = capabilities_.shuttle = true;
        capabilities_.made_safe_by = "its STOP command";
        capabilities_.slowest_shuttle_m_s = 0.05;
        capabilities_.fastest_shuttle_m_s = 8.0;
        if (steps_per_metre > 0.0) {
            capabilities_.counter_edges_per_metre = steps_per_metre;
        }
    }
    [[nodiscard]] const transport::DeckCapabilities& capabilities() const noexcept override { return capabilities_; }
    Result<void> press(transport::Key key) override {
        using deck_sim::Contact;
        advance_();
        switch (key) {
        case transport::Key::FastForward:
            mechanics_.touch(Contact::FastForward);
            break;
        case transport::Key::Rewind:
            mechanics_.touch(Contact::Rewind);
            break;
        case transport::Key::Play:
            mechanics_.touch(Contact::Play);
            break;
        default:
            mechanics_.touch(Contact::Stop);
            break;
        }
        return {};
    }
    Result<void> shuttle(double speed_m_s) override {
        advance_();
        mechanics_.logic().shuttle(speed_m_s);
        return {};
    }
    [[nodiscard]] transport::Tallies tallies() const override {
        advance_();
        const auto& lamps = mechanics_.tallies();
        return {.stop = lamps[0],
                .play = lamps[1],
                .record = lamps[2],
                .fast_forward = lamps[3],
                .rewind = lamps[4],
                .tape_out = lamps[5],
                .still = steps_per_edge_ > 0.0 ? std::optional(mechanics_.drive().still()) : std::nullopt};
    }
    [[nodiscard]] transport::TachReading tach() override {
        if (!capabilities_.counter_edges_per_metre) {
            return tach_.read();
        }
        constexpr DeckDuration kFrame = std::chrono::microseconds(33'367);
        if (timeline_.now() >= next_poll_) {
            next_poll_ = timeline_.now() + kFrame;
            const auto steps =
                static_cast<std::int64_t>(std::floor(static_cast<double>(tach_.read().edges) * steps_per_edge_));
            if (steps != polled_.edges) {
                polled_.edges = steps;
                polled_.last_edge = timeline_.now();
            }
        }
        return polled_;
    }
    void on_change(std::function<void()> /*listener*/) override {} // every tick looks at the tallies
    void make_safe() noexcept override { mechanics_.touch(deck_sim::Contact::Stop); }

  private:
    deck_sim::Mechanics& mechanics_;
    transport::Tach& tach_;
    Timeline& timeline_;
    std::function<void()> advance_;
    double steps_per_edge_;
    DeckTime next_poll_{};
    transport::TachReading polled_;
    transport::DeckCapabilities capabilities_;
};

const std::vector<LocateProfile>& locate_profiles() {
    static const std::vector<LocateProfile> profiles = [] {
        LocateProfile keys{.name = "keys", .deck = {}};
        LocateProfile shuttle{.name = "shuttle", .deck = {}, .shuttles = true};
        LocateProfile small{.name = "small-reels", .deck = {}};
        small.deck.tape_length_m = 366.0;
        small.deck.tape_thickness_m = 48e-6;
        small.deck.hub_radius_m = 0.0286;
        small.deck.play_speed_ips = 7.5;
        small.deck.wind_speed_m_s = 4.0;
        small.deck.roller_edges_per_metre = 250.0;
        small.deck.roller_slip = -0.0008;
        small.deck.senses_motion = true;
        LocateProfile serial{.name = "serial", .deck = {}, .shuttles = true, .counter_steps_per_metre = 25.0 / 0.381};
        return std::vector{keys, shuttle, small, serial};
    }();
    return profiles;
}

LocateRig::LocateRig(const LocateProfile& profile, std::uint64_t seed, double start_m)
    : profile_(profile), mechanics_(settings_of(profile, seed, start_m), {}),
      lines_(std::make_unique<WatchedLines>(
          mechanics_, [this] { advance(); }, [this](const std::string& what) { complain(what); })),
      tach_(std::make_unique<RollerTach>(mechanics_, [this] { advance(); })), clock_(timeline_, kStep, [this] {
          advance();
          lines_->deliver(timeline_.now());
      }) {
    transport::ParallelRemoteConfig remote;
    remote.senses_motion_itself = profile.deck.senses_motion;
    if (profile.shuttles) {
        deck_ = std::make_unique<ServoDeck>(
            mechanics_, *tach_, timeline_, [this] { advance(); }, profile.counter_steps_per_metre,
            profile.deck.roller_edges_per_metre);
    } else {
        deck_ = std::make_unique<transport::ParallelRemote>(timeline_, *lines_, tach_.get(), remote);
    }
    transport::TransportConfig config;
    config.play_speed_ips = profile.deck.play_speed_ips;
    config.edges_per_metre = profile.deck.roller_edges_per_metre; // not asked for where the deck counts itself
    config.tape_length_m = profile.length_m();
    transport_ = std::make_unique<transport::Transport>(timeline_, *deck_, adjust_, config);
    transport_->on_fault([this](const std::string& message) { complain("fault: " + message); });
    timeline_.run_for(deck_seconds(1.5));
    if (const transport::CommandResult set = transport_->preset_counter(start_m); set.denied()) {
        complain(set.reason);
    }
}

LocateRig::~LocateRig() = default;

void LocateRig::complain(const std::string& what) {
    if (wrong_.empty()) {
        wrong_ = what + " (at " + std::to_string(seconds(timeline_.now())) + " s)";
    }
}

void LocateRig::advance() {
    while (reached_ + kStep <= timeline_.now()) {
        const DeckTime end = reached_ + kStep;
        watch(mechanics_.step(seconds(reached_), seconds(end)));
        reached_ = end;
    }
}

void LocateRig::watch(const deck_sim::MotionStep& step) {
    const deck_sim::TapeDrive& drive = mechanics_.drive();
    const double before_m_s = std::abs(step.v0_m_s);
    if (!drive.taut()) {
        complain(drive.broken() ? "the tape broke" : "the tape left its reel");
    }
    if (step.recording) {
        complain("the deck recorded");
    }
    if (step.contact && std::abs(step.v1_m_s) > kCueLimit_m_s) {
        complain("the tape lay on the heads in wind");
    }
    if (step.x0_m != step.x1_m) {
        moved_at_s_ = step.t1_s;
    }
    using Mode = DeckLogic::Mode;
    const Mode mode = mechanics_.logic().mode();
    if (mode != mode_) {
        const bool against = (mode == Mode::FastForwarding && step.v0_m_s < -kStill_m_s) ||
                             (mode == Mode::Rewinding && step.v0_m_s > kStill_m_s);
        if (against) {
            complain("the wind was reversed in motion");
        }
        if (mode == Mode::Playing && before_m_s > kStill_m_s) {
            complain("play was engaged in motion");
        }
        mode_ = mode;
    }
}

Locate LocateRig::go(double to_m) {
    wrong_.clear();
    const transport::MachineState& before = transport_->state();
    Locate out{.from_m = before.position_m, .to_m = to_m, .from_place_m = mechanics_.drive().place_m()};
    const DeckTime from = timeline_.now();
    if (const transport::CommandResult told = transport_->locate(to_m); told.denied()) {
        out.wrong = told.reason;
        return out;
    }
    constexpr double kLongest_s = 600.0;
    timeline_.run_until([this] { return transport_->state().current != transport::Motion::Locating; },
                        from + deck_seconds(kLongest_s));
    if (transport_->state().current != transport::Motion::Stopped) {
        complain("it did not end Stopped");
    }
    out.took_s = seconds(timeline_.now() - from);
    out.error_m = transport_->state().position_m - to_m;
    if (!mechanics_.drive().still()) {
        complain("the tape still moved when the machine said Stopped");
    }
    out.rest_s = moved_at_s_ - seconds(from);
    out.true_error_m = mechanics_.drive().place_m() - (profile_.zero_place_m + to_m);
    out.wrong = wrong_;
    return out;
}

void locate_at_random(const LocateProfile& profile, std::uint64_t seed, int count, int session,
                      const std::function<void(const Locate&)>& done) {
    constexpr double kShortest_m = 0.381;
    std::mt19937_64 random(seed);
    const auto uniform = [&random](double low, double high) {
        return low + (high - low) * static_cast<double>(random() >> 11U) * 0x1p-53;
    };
    const double length_m = profile.length_m();
    const auto another_deck = [&] {
        const double start_m = uniform(0.0, length_m);
        return std::make_unique<LocateRig>(profile, random(), start_m);
    };
    std::unique_ptr<LocateRig> rig;
    for (int n = 0; n < count; ++n) {
        if (n % session == 0) {
            rig = another_deck();
        }
        const double distance_m = std::exp(uniform(std::log(kShortest_m), std::log(length_m)));
        double here_m = rig->position_m();
        const auto fits = [&](double way_m) { return here_m + way_m >= 0.0 && here_m + way_m <= length_m; };
        double way_m = uniform(0.0, 1.0) < 0.5 ? -distance_m : distance_m;
        if (!fits(way_m) && !fits(-way_m)) {
            const double from_m = uniform(0.0, length_m - distance_m);
            const Locate first = rig->go(way_m > 0.0 ? from_m : from_m + distance_m);
            if (!first.wrong.empty()) {
                done(first);
                rig = another_deck();
                continue;
            }
            here_m = rig->position_m();
        }
        way_m = fits(way_m) ? way_m : -way_m;
        const Locate one = rig->go(std::clamp(here_m + way_m, 0.0, length_m));
        done(one);
        if (!one.wrong.empty()) {
            rig = another_deck();
        }
    }
}

} // namespace overbias::bench
