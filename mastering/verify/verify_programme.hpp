// SPDX-License-Identifier: Apache-2.0
// What should be on a tape that is verified later: slate, gaps and tracks of a print as its report tells them, or files
// that somebody names. One row of sections in frames at one rate, frame 0 a little before the first of them.
// Thread: any one; reading blocks on the disk.
#pragma once

#include "audio/sound_file.hpp"
#include "base/result.hpp"
#include "mastering/off_tape_comparison.hpp"
#include "mastering/plan/reel_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::mastering {

struct VerifySection {
    SectionKind kind = SectionKind::Gap;
    std::string name;
    std::int64_t first_frame = 0;
    std::int64_t frames = 0;
    int track = -1; ///< into files
    SlateTone tone; ///< of a Slate or Tone
};

struct VerifyFile {
    audio::SoundFileInfo info;
    double trim_db = 0.0;
    std::string title;         ///< empty: the file's name
    std::size_t in_report = 0; ///< which of the print's tracks it is
};

struct VerifyProgramme {
    std::string what; ///< for messages: "the print of 2026-11-23T..., side A"
    double rate_hz = 48000.0;
    int converter_bits = 24;
    double play_dbfs_at_operating_level = 0.0;
    std::vector<VerifySection> sections;  ///< in order; what lies between them is silence that nothing is said of
    std::vector<VerifyFile> files;        ///< one a track
    std::int64_t frames = 0;              ///< of the whole row
    double speed_ips = 0.0;               ///< it was recorded at; 0: not known
    std::optional<double> low_emphasis_s; ///< of the standard it was recorded with; empty: not known
    std::optional<double> begins_m;       ///< by the counter when it was recorded: place of frame 0
    std::string side;                     ///< of a print of several
    std::string reel_uuid;                ///< empty: not known

    [[nodiscard]] const VerifySection* slate() const noexcept; ///< null: none
    /// The row with the first frame of its first section; what lies before frame 0 of it is lead-in.
    [[nodiscard]] std::int64_t begins() const noexcept;
};

/// Silence ahead of the first section, so that what was on the tape before it is heard.
inline constexpr double kVerifyLeadIn_s = 1.0;

/// A side of a print from the text of its report (docs/report.md), at the card's rate. `side`: by name; empty: the only
/// one, or the first. Every file is inspected and its hash compared with the report's: another file is an error that
/// names it.
[[nodiscard]] Result<VerifyProgramme> programme_of_print(const std::string& report, const std::string& side,
                                                         double rate_hz);

struct NamedFiles {
    std::vector<std::string> files; ///< in order
    double gap_s = 3.0;             ///< between them; where it is another one, the next file is looked for
    double trim_db = 0.0;
    std::optional<double> start_m; ///< place of the first file's first frame by the counter
};
[[nodiscard]] Result<VerifyProgramme> programme_of_files(const NamedFiles& named, double rate_hz);

/// `duration_s` from `from_s` of the row, at kMatchRate_hz (mastering/programme_match.hpp), without slate and tones.
[[nodiscard]] Result<std::vector<float>> stretch_of(const VerifyProgramme& programme, double from_s, double duration_s);

/// The row as it was sent, full scale 1.0. The programme must outlive it.
class VerifySource {
  public:
    /// Throws std::invalid_argument naming the file that can't be opened.
    explicit VerifySource(const VerifyProgramme& programme);
    ~VerifySource();

    [[nodiscard]] std::int64_t position() const noexcept; ///< next frame of the row
    /// On to a frame, never back; reads what lies between.
    [[nodiscard]] Result<void> skip_to(std::int64_t frame);
    /// Up to stereo.size() / 2 interleaved frames; 0 at the end.
    [[nodiscard]] Result<std::size_t> read(std::span<float> stereo);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::mastering
