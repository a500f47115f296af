// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/verify_files.hpp"

#include "audio/float_file.hpp"
#include "base/uuid.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <utility>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr std::size_t kPiece = 4800; ///< frames
constexpr double kUsualOperating_dbfs = -14.0;
constexpr double kNotJudged_db = 200.0;
constexpr double kAfterEnd_s = 0.3;   ///< silence after a capture that ends with the programme: it is judged to its end
constexpr double kAnyHeads_m = 0.035; ///< a replay says nothing of the head distance

} // namespace

Result<VerifyOutcome> verify_files(const FilesToVerify& what,
                                   const std::function<bool(double done_s, double of_s)>& progress) {
    auto tape = audio::FloatFile::open(what.tape);
    if (!tape) {
        return tape.error();
    }
    if (tape->channels() != 2) {
        return Error{"verify: '" + what.tape.string() + "' has " + std::to_string(tape->channels()) +
                     " channels; expected the two of a tape return"};
    }
    const double rate_hz = tape->sample_rate_hz();
    auto programme = what.print ? programme_of_print(what.print->report, what.side, rate_hz)
                                : programme_of_files({what.files, what.gap_s, what.trim_db, std::nullopt}, rate_hz);
    if (!programme) {
        return programme.error();
    }
    ComparisonConfig config;
    config.mode = ComparisonMode::Replay;
    config.sample_rate_hz = rate_hz;
    config.tape_speed_ips = programme->speed_ips > 0.0 ? programme->speed_ips : what.speed_ips;
    config.record_to_reproduce_m = kAnyHeads_m;
    config.limits = what.limits;
    if (!(programme->play_dbfs_at_operating_level < 0.0)) {
        programme->play_dbfs_at_operating_level = what.operating_dbfs.value_or(kUsualOperating_dbfs);
    }
    config.play_dbfs_at_operating_level = programme->play_dbfs_at_operating_level;
    config.capture_dbfs_at_operating_level = what.operating_dbfs.value_or(config.play_dbfs_at_operating_level);
    if (!what.operating_dbfs) {
        config.limits.level_difference_db = kNotJudged_db;
    }
    try {
        Replay replay(*programme, config, {});
        std::vector<float> piece(2 * kPiece);
        const double whole_s = static_cast<double>(tape->frames()) / rate_hz;
        std::int64_t at = 0;
        for (;;) {
            const auto got = tape->read(piece);
            if (!got) {
                return got.error();
            }
            if (*got == 0 || replay.status().phase == ReplayStatus::Phase::Done) {
                break;
            }
            if (const auto taken = replay.push_return(at, std::span(piece).first(2 * *got)); !taken) {
                return taken.error();
            }
            at += static_cast<std::int64_t>(*got);
            if (progress && !progress(static_cast<double>(at) / rate_hz, whole_s)) {
                return Error{"verify: interrupted"};
            }
        }
        std::fill(piece.begin(), piece.end(), 0.0F);
        for (double after_s = 0.0; after_s < kAfterEnd_s; after_s += static_cast<double>(kPiece) / rate_hz) {
            if (const auto taken = replay.push_return(at, piece); !taken) {
                return taken.error();
            }
            at += static_cast<std::int64_t>(kPiece);
        }
        const auto result = replay.finish();
        if (!result) {
            return result.error();
        }
        PrintIdentity identity;
        identity.session_uuid = new_uuid();
        identity.reel_uuid = programme->reel_uuid;
        return make_verify_report({.programme = *programme,
                                   .comparison = config,
                                   .result = *result,
                                   .identity = std::move(identity),
                                   .tape = what.tape.string(),
                                   .against = what.print});
    } catch (const std::exception& failure) { // a file that can't be opened as programme
        return Error{failure.what()};
    }
}

} // namespace overbias::mastering
