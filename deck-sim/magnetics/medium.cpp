// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/medium.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

namespace overbias::deck_sim::magnetics {

namespace {

constexpr std::int64_t kChunkCells = 65536; // 0.52 m at the default cell
constexpr float kLsbPerFlux = static_cast<float>(32767.0 / kFullScaleFlux);
constexpr float kFluxPerLsb = 1.0F / kLsbPerFlux;

// Nearest 16-bit value; shifted to be positive so that the truncating conversion rounds (it vectorises, lrint does not
// everywhere).
inline std::int16_t rounded(float lsb) noexcept {
    const float inside = std::min(std::max(lsb, -32767.0F), 32767.0F);
    return static_cast<std::int16_t>(static_cast<std::int32_t>(inside + 32768.5F) - 32768);
}

} // namespace

Medium::Medium(MediumConfig config) : config_(std::move(config)), noise_(config_.seed) {
    cells_ = static_cast<std::int64_t>(std::ceil(config_.length_m / config_.cell_m));
    const auto chunks = static_cast<std::size_t>((cells_ + kChunkCells - 1) / kChunkCells);
    mapped_bytes_ = chunks * static_cast<std::size_t>(kChunkCells) * 2 * sizeof(std::int16_t);
    void* place =
        mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) {
        throw std::bad_alloc();
    }
    flux_ = static_cast<std::int16_t*>(place);
    touched_.assign(chunks, 0);
    azimuth_.assign(static_cast<std::size_t>(cells_ / kAzimuthCells) + 1, static_cast<float>(config_.old_azimuth_tan));

    // Erasing and recording each add half of the noise power; each rounds once, which adds 1/12 LSB^2.
    const double total_lsb = config_.noise_flux_rms * static_cast<double>(kLsbPerFlux);
    noise_lsb_ = static_cast<float>(std::sqrt(std::max(total_lsb * total_lsb / 2.0 - 1.0 / 12.0, 0.04)));
    virgin_.resize(static_cast<std::size_t>(kChunkCells) * 2);
    for (std::size_t i = 0; i < virgin_.size(); i += 256) {
        const float* noise = noise_.block(256);
        for (std::size_t j = 0; j < 256; ++j) {
            virgin_[i + j] = rounded(noise[j] * noise_lsb_);
        }
    }
}

Medium::~Medium() {
    munmap(flux_, mapped_bytes_);
}

void Medium::mount(std::function<void(std::int64_t first, std::span<std::int16_t> cells)> old_record,
                   double old_azimuth_tan) {
    config_.old_record = std::move(old_record);
    madvise(flux_, mapped_bytes_, MADV_DONTNEED);
    std::fill(touched_.begin(), touched_.end(), char{0});
    std::fill(azimuth_.begin(), azimuth_.end(), static_cast<float>(old_azimuth_tan));
    written_ = 0;
}

std::size_t Medium::touched_bytes() const noexcept {
    return static_cast<std::size_t>(std::count(touched_.begin(), touched_.end(), 1)) *
           static_cast<std::size_t>(kChunkCells) * 2 * sizeof(std::int16_t);
}

bool Medium::clip(std::int64_t& first, std::size_t& count, std::size_t& skipped) const noexcept {
    const std::int64_t last = std::min(first + static_cast<std::int64_t>(count), cells_);
    const std::int64_t begin = std::max<std::int64_t>(first, 0);
    if (last <= begin) {
        return false;
    }
    skipped = static_cast<std::size_t>(begin - first);
    first = begin;
    count = static_cast<std::size_t>(last - begin);
    return true;
}

// Gives the chunks of [first, last) what they carried from the beginning.
void Medium::touch(std::int64_t first, std::int64_t last) noexcept {
    for (std::int64_t chunk = first / kChunkCells; chunk <= (last - 1) / kChunkCells; ++chunk) {
        char& touched = touched_[static_cast<std::size_t>(chunk)];
        if (touched != 0) {
            continue;
        }
        touched = 1;
        std::int16_t* at = flux_ + chunk * kChunkCells * 2;
        std::copy(virgin_.begin(), virgin_.end(), at);
        if (config_.old_record) {
            config_.old_record(chunk * kChunkCells, {at, static_cast<std::size_t>(kChunkCells) * 2});
        }
    }
}

