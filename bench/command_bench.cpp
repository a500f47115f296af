// SPDX-License-Identifier: Apache-2.0
// command_bench [COUNT]: from the bytes of a "play" request on a socket to the line's edge.
//
// ours:  median microseconds from the client's write() to the return of the ioctl that closes the play contact, through
//        the panel's door as the daemon has it: web server (session, age and rate checks), JSON-RPC, the hop to the
//        timeline's thread, command registry, machine with its interlocks, parallel-remote driver, line.
// other: the same for the bare program (command_bare.hpp): Beast, Boost.JSON, an eventfd, the same ioctl.
// Both serve the same bytes on the same kind of socket to the same client in the same process; COUNT (300) of each, in
// turn. Between two of ours the deck is stopped and the machine waits until the tape is still, as it must. The ioctl is
// FIONREAD on a pipe: it costs as little as an ioctl can, so nothing hides behind it.
// Ends with 1 when the ratio is above its limit of 1.3.
#include "base/async/steady_timeline.hpp"
#include "bench/bench_edge.hpp"
#include "bench/bench_numbers.hpp"
#include "bench/command_bare.hpp"
#include "bench/web_client.hpp"
#include "controller/machine_commands.hpp"
#include "controller/panel_door.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/transport.hpp"

#include <atomic>
#include <boost/json.hpp>
#include <cstdlib>
#include <thread>

namespace overbias::bench {
namespace {

constexpr double kLimit = 1.3;

/// The deck's socket: contacts that cost an ioctl, lamps that follow them at once.
class IoctlLines final : public transport::Lines {
  public:
    IoctlLines(Timeline& timeline, Edge& edge) : timeline_(timeline), edge_(edge) {}
    [[nodiscard]] Result<transport::LineId> find_output(std::string_view name) override { return find(name); }
    [[nodiscard]] Result<transport::LineId> find_input(std::string_view name) override { return find(name); }
    void set(transport::LineId output, bool active) override {
        if (output == kPlay && active) {
            edge_.happen();
        } else {
            edge_.set_line();
        }
        if (active && (output == kPlay || output == kStop)) {
            timeline_.post([this, play = output == kPlay] { light(play); });
        }
    }
    [[nodiscard]] bool get(transport::LineId input) const override {
        return input == (playing_ ? kPlayLamp : kStopLamp);
    }
    void on_edge(std::function<void(const transport::LineEdge&)> listener) override { listener_ = std::move(listener); }

  private:
    static constexpr transport::LineId kStop{0}, kPlay{1}, kOther{2}, kStopLamp{3}, kPlayLamp{4}, kOtherLamp{5};
    static transport::LineId find(std::string_view name) {
        return name == "stop"          ? kStop
               : name == "play"        ? kPlay
               : name == "tally_stop"  ? kStopLamp
               : name == "tally_play"  ? kPlayLamp
               : name.starts_with('t') ? kOtherLamp
                                       : kOther;
    }
    void light(bool play) {
        playing_ = play;
        if (listener_) {
            listener_({kPlayLamp, play, timeline_.now()});
            listener_({kStopLamp, !play, timeline_.now()});
        }
    }
    Timeline& timeline_;
    Edge& edge_;
    std::function<void(const transport::LineEdge&)> listener_;
    bool playing_ = false;
};

/// The daemon between its panel's door and the deck's lines.
class OurPath {
  public:
    explicit OurPath(Edge& edge) : lines_(timeline_, edge) {
        controller::add_machine_commands(registry_, {.transport = transport_, .runner = runner_});
        transport_.on_transition([this](const transport::MachineState& state) {
            stopped_.store(state.current == transport::Motion::Stopped);
        });
        web_ui::WebConfig web;
        web.port = 0;
        door_ = std::make_unique<controller::PanelDoor>(web, hooks());
        thread_ = std::thread([this] { timeline_.run(); });
    }
    ~OurPath() {
        door_.reset();
        timeline_.stop();
        thread_.join();
    }
    OurPath(const OurPath&) = delete;
    OurPath& operator=(const OurPath&) = delete;

