// SPDX-License-Identifier: Apache-2.0
// Print sessions on the disk: FOLDER/<session>/session.json, there complete or not at all. Thread: any; may wait on the
// disk.
#pragma once

#include "base/result.hpp"
#include "mastering/session.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace overbias::controller {

class SessionStore {
  public:
    explicit SessionStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

    [[nodiscard]] Result<void> save(const mastering::PrintSession& session) const;
    [[nodiscard]] Result<mastering::PrintSession> load(const std::string& id) const;
    /// The newest of which something is still to be printed, and something is on a tape.
    [[nodiscard]] Result<mastering::PrintSession> newest_interrupted() const;
    /// The one that was recorded last: what is most likely on the deck.
    [[nodiscard]] Result<mastering::PrintSession> newest_on_tape() const;
    struct Listed {
        std::vector<mastering::PrintSession> sessions; ///< newest first
        std::vector<std::string> unreadable;           ///< files, with what is wrong
    };
    [[nodiscard]] Listed list() const;
    /// Why an uploaded file can't go: a print that can go on has been begun with it. Empty: none has.
    [[nodiscard]] std::string needs_upload(const std::string& upload_id) const;
    [[nodiscard]] std::filesystem::path file(const std::string& id) const { return folder_ / id / "session.json"; }

  private:
    std::filesystem::path folder_;
};

} // namespace overbias::controller
