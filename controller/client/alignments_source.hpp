// SPDX-License-Identifier: Apache-2.0
// Where the client has alignment records from: a daemon, or a file that was exported. Thread: one.
#pragma once

#include "calibration/results/alignment_sheet.hpp"
#include "controller/client/rpc_client.hpp"

#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace overbias::controller {

class AlignmentsSource {
  public:
    /// Called when a daemon is needed, and not before: files can be shown without one.
    using Daemon = std::function<RpcClient()>;
    explicit AlignmentsSource(Daemon daemon) : connect_(std::move(daemon)) {}

    /// The daemon's answer to `alignments`.
    [[nodiscard]] boost::json::value list(int last);
    /// `which`: a file (a name with a slash or ending in .json), "latest", or a UUID or so much of its beginning that
    /// it can't be mistaken. `against`: empty; the same; or "previous": the last one before with the same key and
    /// procedure. With values for the drift where a daemon is asked, and what the profiles installed here say.
    /// Throws UnusableArgument (print_command.hpp), RpcFailure, ConnectionLost.
    [[nodiscard]] calibration::AlignmentSheet sheet(const std::string& which, const std::string& against);

  private:
    [[nodiscard]] RpcClient& daemon();
    [[nodiscard]] tape::AlignmentRecord record(const std::string& which);
    [[nodiscard]] tape::AlignmentRecord fetched(const std::string& uuid);
    [[nodiscard]] std::string uuid_of(const std::string& which);
    [[nodiscard]] std::string previous_of(const tape::AlignmentRecord& record);
    void add_drift(calibration::AlignmentSheet& sheet);
    void add_names(calibration::AlignmentSheet& sheet);

    Daemon connect_;
    std::unique_ptr<RpcClient> daemon_;
    boost::json::value all_; ///< null until it was asked for
};

/// Of a file's text: a record, or an object with one as member "record", as `show --json` prints it. Throws
/// UnusableArgument that names the file.
[[nodiscard]] tape::AlignmentRecord record_of_text(const std::string& file, const std::string& text);
/// The deck's, the head block's and the stock's name, where a file's text has them.
void add_names_of_text(calibration::AlignmentSheet& sheet, const std::string& text_of_file);
/// Stock and calibration tapes of the record, from the profiles installed here; what is not there is told in a note.
void add_profiles(calibration::AlignmentSheet& sheet);

} // namespace overbias::controller
