// SPDX-License-Identifier: Apache-2.0
// Reports of prints, written by hand from docs/report.md: what the papers are made of in tests.
#pragma once

#include <boost/json/fwd.hpp>
#include <boost/json/object.hpp>
#include <string>

namespace overbias::mastering::examples {

/// `overbias print FILES`: one file, one side, version 1, passed.
[[nodiscard]] boost::json::object files_report();
/// A plan of two sides on two reels, ten tracks, version 2; tracks 3 and 8 have failed. Titles are long, one is Greek.
[[nodiscard]] boost::json::object two_sided_report();
[[nodiscard]] std::string text_of(const boost::json::object& report);

} // namespace overbias::mastering::examples
