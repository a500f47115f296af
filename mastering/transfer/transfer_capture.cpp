// SPDX-License-Identifier: Apache-2.0
// From the tap into the file.
#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "mastering/transfer/transfer_recorder_impl.hpp"

#include <algorithm>

namespace overbias::mastering {

namespace {

constexpr auto kValidEvery = std::chrono::milliseconds(750); ///< with what the disk takes, within a second
constexpr auto kLastPatience = std::chrono::seconds(2);      ///< for frames up to the end, when the card gives none
constexpr double kClipsEvery_s = 1.0;                        ///< of tape, at most, in the log
constexpr std::int64_t kMostTold = 500;                      ///< suspected drop-outs in the log

} // namespace

bool TransferRecorder::Impl::turn() {
    bool over = false;
    {
        const std::lock_guard lock(mutex);
        if (live.phase == Phase::Done) {
            return false;
        }
        over = ending != TransferEnding::Running && !begin_frame;
    }
    if (over) { // before a frame was wanted
        finish();
        return true;
    }
    return capture();
}

/// One piece of what waits; true when there was any, or the end has come.
bool TransferRecorder::Impl::capture() {
    const auto now = std::chrono::steady_clock::now();
    const audio::FrameTap::Block block = tap.read(samples);
    const auto block_end = block.first_frame + static_cast<std::int64_t>(block.frames);
    std::optional<std::int64_t> begin, end;
    bool ended = false;
    {
        const std::lock_guard lock(mutex);
        begin = begin_frame;
        end = end_frame;
        ended = ending != TransferEnding::Running;
    }
    if (block.frames > 0) {
        heard_at = now;
        read_to.store(block_end, std::memory_order_release);
        if (next_frame >= 0 && block.first_frame < next_frame) {
            card_began_anew();
        } else if (!begin || block_end <= *begin) {
            dropped_before = tap.dropped_frames(); // what was lost before it began concerns nobody
        } else if (disk_trouble.empty()) {
            const std::int64_t from = std::max(block.first_frame, *begin);
            const std::int64_t to = std::min(block_end, end.value_or(block_end));
            if (from < to) {
                take(from, std::span<const std::int32_t>(samples).subspan(
                               static_cast<std::size_t>(2 * (from - block.first_frame)),
                               static_cast<std::size_t>(2 * (to - from))));
            }
            watch();
        }
    }
    keep_valid();
    if (block.frames > 0) {
        publish(begin && file_frames > 0 ? Phase::Capturing : Phase::Waiting);
    }
    {
        const std::lock_guard lock(mutex);
        end = end_frame;
        ended = ending != TransferEnding::Running;
    }
    const bool all_there = end && next_frame >= *end;
    const bool no_more = block.frames == 0 && (!end || now - heard_at > kLastPatience);
    if (ended && (all_there || no_more || !disk_trouble.empty())) {
        finish();
        return true;
    }
    return block.frames > 0;
}

void TransferRecorder::Impl::take(std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
    if (next_frame < 0) {
        const std::lock_guard lock(mutex);
        next_frame = *begin_frame;
    }
    if (first_frame > next_frame) {
        fill(first_frame - next_frame);
    }
    put(interleaved, true);
    next_frame = first_frame + static_cast<std::int64_t>(interleaved.size() / 2);
}

/// It went and came back: its frames count from 0 again.
void TransferRecorder::Impl::card_began_anew() {
    const std::lock_guard lock(mutex);
    if (ending == TransferEnding::Running) {
        ending = TransferEnding::Fault;
        ending_words = "the sound card began anew in the middle of it; transfer the rest to another file";
    }
    end_frame = next_frame; // nothing of what comes now belongs to it
}

/// Silence for frames that are lost, so that every place in the file stays what it is.
void TransferRecorder::Impl::fill(std::int64_t frames) {
    const std::uint64_t dropped = tap.dropped_frames();
    lost.push_back({file_frames, frames, dropped > dropped_before});
    dropped_before = dropped;
    happened("frames_lost",
             {{"length_ms", figure(1000.0 * static_cast<double>(frames) / rate_hz, 2)},
              {"cause", lost.back().ring_full ? "disk_too_slow" : "card"}},
             file_frames);
    const std::vector<std::int32_t> silence(2 * kPieceFrames);
    for (std::int64_t left = frames; left > 0;) {
        const auto piece = std::min<std::int64_t>(left, kPieceFrames);
        put(std::span(silence).first(static_cast<std::size_t>(2 * piece)), false);
        left -= piece;
    }
}

void TransferRecorder::Impl::put(std::span<const std::int32_t> interleaved, bool real) {
    if (!disk_trouble.empty()) {
        return;
    }
    bool plays = false;
    {
        const std::lock_guard lock(mutex);
        plays = plays_since && *begin_frame + file_frames >= *plays_since;
        if (!begin_told) {
            begin_told = true;
            const auto start = transfer_extension(request, identity, rate_hz, began_utc_ns);
            writer.begins(start.date, start.time, start.time_reference);
        }
    }
    if (const auto written = writer.write(interleaved); !written) {
        disk_failed(written.error().message);
    }
    std::transform(interleaved.begin(), interleaved.end(), floats.begin(),
                   [](std::int32_t sample) { return static_cast<float>(sample / 2147483648.0); });
    const std::int64_t in_file = writer.frames() - file_frames;
    monitor.push(std::span<const float>(floats).first(static_cast<std::size_t>(2 * in_file)), real && plays);
    file_frames = writer.frames();
}

void TransferRecorder::Impl::keep_valid() {
    const auto now = std::chrono::steady_clock::now();
    if (file_frames == 0 || !disk_trouble.empty() || now - kept_valid_at < kValidEvery) {
        return;
    }
    kept_valid_at = now;
    if (const auto kept = writer.keep_valid(); !kept) {
        disk_failed(kept.error().message);
    }
}

void TransferRecorder::Impl::disk_failed(const std::string& what) {
    disk_trouble = what;
    happened("disk", {{"what", what}}, file_frames);
}

/// What there is to tell at once.
void TransferRecorder::Impl::watch() {
    const MonitorFigures figures = monitor.figures();
    const std::uint64_t clips = figures.clips[0] + figures.clips[1];
    const auto since_told = static_cast<double>(file_frames - clips_told_at) / rate_hz;
    if (clips > clips_told && (clips_told == 0 || since_told >= kClipsEvery_s)) {
        happened("clipped", {{"count", std::to_string(clips)}}, file_frames);
        clips_told = clips;
        clips_told_at = file_frames;
    }
    for (const auto& holes = monitor.holes(); holes_told < holes.size() && holes_told < kMostTold; ++holes_told) {
        const SuspectedHole& hole = holes[holes_told];
        happened("dropout_suspected",
                 {{"channel", hole.channel == SuspectedHole::Channel::Both   ? "both"
                              : hole.channel == SuspectedHole::Channel::Left ? "left"
                                                                             : "right"},
                  {"length_ms", figure(hole.length_ms, 0)},
                  {"depth_db", figure(hole.depth_db, 1)}},
                 hole.first_frame);
    }
    const double silent_s = monitor.gaps().silent_s();
    if (in_gap != (silent_s >= request.gaps.least_s)) {
        in_gap = !in_gap;
        const auto ago = static_cast<std::int64_t>(silent_s * rate_hz);
        happened(in_gap ? "gap" : "programme", {{"what", in_gap ? "the programme ended here" : "programme again"}},
                 file_frames - ago);
    }
}

void TransferRecorder::Impl::publish(Phase phase) {
    const MonitorFigures figures = monitor.figures();
    const std::lock_guard lock(mutex);
    live.phase = phase;
    live.captured_s = static_cast<double>(file_frames) / rate_hz;
    audio::BroadcastWaveFormat format;
    format.samples = request.samples;
    live.bytes = audio::BroadcastWaveWriter::kHeaderBytes +
                 static_cast<std::uint64_t>(file_frames) * static_cast<std::uint64_t>(format.frame_bytes());
    live.lost_frames = 0;
    for (const LostStretch& one : lost) {
        live.lost_frames += one.frames;
    }
    live.disk_trouble = disk_trouble;
    live.figures = figures;
    live.silent_s = monitor.gaps().silent_s();
}

void TransferRecorder::Impl::happened(std::string kind, std::map<std::string, std::string> detail,
                                      std::int64_t file_frame) {
    detail["at_s"] = figure(static_cast<double>(file_frame) / rate_hz, 3);
    const std::lock_guard lock(mutex);
    happenings.push_back({std::move(kind), std::move(detail), file_frame, counter_at(anchors, file_frame)});
}

} // namespace overbias::mastering
