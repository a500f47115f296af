// SPDX-License-Identifier: Apache-2.0
// When the end of a printed track passes the reproduce head, told ahead of time from what is heard of it off tape: the
// place before which nothing may be recorded. Each look matches the last seconds heard with the files
// (programme_match.hpp); two looks that agree make it known. The counter serves only to say where to look.
// Thread: any one; looking reads the files.
#pragma once

#include "base/result.hpp"
#include "mastering/known_programme.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::mastering {

/// A stretch of the tape return.
struct HeardStretch {
    std::vector<float> stereo; ///< interleaved
    double rate_hz = 48000.0;
    double from_s = 0.0; ///< deck time of its first frame
};

class TrackEndFinder {
  public:
    static constexpr double kListen_s = 5.0;

    /// `programme`: what may lie on the tape, places as they were recorded, at its speed, on any scale of metres.
    /// `track`: the one whose end is looked for. Those after it are there so that a track that was broken off is not
    /// taken for one that begins alike.
    TrackEndFinder(KnownProgramme programme, std::size_t track);

    struct Fix {
        double end_s = 0.0; ///< deck time at which the end is heard; in the past when the tape is beyond it
        double uncertainty_s = 0.0;
        double correlation = 0.0;
    };
    /// Looks for what was heard where `end_s`, within `reach_s`, is when the end is expected to be heard. The error
    /// says what was heard and what was expected.
    [[nodiscard]] Result<Fix> look(const HeardStretch& heard, double end_s, double reach_s);
    /// From the looks that agree; empty: not known yet.
    [[nodiscard]] std::optional<Fix> known() const;
    /// The last one; where to look next.
    [[nodiscard]] std::optional<Fix> last() const;
    void forget() {
        fixes_.clear();
        trouble_.clear();
    }
    /// Why the last look found nothing; empty: it did.
    [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
    /// Whose end is looked for.
    [[nodiscard]] const KnownTrack& track() const noexcept { return programme_.tracks.at(track_); }

  private:
    KnownProgramme programme_;
    std::size_t track_;
    double speed_m_s_;
    std::vector<Fix> fixes_;
    std::string trouble_;
};

} // namespace overbias::mastering
