// SPDX-License-Identifier: Apache-2.0
// What the web server knows of streams to listen to: FLAC bytes come out. The controller implements it. Thread: open()
// comes from the server's thread and returns at once, as do take() and ended().
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace overbias::web_ui {

class AudioListener {
  public:
    AudioListener() = default;
    AudioListener(const AudioListener&) = delete;
    AudioListener& operator=(const AudioListener&) = delete;
    virtual ~AudioListener() = default; ///< nobody listens any more
    /// Everything that waits; empty: nothing yet, and the next byte wakes.
    [[nodiscard]] virtual std::string take() = 0;
    /// Why nothing more comes; empty: it goes on.
    [[nodiscard]] virtual std::string ended() const = 0;
};

struct AudioOpening {
    int status = 200; ///< HTTP
    std::string why;  ///< of a refusal
    std::shared_ptr<AudioListener> listener;
};

class AudioBackend {
  public:
    AudioBackend() = default;
    AudioBackend(const AudioBackend&) = delete;
    AudioBackend& operator=(const AudioBackend&) = delete;
    virtual ~AudioBackend() = default;

    /// `what`: "tape", "source" or "ab", or whatever was asked for. `wake`: any thread, after take() had nothing, when
    /// there is something, and at the end; also after the server is gone.
    [[nodiscard]] virtual AudioOpening open(const std::string& what, std::function<void()> wake) = 0;
};

} // namespace overbias::web_ui
