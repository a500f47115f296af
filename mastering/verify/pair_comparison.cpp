// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/pair_comparison.hpp"

#include "base/units.hpp"
#include "mastering/verify/frame_store.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace overbias::mastering {
namespace {

constexpr double kBlock_s = 0.05;
constexpr double kOpens_dbfs = -50.0, kCloses_dbfs = -56.0;
constexpr double kCloses_s = 2.5;
constexpr double kPiece_s = 60.0;
constexpr double kBefore_s = 0.1, kAfter_s = 0.5; ///< of silence that belong to the programme
constexpr double kHold_s = 4.0;                   ///< of silence, until it is known whether programme follows
constexpr double kNoise_s = 2.5, kNoiseAfter_s = 1.0, kLeastNoise_s = 1.2;
constexpr double kSettle_s = 1.0; ///< after record began: the tape that was recorded must reach the reproduce head
constexpr std::size_t kChunk = 4800;

ComparisonConfig live_of(ComparisonConfig config) {
    config.mode = ComparisonMode::Live;
    config.earlier.reset();
    config.round_trip_s = 0.0; // both pairs come in by the same converters
    return config;
}

} // namespace

struct PairComparison::Impl {
    explicit Impl(const ComparisonConfig& config)
        : rate_hz(config.sample_rate_hz), block(std::llround(kBlock_s * config.sample_rate_hz)),
          comparison(live_of(config)) {}

    [[nodiscard]] std::int64_t frames(double seconds_of) const { return std::llround(seconds_of * rate_hz); }

    void look_at_blocks() {
        while (next + block <= source.end()) {
            std::vector<float> samples(static_cast<std::size_t>(2 * block));
            source.copy(next, samples);
            std::array<double, 2> power{};
            for (std::size_t n = 0; n < samples.size(); ++n) {
                power[n % 2] += static_cast<double>(samples[n]) * static_cast<double>(samples[n]);
            }
            const double loudest = std::max(power[0], power[1]) / static_cast<double>(block);
            next += block;
            if (open) {
                if (loudest > power_from_db(kCloses_dbfs)) {
                    last_loud = next;
                }
                if (next - last_loud >= frames(kCloses_s)) {
                    close_piece(std::min(last_loud + frames(kAfter_s), next));
                    open = false;
                    silent_from = last_loud;
                } else if (next - piece_from >= frames(kPiece_s)) {
                    close_piece(next);
                }
            } else if (loudest > power_from_db(kOpens_dbfs)) {
                begin_programme(next - block);
            }
        }
        give(open ? piece_from : next - frames(kHold_s));
    }

    void begin_programme(std::int64_t at) {
        piece_from = std::max(at - frames(kBefore_s), given);
        // Silence on a tape that records, once what was recorded silent has reached the reproduce head.
        std::int64_t quiet = std::max({silent_from + frames(kNoiseAfter_s), piece_from - frames(kNoise_s), given});
        if (record_from >= 0) {
            quiet = std::max(quiet, record_from + frames(kSettle_s));
            if (piece_from - quiet >= frames(kLeastNoise_s)) {
                comparison.add_section(SectionKind::Gap, "silence", quiet, piece_from - quiet);
            }
        }
        open = true;
        last_loud = at + block;
        programme_from = piece_from;
        ++programmes;
    }

    void close_piece(std::int64_t end) {
        if (end <= piece_from) {
            return;
        }
        const double from_s = static_cast<double>(piece_from - programme_from) / rate_hz;
        comparison.add_section(SectionKind::Track, "programme " + std::to_string(programmes), piece_from,
                               end - piece_from);
        pieces.push_back({programmes - 1, static_cast<double>(piece_from - begins) / rate_hz, from_s,
                          static_cast<double>(end - piece_from) / rate_hz});
        piece_from = end;
        give(end);
    }

    /// Both streams to the comparison, side by side, as far as a frame.
    void give(std::int64_t to) {
        to = std::min({to, source.end(), came.end()});
        while (given < to) {
            const auto count = std::min<std::int64_t>(static_cast<std::int64_t>(kChunk), to - given);
            std::vector<float> piece(static_cast<std::size_t>(2 * count));
            source.copy(given, piece);
            comparison.push_reference(given, piece);
            came.copy(given, piece);
            comparison.push_return(given, piece);
            given += count;
        }
        source.forget_before(given);
        came.forget_before(given);
    }

    double rate_hz;
    std::int64_t block;
    OffTapeComparison comparison;
    FrameStore source, came;
    bool any = false, any_return = false, open = false;
    std::int64_t begins = 0, next = 0, given = 0, silent_from = 0, last_loud = 0, piece_from = 0, programme_from = 0;
    std::int64_t record_from = -1;
    std::size_t programmes = 0;
    std::vector<PairPiece> pieces;
};

PairComparison::PairComparison(ComparisonConfig config) : impl_(std::make_unique<Impl>(config)) {
}

PairComparison::~PairComparison() = default;

void PairComparison::set_clock(ClockPoint capture) {
    impl_->comparison.set_clocks(capture, capture);
}

void PairComparison::push_return(std::int64_t first_frame, std::span<const float> stereo) {
    Impl& self = *impl_;
    if (!self.any_return) {
        self.any_return = true;
        self.came.begin(first_frame);
    }
    if (first_frame > self.came.end()) {
        self.comparison.mark_not_proven(self.came.end(), first_frame - self.came.end(), "frames were lost on capture");
    }
    self.came.push(first_frame, stereo);
}

void PairComparison::push_source(std::int64_t first_frame, std::span<const float> stereo) {
    Impl& self = *impl_;
    if (!self.any) {
        self.any = true;
        self.source.begin(first_frame);
        self.begins = self.next = self.given = self.silent_from = first_frame;
    }
    if (first_frame > self.source.end()) {
        self.comparison.mark_not_proven(self.source.end(), first_frame - self.source.end(),
                                        "frames were lost on capture");
    }
    self.source.push(first_frame, stereo);
    self.look_at_blocks();
}

void PairComparison::recording_from(std::int64_t frame) {
    impl_->record_from = frame;
}

PairStatus PairComparison::status() const {
    const Impl& self = *impl_;
    PairStatus out;
    out.heard_s = static_cast<double>(self.next - self.begins) / self.rate_hz;
    out.programme = self.open;
    out.since_s = static_cast<double>(self.next - (self.open ? self.programme_from : self.silent_from)) / self.rate_hz;
    out.programmes = self.programmes;
    out.live = self.comparison.live();
    return out;
}

PairResult PairComparison::finish() {
    Impl& self = *impl_;
    if (self.open) {
        self.close_piece(std::min(self.last_loud + self.frames(kAfter_s), self.next));
    }
    self.give(std::max(self.source.end(), self.came.end()));
    PairResult out;
    out.comparison = self.comparison.finish();
    out.pieces = self.pieces;
    return out;
}

} // namespace overbias::mastering
