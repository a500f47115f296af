// SPDX-License-Identifier: Apache-2.0
// PlaceKeeper: writes where the tape is to disk, when it has come to rest and every two seconds while it moves, and at
// once when a cue point or mark has changed or a locate has ended, which has learned. Thread: the timeline's; the
// writing is the worker's.
#pragma once

#include "base/async/timeline.hpp"
#include "controller/place_file.hpp"
#include "controller/worker.hpp"
#include "transport/position/cue_points.hpp"
#include "transport/transport.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace overbias::controller {

class PlaceKeeper {
  public:
    /// `worker` must outlive what is posted to it; the keeper need not.
    /// `learned` tells what the locator has learned of the deck of that profile.
    PlaceKeeper(std::filesystem::path state_dir, Worker& worker, std::string deck,
                std::function<transport::LocatorMemory()> learned)
        : state_dir_(std::move(state_dir)), worker_(worker), deck_(std::move(deck)), learned_(std::move(learned)) {}
    /// Every control tick.
    void look(const transport::MachineState& state, const transport::StoredCuePoints& cues, DeckTime now);

  private:
    void write(KeptPlace place);

    std::filesystem::path state_dir_;
    Worker& worker_;
    std::optional<KeptPlace> kept_; ///< what was given to the worker last
    DeckTime next_while_moving_{};
    std::string deck_;
    std::function<transport::LocatorMemory()> learned_;
    bool still_kept_ = false;
    bool locating_ = false; ///< at the last look that nothing was being written
    std::shared_ptr<std::atomic<bool>> writing_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace overbias::controller
