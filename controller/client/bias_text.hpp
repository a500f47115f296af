// SPDX-License-Identifier: Apache-2.0
// The bias monitor's answers in a technician's words. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace overbias::controller {

/// What `bias` answers: a figure a line.
[[nodiscard]] std::string bias_text(const boost::json::value& answer);
/// What `bias_set_up` answers.
[[nodiscard]] std::string bias_set_up_text(const boost::json::value& answer);
/// "bias: WARNING, bias level of track 1 +0.31 dB" for `overbias status`; empty when there is nothing to say.
[[nodiscard]] std::string bias_status_text(const boost::json::value& status);

/// The notification `concern`, as it comes: a line.
[[nodiscard]] std::string bias_concern_text(const boost::json::value& concern);
/// What a print's report says of it: a line a concern.
[[nodiscard]] std::string bias_report_text(const boost::json::value& report);

} // namespace overbias::controller