void Medium::read(std::int64_t first, std::size_t count, float* left, float* right) noexcept {
    std::size_t skipped = 0;
    const std::size_t wanted = count;
    if (!clip(first, count, skipped)) {
        std::fill_n(left, wanted, 0.0F);
        std::fill_n(right, wanted, 0.0F);
        return;
    }
    std::fill_n(left, skipped, 0.0F);
    std::fill_n(right, skipped, 0.0F);
    std::fill(left + skipped + count, left + wanted, 0.0F);
    std::fill(right + skipped + count, right + wanted, 0.0F);
    left += skipped;
    right += skipped;
    while (count > 0) {
        const std::int64_t chunk = first / kChunkCells;
        const std::size_t here = std::min(count, static_cast<std::size_t>((chunk + 1) * kChunkCells - first));
        if (config_.old_record) {
            touch(first, first + 1);
        }
        const std::int16_t* __restrict from = touched_[static_cast<std::size_t>(chunk)] != 0
                                                  ? flux_ + first * 2
                                                  : virgin_.data() + (first - chunk * kChunkCells) * 2;
        float* __restrict to_left = left;
        float* __restrict to_right = right;
        for (std::size_t i = 0; i < here; ++i) {
            to_left[i] = static_cast<float>(from[2 * i]) * kFluxPerLsb;
            to_right[i] = static_cast<float>(from[2 * i + 1]) * kFluxPerLsb;
        }
        first += static_cast<std::int64_t>(here);
        left += here;
        right += here;
        count -= here;
    }
}

void Medium::copy(std::int64_t first, std::span<std::int16_t> cells) noexcept {
    std::fill(cells.begin(), cells.end(), std::int16_t{0});
    std::size_t skipped = 0;
    std::size_t count = cells.size() / 2;
    if (!clip(first, count, skipped)) {
        return;
    }
    std::int16_t* to = cells.data() + 2 * skipped;
    while (count > 0) {
        const std::int64_t chunk = first / kChunkCells;
        const std::size_t here = std::min(count, static_cast<std::size_t>((chunk + 1) * kChunkCells - first));
        if (config_.old_record) {
            touch(first, first + 1);
        }
        const std::int16_t* from = touched_[static_cast<std::size_t>(chunk)] != 0
                                       ? flux_ + first * 2
                                       : virgin_.data() + (first - chunk * kChunkCells) * 2;
        to = std::copy_n(from, 2 * here, to);
        first += static_cast<std::int64_t>(here);
        count -= here;
    }
}

void Medium::erase(std::int64_t first, std::size_t count, std::array<bool, 2> tracks) noexcept {
    std::size_t skipped = 0;
    count = std::min(count, kMostCells);
    if (!clip(first, count, skipped)) {
        return;
    }
    touch(first, first + static_cast<std::int64_t>(count));
    written_ += count;
    const float* __restrict noise_left = noise_.block(count);
    const float* __restrict noise_right = noise_.block(count);
    std::int16_t* __restrict at = flux_ + first * 2;
    const auto keep = static_cast<float>(config_.erase_gain);
    const float noise = noise_lsb_;
    if (!tracks[0] || !tracks[1]) {
        for (std::size_t c = 0; c < 2; ++c) {
            const float* from = c == 0 ? noise_left : noise_right;
            for (std::size_t i = 0; tracks[c] && i < count; ++i) {
                at[2 * i + c] = rounded(static_cast<float>(at[2 * i + c]) * keep + from[i] * noise);
            }
        }
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        at[2 * i] = rounded(static_cast<float>(at[2 * i]) * keep + noise_left[i] * noise);
        at[2 * i + 1] = rounded(static_cast<float>(at[2 * i + 1]) * keep + noise_right[i] * noise);
    }
}

void Medium::record(std::int64_t first, std::size_t count, const float* left, const float* right,
                    const RecordPass& pass) noexcept {
    std::size_t skipped = 0;
    count = std::min(count, kMostCells);
    if (!clip(first, count, skipped)) {
        return;
    }
    const std::int64_t last = first + static_cast<std::int64_t>(count);
    touch(first, last);
    written_ += count;
    for (std::int64_t at = first / kAzimuthCells; at <= (last - 1) / kAzimuthCells; ++at) {
        azimuth_[static_cast<std::size_t>(at)] = pass.azimuth_tan;
    }
    const float* __restrict noise_left = noise_.block(count);
    const float* __restrict noise_right = noise_.block(count);
    const float* __restrict flux_left = left + skipped;
    const float* __restrict flux_right = right + skipped;
    std::int16_t* __restrict at = flux_ + first * 2;
    const float keep = pass.keep;
    const std::array<float, 2> noise{noise_lsb_ * pass.noise[0], noise_lsb_ * pass.noise[1]};
    if (!pass.tracks[0] || !pass.tracks[1]) {
        for (std::size_t c = 0; c < 2; ++c) {
            const float* flux = c == 0 ? flux_left : flux_right;
            const float* from = c == 0 ? noise_left : noise_right;
            for (std::size_t i = 0; pass.tracks[c] && i < count; ++i) {
                at[2 * i + c] =
                    rounded(flux[i] * kLsbPerFlux + static_cast<float>(at[2 * i + c]) * keep + from[i] * noise[c]);
            }
        }
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        at[2 * i] =
            rounded(flux_left[i] * kLsbPerFlux + static_cast<float>(at[2 * i]) * keep + noise_left[i] * noise[0]);
        at[2 * i + 1] =
            rounded(flux_right[i] * kLsbPerFlux + static_cast<float>(at[2 * i + 1]) * keep + noise_right[i] * noise[1]);
    }
}

} // namespace overbias::deck_sim::magnetics
