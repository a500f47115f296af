// SPDX-License-Identifier: Apache-2.0
// The parent's side of decoder_protocol.hpp: starts the child and takes what it decodes. Nothing that the child says is
// used before it was checked; one that lies, crashes or falls silent is ended, and its file is an error. Thread: one.
#pragma once

#include "audio/decoder/decoded_sound.hpp"
#include "audio/decoder/decoder_protocol.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

namespace overbias::audio {

/// A started decoder and the way to it.
class DecoderChild {
  public:
    [[nodiscard]] static Result<std::unique_ptr<DecoderChild>> start(const SoundDescriptor& file,
                                                                     const DecoderSettings& settings);
    ~DecoderChild();
    DecoderChild(const DecoderChild&) = delete;
    DecoderChild& operator=(const DecoderChild&) = delete;

    /// False: it takes nothing more (hear() says why).
    bool say(const DecoderMessage& message) const;
    /// Its next word; `patience` at the longest since it was last heard or given work.
    [[nodiscard]] Result<DecoderMessage> hear(std::chrono::milliseconds patience);
    /// The same when it is there already.
    [[nodiscard]] Result<std::optional<DecoderMessage>> heard_already();
    /// It has work again after it had none: its time counts from now.
    void work_given() { heard_ = std::chrono::steady_clock::now(); }
    [[nodiscard]] const std::byte* memory() const noexcept { return memory_; }
    /// One line about its file.
    [[nodiscard]] Error fault(const std::string& what) const;
    [[nodiscard]] Error lied(const std::string& what) const;

  private:
    explicit DecoderChild(std::string name) : name_(std::move(name)) {}
    [[nodiscard]] Error died();

    std::string name_; ///< of the file
    int socket_ = -1;
    const std::byte* memory_ = nullptr;
    pid_t pid_ = -1;
    std::chrono::steady_clock::time_point heard_ = std::chrono::steady_clock::now();
};

class ChildDecoding final : public DecodedSound {
  public:
    ChildDecoding(DecodedFormat format, std::unique_ptr<DecoderChild> child, std::chrono::milliseconds patience)
        : DecodedSound(format), child_(std::move(child)), patience_(patience), blocks_(blocks_ahead(format.rate_hz)) {}

    Result<Counted> count() override;
    void prepare() override;

  private:
    Result<Block> next() override;
    [[nodiscard]] Result<void> take(const DecoderMessage& message);
    /// So many blocks more are empty.
    void give(std::size_t blocks);

    std::unique_ptr<DecoderChild> child_;
    std::chrono::milliseconds patience_;
    std::size_t blocks_, block_ = 0;
    std::size_t allowed_ = 0;        ///< blocks that it may have filled and we not given back
    std::deque<std::size_t> filled_; ///< frames of those that it has told of
    bool holds_ = false;             ///< one is with the reader
};

} // namespace overbias::audio
