// SPDX-License-Identifier: Apache-2.0
// Uploads as the web server knows them (web-ui/server/upload_backend.hpp), over the store. Everything happens on the
// worker, in the order in which it came.
#pragma once

#include "controller/files/upload_store.hpp"
#include "controller/worker.hpp"
#include "web-ui/server/upload_backend.hpp"

#include <functional>
#include <string>

namespace overbias::controller {

class PanelUploads final : public web_ui::UploadBackend {
  public:
    /// Both must outlive it, and it the server. `in_use`: any thread; why an upload may not be removed now, or empty.
    PanelUploads(UploadStore& store, Worker& worker, std::function<std::string(const std::string& id)> in_use)
        : store_(store), worker_(worker), in_use_(std::move(in_use)) {}

    void create(std::string body, Done done) override;
    void look(std::string id, Done done) override;
    void remove(std::string id, Done done) override;
    void begin(std::string id, std::int64_t offset, std::int64_t bytes, Done done) override;
    void append(std::string id, std::int64_t offset, std::string bytes, Done done) override;
    void end(std::string id, Done done) override;
    [[nodiscard]] std::int64_t part_bytes() const override;

  private:
    UploadStore& store_;
    Worker& worker_;
    std::function<std::string(const std::string& id)> in_use_;
};

} // namespace overbias::controller
