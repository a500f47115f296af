// SPDX-License-Identifier: Apache-2.0
#include "controller/client/align_screen.hpp"

#include "controller/client/align_texts.hpp"
#include "controller/client/words.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

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

/// Over as many lines as it takes, broken between words.
void add_wrapped(std::vector<std::string>& lines, std::string_view text, std::size_t width) {
    while (!text.empty()) {
        std::string line = cut(std::string(text), width);
        if (const std::size_t space = line.rfind(' '); line.size() < text.size() && space != std::string::npos) {
            line.resize(space);
        }
        text.remove_prefix(line.empty() ? text.size() : line.size());
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        lines.push_back(std::move(line));
    }
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
    if (drawn_ > 0) {
        std::printf("\x1b[%zuA\r%s\x1b[J", drawn_, kSingle);
        std::fflush(stdout);
        drawn_ = 0;
    }
}

void AlignScreen::redraw(const std::string& large, const std::vector<std::string>& small) {
    const std::size_t width = columns();
    const std::string reading = cut(large, width / 2 - 1);
    if (drawn_ != small.size() + 2) {
        clear();
    } else {
        std::printf("\x1b[%zuA", drawn_);
    }
    std::printf("\r%s\x1b[1m%s\x1b[K\n\r%s%s\x1b[0m\x1b[K\n", kTop, reading.c_str(), kBottom, reading.c_str());
    for (const std::string& line : small) {
        std::printf("\r%s%s\x1b[K\n", kSingle, cut(line, width - 1).c_str());
    }
    std::fflush(stdout);
    drawn_ = small.size() + 2;
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
        title_ = text(at(view, "title"));
        note_.clear();
        furthest_.clear();
        done_ = false;
        std::fputs(("\n" + heading).c_str(), stdout);
        std::fflush(stdout);
    }
    const std::string note = note_text(view);
    if (!terminal_) {
        if (!note.empty() && !same_but_for_numbers(note, note_)) {
            std::printf("  %s\n", note.c_str());
            std::fflush(stdout);
        }
        note_ = note;
        return;
    }
    const bool done = at(view, "done") == true;
    if (done && !std::exchange(done_, done) && at(view, "task") == "turn") {
        std::fputs("\a", stdout); // for hands behind the machine
    }
    done_ = done;
    const std::string reading = reading_text(view);
    std::vector<std::string> small;
    for (const std::string& line : words_lines(view)) {
        add_wrapped(small, line, columns() - 1);
    }
    add_wrapped(small, note, columns() - 1);
    small.push_back((at(view, "task") == "turn" ? bar_text(far(view), kBar) + " " : "") +
                    (typed.empty() ? keys_text(view) : "value: " + typed + "_"));
    redraw(reading.empty() ? title_ : reading, small);
}

/// Before the first view, and where a procedure only works.
void AlignScreen::progress(const json::value& progress) {
    const std::string phase = text(at(progress, "phase"));
    if (phase != phase_ && phase != title_ && !phase.empty() && !terminal_) {
        std::printf("%s\n", phase.c_str());
        std::fflush(stdout);
    }
    phase_ = phase;
    if (terminal_ && step_.empty()) {
        const json::value& fraction = at(progress, "fraction");
        redraw(phase, {bar_text(fraction.is_number() ? fraction.to_number<double>() : 0.0, kBar) + " q end"});
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
