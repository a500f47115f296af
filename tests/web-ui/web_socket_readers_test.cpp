// SPDX-License-Identifier: Apache-2.0
// Readers that are slow, deaf or gone must cost neither memory nor anybody else's time.
#include "server_fixture.hpp"

#include <fstream>

namespace overbias::web_ui {
namespace {

class Readers : public ServerTest {
  protected:
    void SetUp() override {
        open();
        pair();
    }
    /// kB of this process that are in memory; 0 under a sanitiser, which keeps freed memory for itself.
    static long resident_kb() {
#ifdef OVERBIAS_SANITIZED
        return 0;
#endif
        std::ifstream status("/proc/self/status");
        std::string word;
        while (status >> word) {
            if (word == "VmRSS:") {
                long kb = 0;
                status >> kb;
                return kb;
            }
        }
        return 0;
    }
    /// Has been through the server's thread, and so has everything told before.
    void round_trip(RawClient& client, int id) {
        client.send(ws_frame(1, request(id, "stop", 0)));
        while (true) {
            const WsMessage got = ws_message(client);
            ASSERT_NE(got.opcode, -1);
            if (got.opcode == 1) {
                const json::object answer = json::parse(got.payload).as_object();
                if (answer.contains("id") && answer.at("id").as_int64() == id) {
                    return;
                }
            }
        }
    }
};

TEST_F(Readers, a_slow_one_misses_old_values_but_no_event) {
    RawClient slow = socket(4096), well = socket();
    const std::string padding(2000, 'x');
    constexpr int kStates = 3000; // 6 MB
    for (int i = 1; i <= kStates; ++i) {
        server_->notify("state", R"({"n":)" + std::to_string(i) + R"(,"x":")" + padding + "\"}");
        if (i % 100 == 0) {
            round_trip(well, i); // so that they do not replace each other on the way to the server's thread
        }
    }
    server_->notify("job_end", "{}");
    int states = 0;
    std::int64_t newest = 0;
    for (json::value got = message(slow); got.is_object() && got.at("method").as_string() == "state";
         got = message(slow)) {
        EXPECT_GT(got.at("params").at("n").as_int64(), newest);
        newest = got.at("params").at("n").as_int64();
        ++states;
    }
    EXPECT_EQ(newest, kStates);
    EXPECT_LT(states, kStates / 10);
}

TEST_F(Readers, meter_frames_do_not_pile_up_for_a_slow_one) {
    RawClient slow = socket(4096), well = socket();
    const long before_kb = resident_kb();
    constexpr int kFrames = 200000; // 10 MB on the wire
    for (int i = 1; i <= kFrames; ++i) {
        server_->publish_meters({});
        if (i % 1000 == 0) {
            round_trip(well, i);
        }
    }
    EXPECT_LT(resident_kb() - before_kb, 4000);
    server_->publish_meters({.capture_time_ns = 0x5A});
    for (RawClient* client : {&well, &slow}) {
        int waited = 0; // in the kernel's buffers, for the slow one
        WsMessage frame = ws_message(*client);
        while (frame.opcode == 2 && frame.payload[8] != 0x5A) {
            ++waited;
            frame = ws_message(*client);
        }
        EXPECT_EQ(frame.opcode, 2) << "the newest arrives";
        EXPECT_LT(waited, kFrames / 20);
    }
}

TEST_F(Readers, one_that_never_reads_again_is_closed_for_good) {
    config_.waiting_messages = 4;
    config_.closing_time = std::chrono::milliseconds(50);
    open();
    pair();
    RawClient deaf = socket(4096), well = socket();
    const auto descriptors = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
    const auto before = descriptors();
    const std::string padding(50000, 'x');
    for (int i = 0; i < 40; ++i) {
        server_->notify("job_end", R"({"x":")" + padding + "\"}");
        EXPECT_EQ(message(well).at("method").as_string(), "job_end");
    }
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (descriptors() >= before && std::chrono::steady_clock::now() < deadline) {
        round_trip(well, 1);
    }
    EXPECT_EQ(descriptors(), before - 1) << "the server has let go of it";
}

TEST_F(Readers, who_lets_answers_pile_up_is_cut_off_and_others_are_served) {
    config_.closing_time = std::chrono::milliseconds(100);
    config_.commands_per_s = 100000;
    open();
    pair();
    RawClient deaf = socket(4096), well = socket();
    const long before_kb = resident_kb();
    for (int i = 0; i < 60; ++i) { // 6 MB of answers
        deaf.send(ws_frame(1, request(i, "large")));
    }
    round_trip(well, 1);
    EXPECT_LT(resident_kb() - before_kb, 3000);
    int got = 0;
    WsMessage last;
    while (true) {
        WsMessage next = ws_message(deaf);
        if (next.opcode == -1) {
            break;
        }
        got += next.opcode == 1 ? 1 : 0;
        last = std::move(next);
    }
    EXPECT_LT(got, 20);
    round_trip(well, 2);
}

TEST_F(Readers, who_reads_after_all_is_told_why_it_was_closed) {
    config_.waiting_messages = 4;
    config_.closing_time = kPatience;
    open();
    pair();
    RawClient deaf = socket(4096), well = socket();
    const std::string padding(50000, 'x');
    for (int i = 0; i < 40; ++i) {
        server_->notify("job_end", R"({"x":")" + padding + "\"}");
        EXPECT_EQ(message(well).at("method").as_string(), "job_end");
    }
    WsMessage last;
    for (WsMessage next = ws_message(deaf); next.opcode != -1; next = ws_message(deaf)) {
        last = std::move(next);
        if (last.opcode == 8) {
            break;
        }
    }
    EXPECT_EQ(last.opcode, 8);
    EXPECT_EQ(last.code(), 1013);
}

TEST_F(Readers, one_that_vanished_without_a_word_costs_nobody_anything) {
    RawClient well = socket();
    for (int i = 0; i < 20; ++i) {
        RawClient gone = socket();
        gone.send(ws_frame(1, request(1, "hold")));
        (void)machine_.wait_held(1);
        server_->notify("state", "{}");
    }
    round_trip(well, 1);
}

} // namespace
} // namespace overbias::web_ui
