// SPDX-License-Identifier: Apache-2.0
// TransferRecorder: between a tap of the tape return and the file: writes every frame, fills what was lost with silence
// of the same length and counts it, keeps the header valid once a second of host time, listens to all of it
// (transfer_monitor.hpp), and at the end reads the file back: its checksum, the samples' checksum against what was
// handed to the disk, and the loudness of each track. Then it writes OUT.json and OUT.wav.sha256 beside the file.
//
// Threads: turn() on one thread of the wiring's (in tests: anywhere); everything else on the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "mastering/transfer/transfer_monitor.hpp"
#include "mastering/transfer/transfer_request.hpp"
#include "transport/concern.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// Why nothing more is captured.
enum class TransferEnding {
    Running,
    Place,   ///< to_m and the post-roll are in the file
    Length,  ///< likewise the length
    Silence, ///< so much of it as asked for
    TapeOut, ///< the tape's end, or a broken tape
    Stopped, ///< by the operator
    Fault,   ///< of the machine, the card, the daemon
    Disk,    ///< the file could not be written further
};
/// "place", "tape_out", ...
[[nodiscard]] const char* word(TransferEnding ending) noexcept;

struct TransferLive {
    enum class Phase { Waiting, Capturing, Checking, Done };
    Phase phase = Phase::Waiting;
    double captured_s = 0.0;
    double checked = 0.0; ///< of the file, 0 ... 1
    std::uint64_t bytes = 0;
    std::int64_t lost_frames = 0;
    std::string disk_trouble; ///< empty: none
    MonitorFigures figures;
    double silent_s = 0.0; ///< since programme was last heard; 0 before any
};

/// For the log and the panel.
struct TransferHappening {
    std::string kind; ///< "gap", "programme", "dropout_suspected", "clipped", "frames_lost", "disk"
    std::map<std::string, std::string> detail;
    std::int64_t file_frame = 0;
    std::optional<double> counter_m;
};

struct TransferResult {
    bool pass = false;
    /// Empty, or the gravest of "disk", "lost_frames", "clipped", "tape_out", "stopped", "fault".
    std::string reason;
    std::string words; ///< for the operator: how long the file is, and what is wrong
    std::int64_t frames = 0;
    double duration_s = 0.0;
    std::string file_sha256;
    std::string report;                     ///< JSON text, as in the file beside
    std::string report_path, checksum_path; ///< empty: could not be written, words say why
};

/// OUT.json and OUT.wav.sha256.
[[nodiscard]] std::filesystem::path transfer_report_path(const std::filesystem::path& file);
[[nodiscard]] std::filesystem::path transfer_checksum_path(const std::filesystem::path& file);

class TransferRecorder {
  public:
    /// `tape_return` is the recorder's alone (20 s of frames) and must outlive it. Makes the file. The error is one
    /// line for the operator: the file or one beside it is there already, the folder can't be written.
    [[nodiscard]] static Result<std::unique_ptr<TransferRecorder>> create(audio::FrameTap& tape_return, double rate_hz,
                                                                          const TransferRequest& request,
                                                                          const TransferIdentity& identity);
    ~TransferRecorder();
    TransferRecorder(const TransferRecorder&) = delete;
    TransferRecorder& operator=(const TransferRecorder&) = delete;

    // --- timeline's thread; none waits for the disk
    /// From this capture frame on everything belongs into the file. What waits in the tap from before is dropped.
    void begin(std::int64_t capture_frame);
    /// The tape plays at its speed since this capture frame.
    void plays_since(std::int64_t capture_frame);
    /// Where the counter stood when that frame was captured; speed by the tach, if there is one.
    void anchor(std::int64_t capture_frame, double counter_m, std::optional<double> speed_m_s);
    void concern(const transport::Concern& concern, std::int64_t capture_frame, double counter_m);
    /// Nothing from this capture frame on belongs to it, now or to come; the earliest of them counts. Why, end() will
    /// tell: a tape's end may first look like a stop.
    void stop_at(std::int64_t capture_frame);
    /// Nothing from this capture frame on belongs to it (empty: as stop_at() has said, else all that has come); the
    /// file is finished then. The first call counts.
    void end(std::optional<std::int64_t> capture_frame, TransferEnding ending, const std::string& words);
    [[nodiscard]] TransferLive live() const;
    [[nodiscard]] std::vector<TransferHappening> take_happenings();
    /// Everything is written, read back and told.
    [[nodiscard]] bool done() const;
    /// When done().
    [[nodiscard]] TransferResult result() const;
    [[nodiscard]] const std::filesystem::path& file() const noexcept;
    /// Capture frame up to which the tap has been read; any thread.
    [[nodiscard]] std::int64_t read_to() const noexcept;

    // --- recorder's thread
    /// Takes what waits. False: there was nothing to do (call again some milliseconds later).
    bool turn();

    struct Impl;

  private:
    explicit TransferRecorder(std::unique_ptr<Impl> impl) noexcept;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::mastering
