// SPDX-License-Identifier: Apache-2.0
// CardBridge: the simulated deck's sound card behind a shared memory file that the ALSA plug-in (deck-sim/card-plugin/)
// maps into other processes. The card runs on its own crystals from the first turn to the end, whether somebody has
// opened it or not. Thread: the timeline's.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/async/timeline.hpp"
#include "deck-sim/process/paced_timeline.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace overbias::deck_sim {

struct CardBridgeConfig {
    std::filesystem::path file;                              ///< made anew
    double play_clock_ppm = 7.0, capture_clock_ppm = -13.0;  ///< as the deck's settings: the card's true rates
    std::size_t playback_channels = 4, capture_channels = 4; ///< and, of a deck with bias_capture, its bias after these
    std::array<std::size_t, 2> deck_input{0, 1};             ///< playback channels wired to the deck's line input
    std::array<std::size_t, 2> deck_output{0, 1};            ///< capture channels wired to the deck's line output
    std::array<std::size_t, 2> source_in{2, 3};              ///< capture channels on the deck's line input
    /// Frames that lie between the buffer and the converter, as in a USB card: the hardware pointer runs ahead of the
    /// sound by as much, and only the delay tells.
    std::size_t playback_fifo_frames = 960;
    /// Of the pair on the deck's line input, and of the patch cable; as the deck's settings.
    double round_trip_frames = 61.37, converter_noise_dbfs = -110.0;
    std::uint64_t seed = 1;
};

class CardBridge {
  public:
    /// Throws std::runtime_error when the file can't be made, std::invalid_argument for channels that are not there, a
    /// card that is not stereo (a capture with bias on two more channels is), a FIFO too short to work through, and
    /// simulated time: other programs live in real time.
    CardBridge(Timeline& timeline, audio::Pcm& deck, CardBridgeConfig config);
    /// The same for a deck that lives on a paced timeline: a turn that comes late loses nothing, as long as the ring
    /// holds it (a third of a second at 96 kHz); beyond that it is an xrun.
    CardBridge(PacedTimeline& timeline, audio::Pcm& deck, CardBridgeConfig config);
    ~CardBridge();
    CardBridge(const CardBridge&) = delete;
    CardBridge& operator=(const CardBridge&) = delete;

    /// Moves frames both ways; called at least every 5 ms. The first turn starts the deck's card and lets clients in;
    /// throws std::runtime_error when it does not start.
    void turn();
    /// The cable is pulled: open streams are disconnected, opening fails. And plugged in again.
    void unplug();
    void plug_in();
    [[nodiscard]] bool plugged() const noexcept;
    /// A patch cable in place of the deck: what is played comes back through the converters alone.
    void patch_cable(bool on);

    struct Counts {
        std::uint64_t playback_frames = 0;                   ///< that clients wrote and the card played
        std::uint64_t capture_frames = 0;                    ///< that could be read
        std::uint64_t playback_xruns = 0, capture_xruns = 0; ///< that clients were told of
        int playback_pid = 0;                                ///< who holds playback; 0: nobody
    };
    [[nodiscard]] Counts counts() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
