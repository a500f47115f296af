// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/playback_tap.hpp"

#include <cerrno>
#include <system_error>
#include <vector>

namespace overbias::deck_sim {

std::size_t PlaybackTap::Playback::rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept {
    const std::size_t count = behind_.rt_write(in, first_frame);
    if (!file) {
        return count;
    }
    const std::size_t channels = format().channels();
    if (count > 0 && frames > 0) {
        for (; next_ < first_frame; ++next_, ++frames) {
            for (std::size_t channel = 0; channel < channels; ++channel) {
                const std::int32_t silence = 0;
                failed = std::fwrite(&silence, sizeof silence, 1, file.get()) != 1 || failed;
            }
        }
    }
    failed = std::fwrite(in.data(), sizeof(std::int32_t) * channels, count, file.get()) != count || failed;
    next_ = first_frame + static_cast<std::int64_t>(count);
    frames += static_cast<std::int64_t>(count);
    return count;
}

Result<void> PlaybackTap::record_to(const std::filesystem::path& file) {
    if (playback_.file) {
        return Error{"record_playback: a file is being written already; end that one first"};
    }
    playback_.file.reset(std::fopen(file.c_str(), "wbe"));
    if (!playback_.file) {
        return Error{"record_playback: cannot make '" + file.string() + "': " + std::generic_category().message(errno)};
    }
    playback_.frames = 0;
    playback_.failed = false;
    return {};
}

Result<std::int64_t> PlaybackTap::end_recording() {
    if (!playback_.file) {
        return Error{"record_playback: no file is being written"};
    }
    const bool closed = std::fclose(playback_.file.release()) == 0;
    if (playback_.failed || !closed) {
        return Error{"record_playback: not everything could be written; is the disk full?"};
    }
    return playback_.frames;
}

} // namespace overbias::deck_sim
