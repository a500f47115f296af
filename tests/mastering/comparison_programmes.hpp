// SPDX-License-Identifier: Apache-2.0
// Programmes that make a comparison's life hard, each for a reason of its own. Seeded; made from oscillators and noise.
#pragma once

#include "comparison_tape_model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace comparison_test {

/// sparse_piano, loud_master, mono, speech, fades, silence, hi_hat, low_only, pink, sweep, clicks, wide
[[nodiscard]] const std::vector<std::string>& programme_names();
/// These and orchestra.
[[nodiscard]] const std::vector<std::string>& soak_programme_names();
/// Made once and kept.
[[nodiscard]] const Stereo& programme(std::string_view name, unsigned seed = 1, double duration_s = 10.0);
/// The same, not kept.
[[nodiscard]] Stereo fresh_programme(const std::string& name, unsigned seed, double duration_s);

} // namespace comparison_test
