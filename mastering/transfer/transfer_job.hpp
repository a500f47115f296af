// SPDX-License-Identifier: Apache-2.0
// The transfer job: record-safe, REPRO, locate, play, capture to its end, stop, and the library wind when asked. It
// never records. Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "mastering/transfer/transfer_recorder.hpp"
#include "transport/job.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <memory>

namespace overbias::mastering {

struct TransferContext {
    Timeline& timeline;
    transport::Transport& transport;
    audio::BlockEngine& engine;
    double return_rate_hz; ///< of the file
    std::shared_ptr<TransferRecorder> recorder;
    /// Called at every step. Where deck time runs faster than the recorder's thread it may wait for that; else it is
    /// empty.
    std::function<void()> keep_up = {};
};

/// A job that is destroyed stops the recorder there; whoever destroyed it tells the recorder to end, and why, as soon
/// as the machine has come to rest.
[[nodiscard]] std::unique_ptr<transport::Job> make_transfer_job(TransferContext context, TransferRequest request);

} // namespace overbias::mastering
