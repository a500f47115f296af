// SPDX-License-Identifier: Apache-2.0
// What the web server knows of uploaded files: bytes go in, answers come out. The controller implements it over its
// store. Thread: every call comes from the server's thread and returns at once; each `done` is called exactly once, on
// any thread, also after the server is gone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace overbias::web_ui {

struct UploadAnswer {
    int status = 200;         ///< HTTP
    std::string id;           ///< of the upload it is about
    std::string json;         ///< body; empty: none
    std::int64_t offset = -1; ///< bytes it has; -1: there is no such upload
    std::int64_t size = 0;    ///< bytes it is to have
};

class UploadBackend {
  public:
    using Done = std::function<void(UploadAnswer)>;
    UploadBackend() = default;
    UploadBackend(const UploadBackend&) = delete;
    UploadBackend& operator=(const UploadBackend&) = delete;
    virtual ~UploadBackend() = default;

    /// `body`: {"name", "size", "sha256"?}, as it came. 201.
    virtual void create(std::string body, Done done) = 0;
    virtual void look(std::string id, Done done) = 0;
    virtual void remove(std::string id, Done done) = 0;
    /// Before the first byte of a body of `bytes` bytes from `offset`: is it welcome? 200, or why not. From then on the
    /// upload is this writer's, until end().
    virtual void begin(std::string id, std::int64_t offset, std::int64_t bytes, Done done) = 0;
    /// The next bytes of it.
    virtual void append(std::string id, std::int64_t offset, std::string bytes, Done done) = 0;
    /// No more bytes come, whether all came or not. After begin() answered 200; once. The answer comes when what was
    /// written is on disk.
    virtual void end(std::string id, Done done) = 0;
    /// The longest body of one request.
    [[nodiscard]] virtual std::int64_t part_bytes() const = 0;
};

} // namespace overbias::web_ui
