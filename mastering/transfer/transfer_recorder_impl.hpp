// SPDX-License-Identifier: Apache-2.0
// TransferRecorder's inside. Parts: transfer_recorder.cpp (what the timeline's thread asks), transfer_capture.cpp
// (from the tap into the file), transfer_finish.cpp (its end). Private to mastering/transfer/.
#pragma once

#include "mastering/transfer/transfer_record.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <utility>

namespace overbias::mastering {

struct TransferRecorder::Impl {
    using Phase = TransferLive::Phase;
    static constexpr std::size_t kPieceFrames = 4800;

    Impl(audio::FrameTap& tap_used, double rate_used, const TransferRequest& request_used,
         const TransferIdentity& identity_used, audio::BroadcastWaveWriter writer_used)
        : tap(tap_used), rate_hz(rate_used), request(request_used), identity(identity_used),
          writer(std::move(writer_used)), monitor(rate_used, request_used.gaps), samples(kPieceFrames * 2),
          floats(kPieceFrames * 2) {}

    // transfer_capture.cpp, recorder's thread
    bool turn();
    bool capture();
    void take(std::int64_t first_frame, std::span<const std::int32_t> interleaved);
    void card_began_anew();
    void fill(std::int64_t frames);
    void put(std::span<const std::int32_t> interleaved, bool real);
    void keep_valid();
    void disk_failed(const std::string& what);
    void watch();
    void publish(Phase phase);
    void happened(std::string kind, std::map<std::string, std::string> detail, std::int64_t file_frame);
    // transfer_finish.cpp, recorder's thread
    void finish();
    [[nodiscard]] TransferRecord record_of();
    void conclude(TransferResult told);

    audio::FrameTap& tap;
    const double rate_hz;
    const TransferRequest request;
    const TransferIdentity identity;

    // --- recorder's thread
    audio::BroadcastWaveWriter writer;
    TransferMonitor monitor;
    std::vector<std::int32_t> samples;
    std::vector<float> floats;
    std::int64_t next_frame = -1; ///< capture frame that comes next; -1: none has come
    std::int64_t file_frames = 0;
    std::uint64_t dropped_before = 0; ///< by the tap, when last looked at
    std::vector<LostStretch> lost;
    std::string disk_trouble;
    std::chrono::steady_clock::time_point kept_valid_at{}, heard_at{};
    bool dropped_old = false; ///< what waited in the tap from before is gone
    bool in_gap = false;
    std::uint64_t holes_told = 0, clips_told = 0;
    std::int64_t clips_told_at = 0;

    // --- both
    std::atomic<std::int64_t> read_to{0};
    mutable std::mutex mutex; ///< of all below
    std::optional<std::int64_t> begin_frame, plays_since, end_frame;
    std::int64_t began_utc_ns = 0;
    bool begin_told = false; ///< to the file
    TransferEnding ending = TransferEnding::Running;
    std::string ending_words;
    std::vector<CounterAnchor> anchors;
    std::vector<PlacedConcern> concerns;
    TransferLive live;
    std::vector<TransferHappening> happenings;
    TransferResult result;
};

} // namespace overbias::mastering
