// SPDX-License-Identifier: Apache-2.0
#include "mastering/transfer/transfer_recorder.hpp"

#include "base/host_time.hpp"
#include "mastering/transfer/transfer_recorder_impl.hpp"

#include <algorithm>
#include <cmath>
#include <system_error>

namespace overbias::mastering {

namespace fs = std::filesystem;

const char* word(TransferEnding ending) noexcept {
    switch (ending) {
    case TransferEnding::Running:
        return "running";
    case TransferEnding::Place:
        return "place";
    case TransferEnding::Length:
        return "length";
    case TransferEnding::Silence:
        return "silence";
    case TransferEnding::TapeOut:
        return "tape_out";
    case TransferEnding::Stopped:
        return "stopped";
    case TransferEnding::Fault:
        return "fault";
    case TransferEnding::Disk:
        break;
    }
    return "disk";
}

fs::path transfer_report_path(const fs::path& file) {
    return fs::path(file).replace_extension(".json");
}

fs::path transfer_checksum_path(const fs::path& file) {
    fs::path path = file;
    path += ".sha256";
    return path;
}

TransferRecorder::TransferRecorder(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {
}
TransferRecorder::~TransferRecorder() = default;

Result<std::unique_ptr<TransferRecorder>> TransferRecorder::create(audio::FrameTap& tape_return, double rate_hz,
                                                                   const TransferRequest& request,
                                                                   const TransferIdentity& identity) {
    if (request.file.extension() != ".wav" || request.file.stem().empty()) {
        return Error{request.file.string() + ": a transfer is a Broadcast Wave file; give a name that ends in .wav"};
    }
    for (const fs::path& beside : {transfer_report_path(request.file), transfer_checksum_path(request.file)}) {
        std::error_code error;
        if (fs::exists(fs::symlink_status(beside, error))) {
            return Error{beside.string() + ": is there already and is never written over; it would stand beside " +
                         request.file.filename().string() + ", name another file"};
        }
    }
    audio::BroadcastWaveFormat format{.sample_rate_hz = static_cast<int>(std::lround(rate_hz))};
    format.samples = request.samples;
    auto writer = audio::BroadcastWaveWriter::create(request.file, format,
                                                     transfer_extension(request, identity, rate_hz, host_now().utc_ns));
    if (!writer) {
        return writer.error();
    }
    return std::unique_ptr<TransferRecorder>(new TransferRecorder(
        std::make_unique<Impl>(tape_return, rate_hz, request, identity, std::move(writer).value())));
}

void TransferRecorder::begin(std::int64_t capture_frame) {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->begin_frame) {
        impl_->begin_frame = capture_frame;
        impl_->began_utc_ns = host_now().utc_ns;
    }
}

void TransferRecorder::plays_since(std::int64_t capture_frame) {
    const std::lock_guard lock(impl_->mutex);
    impl_->plays_since = impl_->plays_since.value_or(capture_frame);
}

void TransferRecorder::anchor(std::int64_t capture_frame, double counter_m, std::optional<double> speed_m_s) {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->begin_frame) {
        impl_->anchors.push_back({capture_frame - *impl_->begin_frame, counter_m, speed_m_s});
    }
}

void TransferRecorder::concern(const transport::Concern& concern, std::int64_t capture_frame, double counter_m) {
    const std::lock_guard lock(impl_->mutex);
    impl_->concerns.push_back({concern, capture_frame - impl_->begin_frame.value_or(capture_frame), counter_m});
}

void TransferRecorder::stop_at(std::int64_t capture_frame) {
    const std::lock_guard lock(impl_->mutex);
    impl_->end_frame = std::min(impl_->end_frame.value_or(capture_frame), capture_frame);
}

void TransferRecorder::end(std::optional<std::int64_t> capture_frame, TransferEnding ending, const std::string& words) {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->ending == TransferEnding::Running) {
        impl_->ending = ending;
        impl_->ending_words = words;
        if (capture_frame) {
            impl_->end_frame = std::min(impl_->end_frame.value_or(*capture_frame), *capture_frame);
        }
    }
}

TransferLive TransferRecorder::live() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->live;
}

std::vector<TransferHappening> TransferRecorder::take_happenings() {
    const std::lock_guard lock(impl_->mutex);
    return std::exchange(impl_->happenings, {});
}

bool TransferRecorder::done() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->live.phase == TransferLive::Phase::Done;
}

TransferResult TransferRecorder::result() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->result;
}

const fs::path& TransferRecorder::file() const noexcept {
    return impl_->request.file;
}

std::int64_t TransferRecorder::read_to() const noexcept {
    return impl_->read_to.load(std::memory_order_acquire);
}

bool TransferRecorder::turn() {
    return impl_->turn();
}

} // namespace overbias::mastering
