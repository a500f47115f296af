// SPDX-License-Identifier: Apache-2.0
// FileDesk: the files of this installation: what callers may name, what was uploaded, and the commands files,
// file_inspect, uploads and upload_remove. Threads: resolve() and the upload calls on any; the rest the timeline's. The
// disk is waited for on workers of its own.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"
#include "controller/command_registry.hpp"
#include "controller/files/file_roots.hpp"
#include "controller/files/files_config.hpp"
#include "controller/files/panel_uploads.hpp"
#include "controller/files/upload_store.hpp"
#include "controller/worker.hpp"

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

class FileDesk {
  public:
    struct Parts {
        Timeline& timeline;
        FilesConfig config;
        std::filesystem::path state_dir;
        /// Any thread: why an upload may not be removed now (a print needs it), in words; else empty.
        std::function<std::string(const std::string& id)> in_use = {};
    };
    /// Throws std::runtime_error when the uploads' folder cannot be made.
    explicit FileDesk(Parts parts);
    ~FileDesk();
    FileDesk(const FileDesk&) = delete;
    FileDesk& operator=(const FileDesk&) = delete;

    /// What a print or a plan asks for: "/absolute/path" or "upload:ID"; `local` as Caller::local. Any thread; touches
    /// the disk.
    [[nodiscard]] Result<std::filesystem::path> resolve(const std::string& file, bool local) const;

    /// This must outlive the registry.
    void add_commands(CommandRegistry& registry);
    /// For the web server; null: uploads are off.
    [[nodiscard]] web_ui::UploadBackend* panel_uploads() noexcept { return panel_.get(); }
    /// Null: uploads are off.
    [[nodiscard]] UploadStore* uploads() noexcept { return store_.get(); }

  private:
    void list(const boost::json::object& given, const Answer& answer);
    void inspect(const std::string& file, bool local, const Answer& answer);
    void list_uploads(const Answer& answer);
    void remove_upload(const std::string& id, const Answer& answer);
    void begin_upload(const boost::json::object& given, const Answer& answer);
    void append_upload(const boost::json::object& given, const Answer& answer);
    void add_upload_commands(CommandRegistry& registry);
    /// On `worker`; its reply goes back to the timeline.
    void later(Worker& worker, std::function<Reply()> work, const Answer& answer);

    Parts parts_;
    std::unique_ptr<UploadStore> store_;
    FileRoots roots_;
    std::unique_ptr<PanelUploads> panel_;
    std::unique_ptr<Worker> looking_ = std::make_unique<Worker>(); ///< lists and looks into files
    std::unique_ptr<Worker> storing_ = std::make_unique<Worker>(); ///< uploads; the web server waits for it
};

} // namespace overbias::controller
