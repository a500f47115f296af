// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/meter_frame.hpp"

#include <algorithm>
#include <bit>

namespace overbias::web_ui {

namespace {

constexpr std::array kHighestPairs{&SourceMeters::vu, &SourceMeters::ppm_type_i_db, &SourceMeters::ppm_type_ii_db,
                                   &SourceMeters::true_peak_dbtp, &SourceMeters::sample_peak_dbfs};

void absorb(SourceMeters& earlier, const SourceMeters& later) noexcept {
    SourceMeters both = later;
    for (const auto pair : kHighestPairs) {
        for (std::size_t side = 0; side < 2; ++side) {
            (both.*pair)[side] = std::max((earlier.*pair)[side], (later.*pair)[side]);
        }
    }
    both.momentary_lufs = std::max(earlier.momentary_lufs, later.momentary_lufs);
    both.short_term_lufs = std::max(earlier.short_term_lufs, later.short_term_lufs);
    both.correlation = std::min(earlier.correlation, later.correlation);
    earlier = both;
}

} // namespace

void absorb(MeterFrame& earlier, const MeterFrame& later) noexcept {
    absorb(earlier.tape, later.tape);
    absorb(earlier.programme, later.programme);
    earlier.capture_time_ns = later.capture_time_ns;
}

std::array<std::uint8_t, kMeterFrameBytes> encode(const MeterFrame& frame, std::uint32_t sequence) noexcept {
    std::array<std::uint8_t, kMeterFrameBytes> bytes{1, 2, 0, 0};
    std::size_t at = 4;
    const auto put = [&](std::uint64_t value, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            bytes[at++] = static_cast<std::uint8_t>(value >> (8 * i));
        }
    };
    const auto put_float = [&](float value) { put(std::bit_cast<std::uint32_t>(value), 4); };
    put(sequence, 4);
    put(frame.capture_time_ns, 8);
    for (const SourceMeters* const source : {&frame.tape, &frame.programme}) {
        for (const auto pair : kHighestPairs) {
            put_float((source->*pair)[0]);
            put_float((source->*pair)[1]);
        }
        put_float(source->momentary_lufs);
        put_float(source->short_term_lufs);
        put_float(source->correlation);
        put(source->clips[0], 4);
        put(source->clips[1], 4);
        put_float(source->integrated_lufs);
        put_float(source->range_lu);
        put_float(source->measured_s);
    }
    return bytes;
}

} // namespace overbias::web_ui
