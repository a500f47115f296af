// SPDX-License-Identifier: Apache-2.0
// The certificate of a print: its report with what could not be judged, the head of the logbook's chain and the key,
// signed (docs/certificate.md describes each field and the form that is signed), and the same on paper. Pure functions,
// any thread.
#pragma once

#include "base/result.hpp"
#include "base/signing/signing_key.hpp"
#include "paper/drawing.hpp"

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::mastering {

/// The newest event of the logbook when a certificate is made.
struct ChainHead {
    std::int64_t seq = 0;
    std::string hash; ///< lower-case hexadecimal
};

/// One accepted value of the alignment that a print relies on.
struct AlignmentFigure {
    std::string id;  ///< of the procedure's step
    int channel = 0; ///< from 1; 0: of the deck, or between channels
    double reading = 0.0;
    std::string unit;
    std::optional<double> target, tolerance;
};
struct AlignmentUsed {
    std::string uuid, procedure, ended_at, operators;
    std::vector<AlignmentFigure> values;
};

struct CertificateInput {
    std::string report; ///< JSON text, byte for byte as it is kept: its hash is in the certificate
    ChainHead chain;
    std::string made_utc;                        ///< ISO 8601
    std::string made_by;                         ///< program and version
    std::vector<std::string> notes = {};         ///< sentences that have to be told with it
    std::optional<AlignmentUsed> alignment = {}; ///< that the report names, from the logbook
};

struct Certificate {
    std::string json; ///< the file
    std::string pdf;
    std::string sha256;     ///< of the canonical form of its member "certificate"; stands on the PDF
    std::string pdf_sha256; ///< is under the signature too
};

[[nodiscard]] Result<Certificate> make_certificate(const CertificateInput& input, const SigningKey& key);

/// The pages of the member "certificate"; A4. `sha256` of its canonical form.
[[nodiscard]] Result<paper::Document> certificate_document(const boost::json::value& certificate,
                                                           const std::string& sha256);
/// In words, for a terminal.
[[nodiscard]] Result<std::string> certificate_text(const boost::json::value& certificate, const std::string& sha256);

/// What a check of the file alone can find. More (whose key it is, the chain) is known to the daemon that signed it.
struct CertificateCheck {
    enum class State {
        Intact,      ///< as it was signed
        CutOff,      ///< ends before its end
        NotOne,      ///< no certificate at all
        Changed,     ///< what it says was not signed with its key
        LaidOutAnew, ///< the content was signed, but another program has written the file anew
    } state = State::NotOne;
    std::string words;
    // of what the file says; empty or 0 when it has none
    std::string sha256, public_key, fingerprint, session, report_sha256, pdf_sha256, verdict, made_utc;
    ChainHead chain;
    [[nodiscard]] bool intact() const noexcept { return state == State::Intact; }
};

[[nodiscard]] CertificateCheck check_certificate(std::string_view json);

} // namespace overbias::mastering
