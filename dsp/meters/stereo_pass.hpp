// SPDX-License-Identifier: Apache-2.0
// Inside of StereoMeters: the one loop that walks over the frames, and what it keeps from block to block. The layout is
// the same for every instruction set, so that the loop is chosen at run time (stereo_pass.cpp) and nothing else is.
//
// Works on whole groups of 32 frames. All arithmetic that a twin does once a sample is done here once a sample too;
// what is taken together is said at its place. Thread: the owner's; no allocation, no call outside.
#pragma once

#include "dsp/meters/true_peak_filter.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace overbias::dsp {

inline constexpr std::size_t kStereoGroup = 32; ///< frames: the needle of the VU moves on once a group
inline constexpr std::size_t kStereoHalf = 16;  ///< frames: true peak, peak holders, correlation are taken by halves

/// PPM peak holders, lanes: type I slow L, R, fast L, R, then type II the same.
inline constexpr std::size_t kHolders = 8;

/// Set once.
struct alignas(64) StereoPassTables {
    // K weighting, lanes: shelf L, R, high-pass L, R; a1 and a2 with their signs turned
    alignas(64) std::array<double, 4> k_a1{}, k_a2{}, k_b0{}, k_b1{}, k_b2{};
    // VU: what each frame of a group adds to the needle's place and speed at its end; one group on, lanes place L, R,
    // speed L, R: the lane itself times `vu_same` plus the other of the channel times `vu_other`
    alignas(64) std::array<std::array<float, kStereoHalf>, kStereoGroup / kStereoHalf> vu_place{}, vu_speed{};
    alignas(64) std::array<double, 4> vu_same{}, vu_other{};
    // PPM within a half, decay taken out: u' = max(u, keep u + take[frame] |x|), z = fall u at the end
    alignas(64) std::array<std::array<float, kHolders>, kStereoHalf> ppm_take{};
    alignas(64) std::array<float, kHolders> ppm_keep{}, ppm_keep_twice{}, ppm_fall{};
    alignas(64) std::array<float, kTruePeakPairs> half{}, quarter_even{}, quarter_odd{};
    float correlation_keep = 0;                 ///< of the means, over a half
    float full_scale = 0, below_full_scale = 0; ///< and the float next below it
    std::uint32_t clip_run = 0;
};

/// Changed by every call.
struct alignas(64) StereoPassState {
    alignas(64) std::array<double, 4> k_w1{}, k_w2{}; ///< direct form II
    /// weighted values of the last four frames: the high-pass works four frames behind the shelf, whose output it takes
    /// from here, so that neither waits for the other
    alignas(64) std::array<std::array<double, 4>, 4> k_behind{};
    alignas(64) std::array<double, 4> k_energy{};   ///< sums of squares; the two high lanes count
    alignas(64) std::array<double, 4> vu{};         ///< place L, R, speed L, R
    alignas(64) std::array<double, 4> vu_highest{}; ///< the two low lanes count
    alignas(64) std::array<float, kHolders> holders{};
    alignas(64) std::array<float, kHolders> holders_highest{}; ///< slow + fast: lanes 0, 1 type I, lanes 4, 5 type II
    // lane j belongs to frame j of each half
    alignas(64) std::array<float, kStereoHalf> left_left{}, right_right{}, left_right{}; ///< decaying sums
    alignas(64) std::array<float, kStereoHalf> left_square{}, right_square{};            ///< plain sums
    alignas(64) std::array<float, kStereoHalf> left_peak{}, right_peak{}, left_true{}, right_true{};
    std::array<std::uint32_t, 2> clip_running{}; ///< full-scale samples in a row
    std::array<std::uint64_t, 2> clips{};
};

/// Where frames are kept for the pass, one behind the other in both orders.
struct StereoStage {
    float* interleaved;
    float* left;
    float* right;
};

/// Samples smaller than this (-400 dBFS: numbers of that size would soon be denormal), larger than that or no numbers
/// at all are taken as silence: nothing that comes in can slow the filters down or stay in them.
inline constexpr float kLeastSample = 1e-20F, kMostSample = 1e9F;

/// Frames into the stage: interleaved from `first` (`second` null), or left and right.
void stereo_stage(const float* first, const float* second, std::size_t frames, const StereoStage& to) noexcept;

/// The next `groups` groups. `interleaved`: 64 floats a group. `left`, `right`: the same frames one channel at a time,
/// with 2 kTruePeakPairs - 1 frames of the past before them. None aligned. `oversampling`: 2 or 4.
void stereo_pass(const StereoPassTables& tables, StereoPassState& state, const float* interleaved, const float* left,
                 const float* right, std::size_t groups, std::size_t oversampling) noexcept;

/// Its interpolation by itself, for who wants to know what true peak costs.
void stereo_true_peak(const StereoPassTables& tables, StereoPassState& state, const float* left, const float* right,
                      std::size_t groups, std::size_t oversampling) noexcept;

/// Name of the instruction set that stereo_pass() uses on this processor.
[[nodiscard]] const char* stereo_pass_target() noexcept;

} // namespace overbias::dsp
