// SPDX-License-Identifier: Apache-2.0
#include "controller/transferring/transfer_config.hpp"

#include "base/toml/strict_toml.hpp"

#include <string>
#include <vector>

namespace overbias::controller {

void read_transfer(TomlSection& root, TransferConfig& transfer) {
    TomlSection table = root.section("transfer");
    if (const auto folder = table.optional_text("folder")) {
        transfer.folder = *folder;
        if (!transfer.folder.is_absolute()) {
            table.error("folder", "expected an absolute path, got \"" + *folder + "\"");
        }
    }
    const std::vector<std::string> formats{"24", "32", "float"};
    transfer.format = formats.at(table.choice("format", formats, 0));
    transfer.pre_roll_s = table.number("pre_roll_s", transfer.pre_roll_s, {.min = 0.0, .max = 60.0});
    transfer.post_roll_s = table.number("post_roll_s", transfer.post_roll_s, {.min = 0.0, .max = 60.0});
    transfer.gap_s = table.number("gap_s", transfer.gap_s, {.min = 0.2, .max = 60.0});
    transfer.silence_s = table.number("silence_s", transfer.silence_s, {.min = 1.0, .max = 600.0});
    transfer.operator_name = table.text("operator", "");
}

} // namespace overbias::controller
