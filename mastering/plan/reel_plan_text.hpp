// SPDX-License-Identifier: Apache-2.0
// A reel plan as text: read from TOML and from JSON by one set of keys, written back as either. What is written is
// whole: read again it gives the same plan whatever the installation's defaults have become by then. Pure but for
// read_reel_plan(), which reads the file; any thread.
#pragma once

#include "base/result.hpp"
#include "mastering/plan/reel_plan.hpp"

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::mastering {

/// What a plan leaves out: from the installation's configuration. What is empty here has to stand in the plan.
struct PlanDefaults {
    std::string stock, batch; ///< stock empty: not known
    std::optional<double> tape_length_m, speed_ips;
    /// Length of another stock, by its id; empty, or an empty function: it has to stand in the plan.
    std::function<std::optional<double>(const std::string& stock)> length_of_stock = {};
    std::optional<tape::Equalisation> equalisation;
    std::optional<tape::Fluxivity> operating_level;
    std::string studio, engineer;
    /// For everything else (slate, gaps, leaders, spare, limits, ...): the plan that a file with nothing in it is.
    ReelPlan otherwise{};
    /// A file that is not named by an absolute path lies in this folder; empty: it has to be.
    std::filesystem::path folder;
};

/// Errors: one line for each mistake, with file, line (TOML) or place ("sides[0].tracks[2].gap", JSON), key, what was
/// expected and what came.
[[nodiscard]] Result<ReelPlan> read_reel_plan(const std::filesystem::path& path, const PlanDefaults& defaults);
[[nodiscard]] Result<ReelPlan> reel_plan_from_toml(std::string_view text, const std::string& name,
                                                   const PlanDefaults& defaults);
[[nodiscard]] Result<ReelPlan> reel_plan_from_json(const boost::json::value& given, const PlanDefaults& defaults);

[[nodiscard]] boost::json::object reel_plan_json(const ReelPlan& plan);
[[nodiscard]] std::string reel_plan_toml(const ReelPlan& plan);

/// A plan of one side with these files as its tracks, the rest as the defaults are.
[[nodiscard]] ReelPlan plan_to_fill_in(const PlanDefaults& defaults, const std::vector<std::string>& files);
/// A plan to be filled in: every key with what it means, those that have a default as comments.
[[nodiscard]] std::string reel_plan_template(const ReelPlan& plan);

/// "3 s", "12 ft", "3.5 m". Empty: it is none of these.
[[nodiscard]] std::optional<TapeSpan> tape_span_from_text(std::string_view text);
[[nodiscard]] std::string tape_span_text(const TapeSpan& span);

/// Every key there is, as "tape.speed_ips", "sides[].tracks[].file"; for the test of the documentation.
[[nodiscard]] std::vector<std::string> reel_plan_keys();

} // namespace overbias::mastering
