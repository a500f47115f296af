// SPDX-License-Identifier: Apache-2.0
// libsndfile over an open descriptor: it reads by pread(2) only and opens nothing. Used by the child, and by programs
// that decode for themselves. Thread: one.
#pragma once

#include "audio/decoder/decoded_sound.hpp"
#include "audio/sndfile_handle.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace overbias::audio {

class SndfileDecoder {
  public:
    /// `descriptor` stays the caller's, and open. error() says whether it worked.
    SndfileDecoder(int descriptor, std::uint64_t bytes);

    [[nodiscard]] const DecodedFormat& format() const noexcept { return format_; }
    /// libsndfile's, of opening or of reading so far; 0: none.
    [[nodiscard]] int error() const noexcept;
    /// Up to kBlockFrames frames as a block has them (DecodedSound); fewer at the end. `out` has room for kBlockBytes.
    [[nodiscard]] std::size_t read(std::span<std::byte> out);

  private:
    struct Input;
    struct InputDeleter {
        void operator()(Input* input) const noexcept;
    };
    std::unique_ptr<Input, InputDeleter> input_; ///< before the handle, which uses it
    SndfileHandle handle_;
    DecodedFormat format_;
    int open_error_ = 0;
};

} // namespace overbias::audio
