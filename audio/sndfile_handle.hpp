// SPDX-License-Identifier: Apache-2.0
// Owner of a libsndfile handle. Only sources include it.
#pragma once

#include <memory>
#include <sndfile.h>

namespace overbias::audio {

struct SndfileCloser {
    void operator()(SNDFILE* file) const noexcept { sf_close(file); }
};
using SndfileHandle = std::unique_ptr<SNDFILE, SndfileCloser>;

/// 32-bit and 64-bit float files.
[[nodiscard]] inline bool is_float_format(int format) noexcept {
    const int subtype = format & SF_FORMAT_SUBMASK;
    return subtype == SF_FORMAT_FLOAT || subtype == SF_FORMAT_DOUBLE;
}

/// Bits of an integer sample; 0 for anything else.
[[nodiscard]] inline int integer_bits(int format) noexcept {
    switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_16:
        return 16;
    case SF_FORMAT_PCM_24:
        return 24;
    case SF_FORMAT_PCM_32:
        return 32;
    default:
        return 0;
    }
}

} // namespace overbias::audio
