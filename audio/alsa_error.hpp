// SPDX-License-Identifier: Apache-2.0
// What alsa-lib has to say. It prints its own reasons to stderr; here they are kept, so that the error the operator
// reads can carry them. Thread: each thread has its own.
#pragma once

#include <string>

namespace overbias::audio {

/// While one lives, alsa-lib's messages of this thread are collected instead of printed.
class AlsaMessages {
  public:
    AlsaMessages();
    ~AlsaMessages();
    AlsaMessages(const AlsaMessages&) = delete;
    AlsaMessages& operator=(const AlsaMessages&) = delete;
    /// " (alsa-lib: ...)", or nothing.
    [[nodiscard]] std::string text() const;

  private:
    std::string collected_;
    std::string* outer_;
};

/// "Device or resource busy" of a negative error number of alsa-lib.
[[nodiscard]] std::string alsa_words(int error);

} // namespace overbias::audio
