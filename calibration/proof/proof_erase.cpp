// SPDX-License-Identifier: Apache-2.0
// Erase depth: a tone is recorded, the tape goes back, silence is recorded over it, and what is left is read at the
// same places.
#include "base/figure.hpp"
#include "calibration/proof/proof_job_impl.hpp"
#include "dsp/analysis/erase_depth.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr double kErase_hz = 1000.0;
/// Recording begins again so long before the tone: the deck starts, and its erase head lies behind.
constexpr double kRunUp_s = 5.0;
/// What was recorded by this job begins so long before that: no locator is exact.
constexpr double kOwn_s = 1.5;
/// Of the tone on both sides of what is read, for a counter that has slipped since.
constexpr double kMargin_s = 0.5;
constexpr double kInRecord_s = 1.0; ///< so long before the tone record must be on

} // namespace

Task<void> ProofJob::erase() {
    const std::string id = "proof.erase";
    if (has_both(id)) {
        co_return;
    }
    if (context_.transport.state().position_knowledge != transport::PositionKnowledge::Known) {
        not_measured(id, "the counter is not known, so the tone could not be found again; set it to zero first");
        co_return;
    }
    begin_part("erase depth", id);
    co_await be_recording();
    say("recording a tone");
    co_await play_silence();
    co_await tick_until_place(*own_from_m_ + metres(kRunUp_s + kOwn_s));
    const double sent_db = fitting(setup_.erase_level_db);
    co_await play(dsp::sine_signal(kErase_hz, play_dbfs(sent_db)), audio::OscillatorChannels::Both);
    co_await tick_until(context_.timeline.now() + deck_seconds(kMargin_s));
    const double from_m = place_m();
    TapeStretch with_tone = co_await take_stretch(setup_.erase_s);
    const auto before = std::make_shared<const TapeStretch>(std::move(with_tone));
    co_await tick_until(back_at(context_.timeline.now()) + deck_seconds(kMargin_s));
    co_await stop_on_tape();

    say("back to the tone");
    co_await wind_to(from_m - metres(kRunUp_s));
    if (place_m() < *own_from_m_) {
        refuse("erase depth: the tape stands at " + figure(place_m(), 2) + " m, before " + figure(*own_from_m_, 2) +
               " m, from where on this proof has recorded it; nothing was recorded there; check the counter");
    }
    co_await be_recording();
    say("erasing the tone");
    if (place_m() > from_m - metres(kInRecord_s)) {
        not_measured(id, "the deck was in record too late: at " + figure(place_m(), 2) + " m, and the tone begins at " +
                             figure(from_m, 2) + " m");
        co_return;
    }
    co_await tick_until_place(from_m);
    TapeStretch without_tone = co_await take_stretch(setup_.erase_s);
    const auto after = std::make_shared<const TapeStretch>(std::move(without_tone));
    const bool beside = place_m() > from_m + metres(setup_.erase_s + kMargin_s);
    co_await stop_on_tape(); // before the end of what was recorded
    if (beside) {            // and read again from later on
        not_measured(id, "frames from the sound card were lost while the erased tone was read; check its cable and "
                         "buffers");
        co_return;
    }

    if (overloaded(*before)) {
        not_measured(id, "the capture converter is overloaded by the tone of " + figure(sent_db, 1) +
                             " dB re operating level; set the level chart of the installation");
        co_return;
    }
    using Both = std::array<Result<dsp::EraseDepth>, kTracks>;
    std::function<Both()> work = [before, after]() -> Both {
        const auto of = [&](std::size_t track) {
            return tried([&] {
                return dsp::measure_erase_depth(before->channels[track], after->channels[track], before->rate_hz,
                                                kErase_hz);
            });
        };
        return {of(0), of(1)};
    };
    const Both found = co_await calculated(std::move(work));
    for (std::size_t track = 0; track < kTracks; ++track) {
        const int channel = static_cast<int>(track) + 1;
        if (!found[track]) {
            not_measured(id, "track " + std::to_string(channel) + ": " + found[track].error().message);
            continue;
        }
        must_come_back(track, re_operating(found[track]->before_dbfs), sent_db);
        Reading reading;
        reading.id = id;
        reading.channel = channel;
        reading.value = found[track]->depth_db;
        reading.averaging_s = setup_.erase_s;
        reading.limit = proof_limit(setup_.limits.erase_depth_db, tape::Bound::AtLeast, "dB");
        reading.better_than = found[track]->better_than;
        store(std::move(reading));
    }
    keep();
}

} // namespace overbias::calibration
