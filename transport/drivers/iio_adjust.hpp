// SPDX-License-Identifier: Apache-2.0
// IioAdjust: bias, level and equalisation per track through digital-to-analog converters of Linux's Industrial I/O that
// stand in for the deck's trimmers. Output switch and routing are another DeckAdjust's.
//
// Nothing is written when it is made, nor when a lost converter comes back: the deck stays as it is until an adjuster
// is set. A converter that is not there, or holds what is outside its limits, is said and not guessed.
// Thread: the timeline's, from alignment jobs only: a write takes as long as the bus behind the converter.
#pragma once

#include "transport/deck_adjust.hpp"
#include "transport/io/iio_dac.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace overbias::transport {

/// One adjuster and the converter channel behind it.
struct IioAdjuster {
    Adjuster adjuster = Adjuster::ReproduceLevel;
    std::size_t track = 0; ///< from 0
    std::string device;    ///< name or label of the converter
    int channel = 0;       ///< N of out_voltageN_raw
    /// What positions 0 and 1 are. Position 1 is always the most level, treble, bass or bias, so raw_at_0 is the higher
    /// of the two where the electronics turn it round. Nothing outside of them is ever written.
    long raw_at_0 = 0, raw_at_1 = 0;
};

class IioAdjust final : public DeckAdjust {
  public:
    /// Throws std::invalid_argument when an adjuster or a converter's channel is given twice, or limits are none.
    IioAdjust(std::vector<IioAdjuster> adjusters, std::unique_ptr<DeckAdjust> routing,
              const std::filesystem::path& root = kIioRoot);

    [[nodiscard]] DeckAdjustCapabilities capabilities() const noexcept override;
    Result<void> select_monitor(MonitorSelect select) override { return routing_->select_monitor(select); }
    Result<void> set_route(Route route, bool on) override { return routing_->set_route(route, on); }
    [[nodiscard]] bool route(Route route) const override { return routing_->route(route); }
    Result<void> set_adjuster(Adjuster adjuster, std::size_t track, double position) override;
    /// From what the converter holds.
    [[nodiscard]] Result<double> adjuster(Adjuster adjuster, std::size_t track) const override;

  private:
    struct Channel {
        IioAdjuster is;
        mutable IioDac dac; ///< reading may find that it was lost
    };
    [[nodiscard]] const Channel* find(Adjuster adjuster, std::size_t track) const noexcept;

    std::vector<Channel> channels_;
    std::unique_ptr<DeckAdjust> routing_;
};

} // namespace overbias::transport
