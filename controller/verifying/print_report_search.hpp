// SPDX-License-Identifier: Apache-2.0
// The report of a print by the session or the job it was made in. Thread: any; waits on the disk.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace overbias::controller {

struct PrintReportText {
    std::filesystem::path path;
    std::string text;
};

/// The error names the file, and says what it is not.
[[nodiscard]] Result<PrintReportText> read_print_report(const std::filesystem::path& path);
/// `reports`: the folder of reports, one a job. Of a session that was printed in several jobs: the newest.
[[nodiscard]] Result<PrintReportText> find_print_report(const std::filesystem::path& reports, const std::string& uuid);

} // namespace overbias::controller
