// SPDX-License-Identifier: Apache-2.0
// Which commands may come without the time at which the key was pressed: those that only look, and those that only make
// the deck safer.
#include "web-ui/server/command_gate.hpp"
#include "web-ui/server/web_server.hpp"

#include <gtest/gtest.h>
#include <string>

namespace overbias::web_ui {
namespace {

bool goes_without_time(const std::string& method) {
    const GateVerdict verdict =
        judge(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"("})", 5000, true, WebConfig{});
    return verdict.kind == GateVerdict::Kind::Command;
}

TEST(CommandAge, WhatOnlyLooksAtAnAlignmentNeedsNone) {
    for (const char* method : {"align_procedures", "alignment", "alignments", "alignment_record", "bias"}) {
        EXPECT_TRUE(goes_without_time(method)) << method;
    }
}

TEST(CommandAge, WhatMovesTheDeckOrFreesRecordDoes) {
    for (const char* method : {"align", "align_say", "tape_changed", "bias_set_up", "record", "simulated_tape"}) {
        EXPECT_FALSE(goes_without_time(method)) << method;
    }
}

} // namespace
} // namespace overbias::web_ui
