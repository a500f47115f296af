// SPDX-License-Identifier: Apache-2.0
// Which processors' vectors Highway compiles for here; to be included before hwy/foreach_target.h. Vectors without a
// size at compile time can't be members or array elements; such processors have NEON too.
#pragma once

#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#endif
