// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/arm_hold_keeper.hpp"

#include "base/journal.hpp"
#include "controller/report_file.hpp"

#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace overbias::controller {

namespace {

namespace fs = std::filesystem;

constexpr const char* kFree = "free";
constexpr const char* kUnreadable =
    "a calibration tape may be on the deck: what was kept of it can't be read; take it off, then say so "
    "('overbias tape-changed', or TAPE CHANGED on the panel)";

std::string left_behind(const fs::path& file) {
    std::error_code error;
    if (!fs::exists(file, error) && !error) {
        return {};
    }
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    std::string words = text.str();
    while (!words.empty() && (words.back() == '\n' || words.back() == '\r')) {
        words.pop_back();
    }
    if (in.fail() || words.empty()) {
        journal(JournalLevel::Warning, "overbiasd", file.string() + ": " + kUnreadable);
        return kUnreadable;
    }
    return words == kFree ? std::string() : words;
}

} // namespace

ArmHoldKeeper::ArmHoldKeeper(fs::path state_dir, Timeline& timeline, transport::Transport& transport, Worker& worker)
    : file_(std::move(state_dir) / "arm_hold"), timeline_(timeline), transport_(transport), worker_(worker),
      left_(left_behind(file_)), kept_(left_) {
    tick();
}

void ArmHoldKeeper::tick() {
    if (!left_.empty() && !transport_.hold_arm(left_).denied()) { // the deck may still record: it is stopped first
        left_.clear();
    }
}

void ArmHoldKeeper::look(const transport::MachineState& state) {
    if (!left_.empty() || (expected_ && state.arm_held.empty())) {
        return;
    }
    if (state.arm_held != kept_) {
        keep(state.arm_held, {});
    }
}

void ArmHoldKeeper::may_come(const std::string& why, std::function<void(Result<void>)> kept) {
    expected_ = true;
    keep(why, std::move(kept));
}

void ArmHoldKeeper::settle() {
    expected_ = false;
    look(transport_.state());
}

void ArmHoldKeeper::release(std::function<void(Result<bool>)> done) {
    const bool held = !words().empty();
    left_.clear();
    // while a procedure runs that may ask for such a tape again, the file stays
    const bool stays = expected_;
    (void)transport_.release_arm_hold();
    if (stays) {
        return done(held);
    }
    keep({}, [held, done = std::move(done)](Result<void> written) {
        done(written ? Result<bool>(held) : Result<bool>(written.error()));
    });
}

std::string ArmHoldKeeper::words() const {
    return left_.empty() ? transport_.state().arm_held : left_;
}

void ArmHoldKeeper::keep(std::string words, std::function<void(Result<void>)> kept) {
    kept_ = words;
    worker_.post([file = file_, words = std::move(words), kept = std::move(kept), timeline = &timeline_,
                  alive = std::weak_ptr<bool>(alive_)] {
        const Result<void> written = write_file_atomically(file, (words.empty() ? std::string(kFree) : words) + "\n");
        if (!written) {
            journal(JournalLevel::Error, "overbiasd",
                    "what holds record from being armed is not kept over a restart: " + written.error().message);
        }
        if (kept) {
            timeline->post([kept, written, alive] {
                if (!alive.expired()) {
                    kept(written);
                }
            });
        }
    });
}

} // namespace overbias::controller
