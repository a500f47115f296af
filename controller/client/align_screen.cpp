// SPDX-License-Identifier: Apache-2.0
#include "controller/client/align_screen.hpp"

#include "controller/client/align_texts.hpp"
#include "controller/client/words.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr std::size_t kBar = 20;
constexpr const char* kTop = "\x1b#3";
constexpr const char* kBottom = "\x1b#4";
constexpr const char* kSingle = "\x1b#5";

std::size_t columns() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

/// A line that wrapped could not be redrawn. Words are ASCII but for names; cut between characters.
std::string cut(std::string line, std::size_t width) {
    if (line.size() > width) {
        while (width > 0 && (static_cast<unsigned char>(line[width]) & 0xC0U) == 0x80U) {
            --width;
        }
        line.resize(width);
    }
    return line;
}

} // namespace

AlignScreen::AlignScreen() : terminal_(::isatty(STDOUT_FILENO) == 1 && ::isatty(STDIN_FILENO) == 1) {
    if (terminal_ && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
        termios keys = before_;
        keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        ::tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    } else {
        terminal_ = false;
    }
}

AlignScreen::~AlignScreen() {
    if (terminal_) {
        clear();
        ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
}

void AlignScreen::clear() {
    if (drawn_) {
        std::printf("\x1b[3A\r%s\x1b[J", kSingle);
        std::fflush(stdout);
        drawn_ = false;
    }
}

void AlignScreen::redraw(const std::string& large, const std::string& small) {
    const std::size_t width = columns();
    const std::string reading = cut(large, width / 2 - 1);
    if (drawn_) {
        std::printf("\x1b[3A");
    }
    std::printf("\r%s\x1b[1m%s\x1b[K\n\r%s%s\x1b[0m\x1b[K\n\r%s%s\x1b[K\n", kTop, reading.c_str(), kBottom,
                reading.c_str(), kSingle, cut(small, width - 1).c_str());
    std::fflush(stdout);
    drawn_ = true;
}

void AlignScreen::started(const json::value& started) {
    std::fputs(align_started_text(started).c_str(), stdout);
    std::fflush(stdout);
}

/// The share of the way from where a step began to its target, of the track that is furthest from it.
double AlignScreen::far(const json::value& view) {
    double share = 1.0;
    for (const json::value& track : list(at(view, "tracks"))) {
        if (at(track, "done") == true || !at(track, "turn").is_number()) {
            continue;
        }
        const double to_go = std::abs(at(track, "turn").to_number<double>());
        double& furthest = furthest_[at(track, "channel").to_number<int>()];
        furthest = std::max(furthest, to_go);
        share = std::min(share, furthest > 0.0 ? 1.0 - to_go / furthest : 1.0);
    }
    return share;
}

void AlignScreen::view(const json::value& view, const std::string& typed) {
    if (!view.is_object()) {
        return;
    }
    if (const std::string heading = step_text(view); heading != step_) {
        clear();
        step_ = heading;
        furthest_.clear();
        std::fputs(("\n" + heading).c_str(), stdout);
        std::fflush(stdout);
    }
    if (!terminal_) {
        return;
    }
    const std::string reading = reading_text(view);
    std::string small = at(view, "task") == "turn" ? bar_text(far(view), kBar) + " " : "";
    const std::string words = words_text(view);
    small += words.empty() ? "" : words + "   ";
    small += typed.empty() ? keys_text(view) : "value: " + typed + "_";
    redraw(reading.empty() ? text(at(view, "title")) : reading, small);
}

/// Before the first view, and where a procedure only works.
void AlignScreen::progress(const json::value& progress) {
    const std::string phase = text(at(progress, "phase"));
    if (phase != phase_ && !phase.empty() && !terminal_) {
        std::printf("%s\n", phase.c_str());
        std::fflush(stdout);
    }
    phase_ = phase;
    if (terminal_ && step_.empty()) {
        const json::value& fraction = at(progress, "fraction");
        redraw(phase, bar_text(fraction.is_number() ? fraction.to_number<double>() : 0.0, kBar) + " q end");
    }
}

void AlignScreen::accepted(const json::value& values) {
    clear();
    for (const json::value& value : list(values)) {
        if (at(value, "unit") == "of travel") { // where converters stand says nothing to a person
            continue;
        }
        std::fputs(("  " + accepted_text(value)).c_str(), stdout);
    }
    std::fflush(stdout);
}

void AlignScreen::say(const std::string& line) {
    clear();
    std::fputs((printable(line) + "\n").c_str(), stdout);
    std::fflush(stdout);
}

void AlignScreen::end(const json::value& end) {
    clear();
    std::fputs(("\n" + align_end_text(end)).c_str(), stdout);
    std::fflush(stdout);
}

} // namespace overbias::controller
