// SPDX-License-Identifier: Apache-2.0
// Certificates of prints: signed once for a report, kept with its session, logged. Worker's thread.
#pragma once

#include "base/result.hpp"
#include "logbook/logbook.hpp"
#include "mastering/paper/certificate.hpp"

#include <filesystem>
#include <string>

namespace overbias::controller {

struct StoredCertificate {
    std::string json, pdf;
};

class CertificateStore {
  public:
    CertificateStore(logbook::Logbook& logbook, std::filesystem::path sessions, std::filesystem::path key_file);

    /// The one that is kept for this print's report; made, kept and logged when there is none. One that was made for an
    /// earlier report of the session stays beside it under another name. Errors say what can't be read or written.
    [[nodiscard]] Result<StoredCertificate> certificate(const logbook::StoredPrint& print);

    /// Public half of this installation's key.
    [[nodiscard]] Result<std::string> public_key() const;

  private:
    [[nodiscard]] Result<void> log(const logbook::StoredPrint& print, const mastering::Certificate& made,
                                   const std::string& public_key);

    logbook::Logbook& logbook_;
    std::filesystem::path sessions_, key_file_;
};

} // namespace overbias::controller
