// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/measured_head_delay.hpp"

#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "base/toml/strict_toml.hpp"
#include "controller/report_file.hpp"
#include "controller/toml_text.hpp"
#include "tape/equalisation.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

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
};

fs::path file_of(const fs::path& state_dir) {
    return state_dir / "head_delay.toml";
}

Result<std::vector<Measured>> read_all(const fs::path& file) {
    std::vector<Measured> all;
    std::error_code failure;
    if (!fs::exists(file, failure)) {
        return all;
    }
    auto document = TomlDocument::read(file);
    if (!document) {
        return document.error();
    }
    for (TomlSection& entry : document->root().sections("measured")) {
        all.push_back({.head_block_uuid = entry.text_or_empty("head_block_uuid"),
                       .speed_ips = entry.required_number("speed_ips", {.min = 0.1, .max = 120.0}),
                       .equalisation = entry.text_or_empty("equalisation"),
                       .delay_ms = entry.required_number("delay_ms", {.min = 0.001, .max = 5000.0}),
                       .uncertainty_us = entry.required_number("uncertainty_us", {.min = 0.0, .max = 1e6}),
                       .utc = entry.text_or_empty("utc")});
    }
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return all;
}

} // namespace

Result<std::optional<calibration::HeadDelay>> load_head_delay(const fs::path& state_dir, const Identity& identity,
                                                              const TapeConfig& tape) {
    const auto all = read_all(file_of(state_dir));
    if (!all) {
        return all.error();
    }
    const auto found = std::ranges::find_if(*all, [&](const Measured& each) { return each.fits(identity, tape); });
    if (found == all->end()) {
        return std::optional<calibration::HeadDelay>();
    }
    return std::optional(
        calibration::HeadDelay{.delay_s = found->delay_ms / 1e3, .uncertainty_s = found->uncertainty_us / 1e6});
}

Result<void> store_head_delay(const fs::path& state_dir, const Identity& identity, const TapeConfig& tape,
                              const calibration::HeadDelay& delay) {
    auto all = read_all(file_of(state_dir));
    if (!all) {
        return all.error();
    }
    std::erase_if(*all, [&](const Measured& each) { return each.fits(identity, tape); });
    all->push_back({.head_block_uuid = identity.head_block_uuid,
                    .speed_ips = tape.speed_ips,
                    .equalisation = std::string(tape::equalisation_name(tape.equalisation)),
                    .delay_ms = delay.delay_s * 1e3,
                    .uncertainty_us = delay.uncertainty_s * 1e6,
                    .utc = utc_text(host_now().utc_ns)});
    std::string text =
        "# Delay from record to reproduce head at the true speed, measured by 'overbias align speed'; it "
        "goes before the configuration's.\n";
    for (const Measured& each : *all) {
        text += "\n[[measured]]\nhead_block_uuid = " + toml_quoted(each.head_block_uuid) +
                "\nspeed_ips = " + figure(each.speed_ips, 4) + "\nequalisation = " + toml_quoted(each.equalisation) +
                "\ndelay_ms = " + figure(each.delay_ms, 6) + "\nuncertainty_us = " + figure(each.uncertainty_us, 3) +
                "\nutc = " + toml_quoted(each.utc) + "\n";
    }
    return write_file_atomically(file_of(state_dir), text);
}

} // namespace overbias::controller
