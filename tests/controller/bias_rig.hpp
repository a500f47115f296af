// SPDX-License-Identifier: Apache-2.0
// A simulated deck on simulated deck time whose bias is watched as the daemon watches it.
#pragma once

#include "alignment_rig.hpp"
#include "controller/bias/bias_link.hpp"
#include "controller/config.hpp"
#include "controller/log_keeper.hpp"
#include "controller/notices.hpp"
#include "controller/worker.hpp"
#include "logbook/logbook.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::controller::bias_test {

namespace fs = std::filesystem;
namespace json = boost::json;

/// A folder that goes away with it.
class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "overbias-bias-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        path_ = name;
    }
    ~Folder() {
        std::error_code error;
        fs::remove_all(path_, error);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

inline deck_sim::Settings with_bias(deck_sim::Settings settings = {}) {
    settings.bias_capture = true; // 153.6 kHz is heard at 9.6 kHz, as the profile "simulated-bias" has it
    return settings;
}

class BiasRig {
  public:
    /// A concern as the panel hears it, and when.
    struct Heard {
        json::object concern;
        double at_s = 0.0;
    };

    explicit BiasRig(
        const fs::path& state_dir, const std::vector<std::string>& faults = {},
        const deck_sim::Settings& settings = with_bias(), const std::function<void(Config&)>& change = [](Config&) {},
        const fs::path& iio_root = transport::kIioRoot)
        : config(configuration(state_dir, change)), deck(settings, faults) {
        auto opened = logbook::Logbook::open(state_dir / "logbook.sqlite");
        if (!opened) {
            throw std::runtime_error(opened.error().message);
        }
        logbook = std::move(opened).value();
        keeper = std::make_unique<LogKeeper>(
            *logbook,
            LogSubject{.deck = {.uuid = identity.deck_uuid, .name = "d", .profile = "p", .simulated = true},
                       .head_block = {.uuid = identity.head_block_uuid, .deck_uuid = identity.deck_uuid, .name = {}},
                       .reel = {.uuid = "33333333-3333-4333-8333-333333333333",
                                .label = {},
                                .stock = "s",
                                .batch = {},
                                .length_m = 762.0}},
            [] { return std::optional<std::int64_t>(); });
        notices.add([this](std::string_view topic, std::string_view parameters) {
            if (topic == "concern") {
                heard.push_back(
                    {json::parse(json::string_view(parameters.data(), parameters.size())).as_object(), now_s()});
            }
        });
        // engine and link are turned by the same thread: its taps may still grow
        link = std::make_unique<BiasLink>(BiasLink::Parts{.config = config,
                                                          .identity = identity,
                                                          .timeline = deck.timeline,
                                                          .capture = deck.deck->pcm().capture().format(),
                                                          .engine = *deck.engine,
                                                          .transport = *deck.transport,
                                                          .runner = *deck.runner,
                                                          .keeper = *keeper,
                                                          .worker = *worker,
                                                          .notices = notices,
                                                          .changed = [] {},
                                                          .commanded = [](const std::string&, const std::string&) {},
                                                          .iio_root = iio_root});
        link->add_commands(registry);
        deck.transport->on_transition([this](const transport::MachineState& state) { link->state(state); });
        tick_ = std::make_unique<PeriodicTimer>(deck.timeline, std::chrono::milliseconds(10), [this] { tick(); });
    }
    ~BiasRig() {
        deck.transport->stop();
        tick_.reset();
    }
    BiasRig(const BiasRig&) = delete;
    BiasRig& operator=(const BiasRig&) = delete;

    [[nodiscard]] double now_s() { return seconds(deck.timeline.now()); }
    void run(double duration_s) { deck.timeline.run_for(deck_seconds(duration_s)); }
    void until(double deck_time_s) { run(deck_time_s - now_s()); }
    /// True when it holds within that time.
    bool wait(const std::function<bool()>& done, double limit_s) {
        return deck.timeline.run_until(done, deck.timeline.now() + deck_seconds(limit_s));
    }
    void record() {
        deck.transport->play();
        run(2.0);
        deck.transport->arm();
        deck.transport->record();
        if (!wait([this] { return deck.transport->state().current == transport::Motion::Recording; }, 2.0)) {
            throw std::runtime_error("the deck did not record");
        }
    }
    /// The answer, or {"error"}.
    json::object ask(const char* method, const json::object& parameters = {}) {
        json::object out;
        registry.call(method, parameters, {}, [&](const Reply& reply) {
            out = reply.ok() ? json::parse(reply.result).as_object() : json::object{{"error", reply.message}};
        });
        return out;
    }
    /// Of the answer of `bias`.
    json::object figure(int track, const char* quantity) {
        const json::object answer = ask("bias");
        for (const json::value& each : answer.at("figures").as_array()) {
            if (each.at("track") == track && each.at("quantity") == quantity) {
                return each.as_object();
            }
        }
        throw std::runtime_error("no such figure");
    }
    /// Record, and what the bias is then is set-up.
    void set_up() {
        record();
        run(9.0);
        if (const json::object answer = ask("bias_set_up"); answer.contains("error")) {
            throw std::runtime_error(json::value_to<std::string>(answer.at("error")));
        }
    }
    [[nodiscard]] std::vector<std::string> logged() {
        if (!logbook->flush()) {
            throw std::runtime_error("the logbook does not take its records");
        }
        std::vector<std::string> kinds;
        const auto events = logbook->events(keeper->session(), 0, 1000);
        for (const auto& stored : *events) {
            kinds.push_back(stored.event.kind);
        }
        return kinds;
    }

    Config config;
    Identity identity{.deck_uuid = "11111111-1111-4111-8111-111111111111",
                      .head_block_uuid = "22222222-2222-4222-8222-222222222222"};
    test::AlignmentRig deck;
    std::unique_ptr<logbook::Logbook> logbook;
    std::unique_ptr<LogKeeper> keeper;
    std::unique_ptr<Worker> worker = std::make_unique<Worker>();
    Notices notices;
    CommandRegistry registry;
    std::unique_ptr<BiasLink> link;
    std::vector<Heard> heard;
    bool deaf = false; ///< nobody drains the ring

  private:
    static Config configuration(const fs::path& state_dir, const std::function<void(Config&)>& change) {
        auto config = simulated_config("simulated-bias");
        if (!config) {
            throw std::runtime_error(config.error().message);
        }
        config->daemon.state_dir = state_dir;
        change(*config);
        return *config;
    }
    void tick() {
        for (; events_seen_ < deck.events.size(); ++events_seen_) {
            link->job_event(deck.events[events_seen_]);
        }
        if (!deaf) {
            link->tick();
        }
    }

    std::size_t events_seen_ = 0;
    std::unique_ptr<PeriodicTimer> tick_;
};

} // namespace overbias::controller::bias_test
