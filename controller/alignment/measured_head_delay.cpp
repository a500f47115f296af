// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/measured_head_delay.hpp"

#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "controller/measured_file.hpp"
#include "controller/toml_text.hpp"
#include "tape/equalisation.hpp"

#include <string>

namespace overbias::controller {

namespace {

namespace fs = std::filesystem;

struct Measured {
    std::string head_block_uuid;
    double speed_ips = 0.0;
    std::string equalisation;
    double delay_ms = 0.0, uncertainty_us = 0.0;
    std::string utc;
    [[nodiscard]] bool fits(const Identity& identity, const TapeConfig& tape) const {
        return head_block_uuid == identity.head_block_uuid && speed_ips == tape.speed_ips &&
               equalisation == tape::equalisation_name(tape.equalisation);
    }
    static Measured from(TomlSection& entry) {
        return {.head_block_uuid = entry.text_or_empty("head_block_uuid"),
                .speed_ips = entry.required_number("speed_ips", {.min = 0.1, .max = 120.0}),
                .equalisation = entry.text_or_empty("equalisation"),
                .delay_ms = entry.required_number("delay_ms", {.min = 0.001, .max = 5000.0}),
                .uncertainty_us = entry.required_number("uncertainty_us", {.min = 0.0, .max = 1e6}),
                .utc = entry.text_or_empty("utc")};
    }
    [[nodiscard]] std::string toml() const {
        return "head_block_uuid = " + toml_quoted(head_block_uuid) + "\nspeed_ips = " + figure(speed_ips, 4) +
               "\nequalisation = " + toml_quoted(equalisation) + "\ndelay_ms = " + figure(delay_ms, 6) +
               "\nuncertainty_us = " + figure(uncertainty_us, 3) + "\nutc = " + toml_quoted(utc) + "\n";
    }
};

MeasuredFile<Measured> file_in(const fs::path& state_dir) {
    return MeasuredFile<Measured>(state_dir / "head_delay.toml");
}

} // namespace

Result<std::optional<calibration::HeadDelay>> load_head_delay(const fs::path& state_dir, const Identity& identity,
                                                              const TapeConfig& tape) {
    const auto found = file_in(state_dir).find([&](const Measured& each) { return each.fits(identity, tape); });
    if (!found) {
        return found.error();
    }
    if (!*found) {
        return std::optional<calibration::HeadDelay>();
    }
    return std::optional(
        calibration::HeadDelay{.delay_s = (*found)->delay_ms / 1e3, .uncertainty_s = (*found)->uncertainty_us / 1e6});
}

Result<void> store_head_delay(const fs::path& state_dir, const Identity& identity, const TapeConfig& tape,
                              const calibration::HeadDelay& delay) {
    return file_in(state_dir).replace([&](const Measured& each) { return each.fits(identity, tape); },
                                      {.head_block_uuid = identity.head_block_uuid,
                                       .speed_ips = tape.speed_ips,
                                       .equalisation = std::string(tape::equalisation_name(tape.equalisation)),
                                       .delay_ms = delay.delay_s * 1e3,
                                       .uncertainty_us = delay.uncertainty_s * 1e6,
                                       .utc = utc_text(host_now().utc_ns)},
                                      "Delay from record to reproduce head at the true speed, measured by 'overbias "
                                      "align speed'; it goes before the configuration's.");
}

} // namespace overbias::controller
