// SPDX-License-Identifier: Apache-2.0
// What the web server knows of the machine: this and nothing else. The controller implements it over the command
// registry. Thread: every call comes from the server's thread and returns at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace overbias::web_ui {

class AudioBackend;
class UploadBackend;

class PanelBackend {
  public:
    PanelBackend() = default;
    PanelBackend(const PanelBackend&) = delete;
    PanelBackend& operator=(const PanelBackend&) = delete;
    virtual ~PanelBackend() = default;

    /// Serves one JSON-RPC 2.0 message of a paired caller. `answer` is called exactly once, on any thread, also after
    /// the server is gone, with the text to send back; empty when the message was a notification.
    virtual void serve(std::string message, std::function<void(std::string)> answer) = 0;
    /// Stops the deck: the quickest way there is, past every queue. Idempotent.
    virtual void stop() = 0;
    /// {"status": "ok" | "degraded", ...}: what an unpaired caller may know.
    [[nodiscard]] virtual std::string health_json() = 0;
    /// Prometheus text exposition, version 0.0.4.
    [[nodiscard]] virtual std::string metrics_text() = 0;
    /// Uploaded files (upload_backend.hpp); null: there are none.
    [[nodiscard]] virtual UploadBackend* uploads() { return nullptr; }
    /// Streams to listen to (web_audio_backend.hpp); null: there are none.
    [[nodiscard]] virtual AudioBackend* audio() { return nullptr; }
};

} // namespace overbias::web_ui
