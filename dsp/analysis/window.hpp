// SPDX-License-Identifier: Apache-2.0
// Window functions for spectra.
#pragma once

#include <cstddef>
#include <vector>

namespace overbias::dsp {

/// Periodic Hann window: w[n] = (1 - cos(2 pi n / size)) / 2. Sum of squares is 3/8 size.
[[nodiscard]] std::vector<float> hann_window(std::size_t size);

/// Periodic four-term Blackman-Harris window (F. Harris, 1978): main lobe four bins to either side, all else below -92
/// dB.
[[nodiscard]] std::vector<float> blackman_harris_window(std::size_t size);

/// Sum of w^2: divides the power of a windowed frame.
[[nodiscard]] double window_power(const std::vector<float>& window);

} // namespace overbias::dsp
