// SPDX-License-Identifier: Apache-2.0
// What the bias was at set-up, kept over a restart: bias-set-up.json in the state directory. A value belongs to a deck,
// its head block, a speed and an equalisation, and to one figure of one [[bias_monitor]]; change the wiring or its
// scale in the profile and it is another figure. Plain data and files, any thread.
#pragma once

#include "base/result.hpp"
#include "calibration/bias/bias_monitor.hpp"
#include "tape/bias_source.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace overbias::controller {

struct BiasKey {
    std::string deck_uuid, head_block_uuid;
    double speed_ips = 0.0;
    std::string equalisation; ///< "IEC1"
    /// Speeds are equal within 0.1 %.
    [[nodiscard]] bool operator==(const BiasKey& other) const noexcept;
};

struct BiasSetUp {
    BiasKey key;
    std::string source; ///< bias_source_identity()
    calibration::BiasQuantity quantity = calibration::BiasQuantity::Level;
    double value = 0.0; ///< as BiasMonitor::set_up() takes it
    std::string at_utc;
    std::string by; ///< "operator", "alignment"
};

/// Track, wiring and scale in words: what a set-up value is good for.
[[nodiscard]] std::string bias_source_identity(const tape::BiasSource& source);
/// "level", "frequency", "high_frequency", "third_harmonic", "noise".
[[nodiscard]] const char* bias_quantity_word(calibration::BiasQuantity quantity) noexcept;

class BiasSetUps {
  public:
    /// nullptr: there is none.
    [[nodiscard]] const BiasSetUp* find(const BiasKey& key, const std::string& source,
                                        calibration::BiasQuantity quantity) const noexcept;
    /// In place of what was there for the same figure.
    void put(BiasSetUp one);
    [[nodiscard]] const std::vector<BiasSetUp>& all() const noexcept { return all_; }

  private:
    std::vector<BiasSetUp> all_;
};

/// Empty without a file. The error names the file and what is wrong with it.
[[nodiscard]] Result<BiasSetUps> load_bias_set_ups(const std::filesystem::path& state_dir);
/// Replaces the file as a whole. May wait on the disk.
[[nodiscard]] Result<void> store_bias_set_ups(const std::filesystem::path& state_dir, const BiasSetUps& set_ups);

} // namespace overbias::controller
