// SPDX-License-Identifier: Apache-2.0
// The continuous stream of frames a print plays: lead-in, slate, gaps and files, sample-exact.
// Thread: the file reader's (it may block on the disk); never the audio thread.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/sound_file.hpp"
#include "mastering/print_plan.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace overbias::mastering {

class ProgrammeStream {
  public:
    /// Opens every file. Throws std::invalid_argument naming the file when one cannot be played as asked.
    ProgrammeStream(const PrintPlan& plan, const PrintInstallation& installation);

    /// Up to out.size() / 2 interleaved frames; 0 at the end. The error is for a file that broke while it was read.
    [[nodiscard]] Result<std::size_t> read(std::span<std::int32_t> out);
    /// The first frames of the stream, silent ones, have been queued by somebody else: it goes on after them.
    void begin_at(std::int64_t frame) noexcept { position_ = frame; }
    /// Fills the engine's queue as far as it goes.
    [[nodiscard]] Result<void> fill(audio::BlockEngine& engine);
    [[nodiscard]] bool finished() const noexcept { return position_ >= plan_.frames && pending_ == 0; }
    /// Whether file `track` has another sample rate than the card.
    [[nodiscard]] bool converted(std::size_t track) const { return readers_[track]->converted(); }

  private:
    void tone(const SlateTone& tone, std::span<std::int32_t> out, std::int64_t from) const;

    const PrintPlan& plan_;
    PrintInstallation installation_;
    std::vector<std::unique_ptr<audio::ProgrammeReader>> readers_;
    std::unique_ptr<audio::ProgrammeReader> voice_;
    std::size_t section_ = 0;
    std::int64_t position_ = 0;
    std::vector<std::int32_t> chunk_; ///< what the queue had no room for yet
    std::size_t pending_ = 0, pending_at_ = 0;
};

} // namespace overbias::mastering
