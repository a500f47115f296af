// SPDX-License-Identifier: Apache-2.0
// A transfer's end: marks and metadata into the file, the file read back, the verdict, the files beside it.
#include "mastering/transfer/transfer_recorder_impl.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace overbias::mastering {

namespace {

std::string label_of(std::size_t index) {
    const std::string number = std::to_string(index + 1);
    return number.size() < 2 ? "0" + number : number;
}

constexpr int kOwnerWritesAllRead = 0644;

} // namespace

Result<void> write_new_file(const std::filesystem::path& path, const std::string& text) {
    const auto fault = [&path](const std::string& what) {
        const int error = errno;
        return Error{path.string() + ": " + what + " (" + std::error_code(error, std::generic_category()).message() +
                     "); check the folder and the space on the disk"};
    };
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerWritesAllRead);
    if (file < 0) {
        return fault("can't be written");
    }
    std::size_t done = 0;
    while (done < text.size()) {
        const ::ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            break;
        }
        done += static_cast<std::size_t>(wrote);
    }
    if (done < text.size() || ::fsync(file) != 0) {
        const Error error = fault("can't be written to its end");
        ::close(file);
        ::unlink(path.c_str()); // half a report would be taken for a whole one
        return error;
    }
    return ::close(file) == 0 ? Result<void>{} : Result<void>(fault("can't be written to its end"));
}

TransferRecord TransferRecorder::Impl::record_of() {
    TransferRecord record;
    record.request = request;
    record.identity = identity;
    record.rate_hz = rate_hz;
    record.frames = file_frames;
    record.rounded = writer.rounded();
    record.disk_trouble = disk_trouble;
    record.lost = lost;
    record.whole = monitor.figures();
    record.azimuth = monitor.azimuth();
    record.whole_azimuth = monitor.whole_azimuth();
    record.holes = monitor.holes();
    record.hole_count = monitor.hole_count();
    for (const ProgrammePlace& place : monitor.gaps().tracks()) {
        record.tracks.push_back({place, label_of(record.tracks.size()), {}});
    }
    const std::lock_guard lock(mutex);
    record.began_utc_ns = began_utc_ns;
    record.ending = disk_trouble.empty() ? ending : TransferEnding::Disk;
    record.ending_words = ending_words;
    record.anchors = anchors;
    record.concerns = concerns;
    return record;
}

void TransferRecorder::Impl::finish() {
    publish(Phase::Checking);
    if (writer.discard_if_empty()) {
        TransferResult nothing;
        const std::lock_guard lock(mutex);
        nothing.reason = word(ending);
        nothing.words =
            "nothing was captured, so there is no file" + (ending_words.empty() ? std::string() : "; " + ending_words);
        live.phase = Phase::Done;
        result = std::move(nothing);
        return;
    }
    TransferRecord record = record_of();
    const MonitorFigures& whole = record.whole;
    const auto finished = writer.finish({whole.integrated_lufs, whole.range_lu,
                                         std::max(whole.true_peak_dbtp[0], whole.true_peak_dbtp[1]),
                                         whole.momentary_max_lufs, whole.short_term_max_lufs},
                                        transfer_ixml(record), transfer_marks(record));
    if (!finished && record.disk_trouble.empty()) {
        record.disk_trouble = finished.error().message;
        record.ending = TransferEnding::Disk;
    }
    record.written_sha256 = writer.audio_sha256();
    audio::BroadcastWaveFormat format{.sample_rate_hz = static_cast<int>(std::lround(rate_hz))};
    format.samples = request.samples;
    record.read_back = read_back(request.file, format, record.frames, record.tracks, [this](double share) {
        const std::lock_guard lock(mutex);
        live.checked = share;
    });
    conclude(judge_transfer(record));
}

void TransferRecorder::Impl::conclude(TransferResult told) {
    const auto fails = [&told](const std::string& what) {
        told.pass = false;
        told.reason = "disk";
        told.words += "; " + what;
    };
    const auto report_path = transfer_report_path(request.file);
    if (const auto written = write_new_file(report_path, told.report); written) {
        told.report_path = report_path.string();
    } else {
        fails(written.error().message);
    }
    const auto checksum_path = transfer_checksum_path(request.file);
    if (const auto written =
            write_new_file(checksum_path, told.file_sha256 + "  " + request.file.filename().string() + "\n");
        written) {
        told.checksum_path = checksum_path.string();
    } else {
        fails(written.error().message);
    }
    const std::lock_guard lock(mutex);
    result = std::move(told);
    live.phase = Phase::Done;
}

} // namespace overbias::mastering
