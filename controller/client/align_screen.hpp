// SPDX-License-Identifier: Apache-2.0
// An alignment on a terminal, or as lines where there is none. On a terminal the step's heading scrolls; below it some
// lines are redrawn: the reading in double height (ECMA-48's successors of the VT100: DECDHL; a terminal without it
// shows the line twice), what is said of each track, and how far it is with the keys. Thread: one.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <termios.h>
#include <vector>

namespace overbias::controller {

class AlignScreen {
  public:
    /// Whether both standard input and output are a terminal decides; keys are read one by one then.
    AlignScreen();
    ~AlignScreen();
    AlignScreen(const AlignScreen&) = delete;
    AlignScreen& operator=(const AlignScreen&) = delete;

    [[nodiscard]] bool terminal() const noexcept { return terminal_; }
    void started(const boost::json::value& started);
    void view(const boost::json::value& view, const std::string& typed);
    void progress(const boost::json::value& progress);
    void accepted(const boost::json::value& values);
    /// A line of its own, above what is redrawn.
    void say(const std::string& line);
    void end(const boost::json::value& end);

  private:
    void clear();
    void redraw(const std::string& large, const std::vector<std::string>& small);
    [[nodiscard]] double far(const boost::json::value& view);

    bool terminal_;
    std::size_t drawn_ = 0; ///< lines
    termios before_{};
    std::string step_;                 ///< heading that was shown last
    bool done_ = false;                ///< every track is within tolerance
    std::map<int, double> furthest_;   ///< of each channel in this step, how far it was
    std::string title_, note_, phase_; ///< told last
};

} // namespace overbias::controller
