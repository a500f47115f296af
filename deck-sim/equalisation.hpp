// SPDX-License-Identifier: Apache-2.0
// The flux standards the simulated deck and its tapes know.
#pragma once

namespace overbias::deck_sim {

enum class Equalisation { Nab, Iec1, Aes };

} // namespace overbias::deck_sim