    [[nodiscard]] std::uint16_t port() const { return door_->port(); }
    [[nodiscard]] std::string token() {
        const std::string address = door_->pairing_address();
        return address.substr(address.find("#token=") + 7);
    }
    void stop_and_wait() {
        timeline_.post([this] { transport_.stop(); });
        wait_until_stopped();
    }
    void wait_until_stopped() {
        const auto deadline = Clock::now() + std::chrono::seconds(10);
        stopped_.store(false);
        while (!stopped_.load()) {
            timeline_.post([this] {
                stopped_.store(transport_.state().current == transport::Motion::Stopped && lines_stopped());
            });
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            if (Clock::now() > deadline) {
                throw std::runtime_error("the machine did not come to rest within 10 s");
            }
        }
    }

  private:
    [[nodiscard]] bool lines_stopped() { return timeline_.now() >= deck_.busy_until(); }
    controller::PanelDoor::Hooks hooks() {
        return {.serve =
                    [this](controller::RpcRequest request, controller::Caller caller, controller::Answer answer) {
                        timeline_.post([this, request = std::move(request), caller = std::move(caller),
                                        answer = std::move(answer)] {
                            registry_.call(request.method, request.parameters, caller, answer);
                        });
                    },
                .stop =
                    [this](std::function<void()> done) {
                        timeline_.post([this, done = std::move(done)] {
                            transport_.stop();
                            done();
                        });
                    },
                .health_json = {},
                .metrics_text = {}};
    }
    static transport::ParallelRemoteConfig remote() {
        transport::ParallelRemoteConfig config;
        config.senses_motion_itself = true;
        config.play.pulse_s = config.stop.pulse_s = 0.05;
        return config;
    }
    static transport::TransportConfig machine() {
        transport::TransportConfig config;
        config.settle_after_still_s = 0.05; // the tape of this deck is still at once
        return config;
    }

    SteadyTimeline timeline_;
    IoctlLines lines_;
    transport::ParallelRemote deck_{timeline_, lines_, nullptr, remote()};
    transport::ManualAdjust adjust_;
    transport::Transport transport_{timeline_, deck_, adjust_, machine()};
    controller::JobRunner runner_{
        timeline_, {.make_safe = [this] { transport_.stop(); }, .where = {}, .event = {}, .keep = {}, .ended = {}}};
    controller::CommandRegistry registry_;
    std::atomic<bool> stopped_{false};
    std::unique_ptr<controller::PanelDoor> door_;
    std::thread thread_;
};

std::string play_request(int id) {
    const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"play","at":)" + std::to_string(now_ms) +
           "}";
}

double measure(WebClient& client, Edge& edge, int id) {
    client.drain();
    const std::string frame = WebClient::text_frame(play_request(id));
    const Clock::time_point sent = Clock::now();
    client.write(frame);
    return std::chrono::duration<double, std::micro>(edge.wait() - sent).count();
}

int run(int count) {
    Edge our_edge, bare_edge;
    OurPath ours(our_edge);
    BareProgram bare([&bare_edge] { bare_edge.happen(); });
    WebClient to_ours(ours.port()), to_bare(bare.port());
    to_ours.pair(ours.token());
    to_ours.upgrade();
    to_bare.upgrade();
    std::vector<double> our_us, bare_us;
    constexpr int kWarmUp = 10;
    for (int id = 0; id < count + kWarmUp; ++id) {
        ours.stop_and_wait();
        double ours_took = 0.0, bare_took = 0.0;
        for (const bool ours_now : {id % 2 == 0, id % 2 != 0}) {
            (ours_now ? ours_took : bare_took) =
                ours_now ? measure(to_ours, our_edge, id) : measure(to_bare, bare_edge, id);
        }
        if (id >= kWarmUp) {
            our_us.push_back(ours_took);
            bare_us.push_back(bare_took);
        }
    }
    return print_comparison("command/edge-vs-bare", our_us, bare_us) <= kLimit ? 0 : 1;
}

} // namespace
} // namespace overbias::bench

int main(int argc, char** argv) {
    try {
        return overbias::bench::run(argc > 1 ? std::atoi(argv[1]) : 300);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "command_bench: %s\n", failure.what());
        return 2;
    }
}
