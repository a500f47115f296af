// SPDX-License-Identifier: Apache-2.0
// The longest chain that a needle meter must obey: from frame to frame one multiply-add and one maximum, each waiting
// for the one before.
#pragma once

#include <cstddef>

namespace overbias::bench {

/// `frames` links of it over `samples` (looked at over and over, power of two many); returns the end of the chain.
double recurrence(const double* samples, std::size_t count, std::size_t frames);

} // namespace overbias::bench
