// SPDX-License-Identifier: Apache-2.0
// What an operator says to a running alignment: as keys of a terminal, or as lines that a script writes. Pure.
//
// Lines: accept [VALUE], value VALUE (the same), skip, back, abort; and "wait STEP [done]", which holds the lines after
// it until that step is shown (and every track of it is within tolerance); "wait STEP turn|watch|confirm|enter" until
// that is asked for in it. # begins a comment.
// Keys: Enter accept, s skip, b back, q end; digits, sign and point are a value, which Enter accepts.
#pragma once

#include "base/result.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace overbias::controller {

/// For `align_say`.
struct OperatorLine {
    std::string says; ///< "accept", "skip", "back", "abort"; empty: "wait"
    std::optional<double> value{};
    std::string step; ///< of "wait"
    bool done = false;
    std::string task{}; ///< of "wait"; empty: any
};

/// Empty: nothing was said (a comment, an empty line).
[[nodiscard]] Result<std::optional<OperatorLine>> operator_line(std::string_view line);

/// As `align_say` takes it.
[[nodiscard]] boost::json::object say_request(const OperatorLine& line);

class OperatorKeys {
  public:
    /// What a key means, if it completes anything.
    [[nodiscard]] std::optional<OperatorLine> press(char key);
    /// What has been typed of a value.
    [[nodiscard]] const std::string& typed() const noexcept { return typed_; }

  private:
    std::string typed_;
};

/// The lines that a script has written, in order.
class OperatorScript {
  public:
    void add(OperatorLine line) { waiting_.push_back(std::move(line)); }
    /// The next one that may be said while `view` is shown (null: nothing is).
    [[nodiscard]] std::optional<OperatorLine> next(const boost::json::value& view);

  private:
    std::deque<OperatorLine> waiting_;
};

} // namespace overbias::controller
