// SPDX-License-Identifier: Apache-2.0
#include "controller/client/files_line.hpp"

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "controller/client/interrupt_guard.hpp"
#include "controller/client/job_watch.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/words.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

namespace overbias::controller {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr std::int64_t kPart = 45'000;               ///< bytes; as base64, in a line of at most 64 KiB
constexpr std::size_t kRead = 1 << 20;               ///< bytes, to hash
constexpr auto kPatience = std::chrono::minutes(10); ///< the last part is answered when all has been read back

std::string size_text(const json::value& bytes) {
    return bytes.is_number() ? number(json::value(bytes.to_number<double>() / 1e6), 1) + " MB" : "?";
}

std::string upload_text(const json::value& upload) {
    std::string out = "upload:" + text(at(upload, "id")) + "  " + size_text(at(upload, "size"));
    if (at(upload, "complete") != true) {
        out += " (" + size_text(at(upload, "offset")) + " are here)";
    }
    return out + "  " + printable(text(at(upload, "name"))) + "\n";
}

std::string entry_text(const json::value& file) {
    std::string out = "  " + printable(text(at(file, "file"))) + "  " + size_text(at(file, "bytes"));
    if (at(file, "duration_s").is_number()) {
        out += "  " + text(at(file, "container")) + "  " + number(at(file, "sample_rate_hz"), 0) + " Hz  " +
               number(at(file, "duration_s"), 1) + " s";
    }
    return out + "\n";
}

/// A file that is sent: its length and its hash do not change meanwhile, or the daemon does not take it.
struct Sent {
    std::ifstream in;
    std::int64_t bytes = 0;
    std::string sha256;
};

void stop_if_interrupted() {
    if (InterruptGuard::came()) {
        throw Interrupted();
    }
}

Sent looked_at(const std::string& file, TerminalLine& line) {
    std::error_code error;
    const auto bytes = fs::is_regular_file(file, error) ? fs::file_size(file, error) : 0;
    Sent sent{std::ifstream(file, std::ios::binary), static_cast<std::int64_t>(bytes), {}};
    if (error || bytes == 0 || !sent.in) {
        throw UnusableArgument("upload: '" + printable(file) + "' cannot be read, or is empty; expected a sound file");
    }
    Sha256 hash;
    std::string chunk(kRead, '\0');
    for (std::int64_t done = 0;
         sent.in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || sent.in.gcount() > 0;) {
        stop_if_interrupted();
        hash.update(std::string_view(chunk).substr(0, static_cast<std::size_t>(sent.in.gcount())));
        done += sent.in.gcount();
        line.write("hashed " + std::to_string(100 * done / sent.bytes) + " %");
    }
    sent.in.clear();
    sent.sha256 = hash.hex();
    return sent;
}

} // namespace

FilesLine::FilesLine(CLI::App& files, CLI::App& upload, DeckLine::Ways ways) : ways_(std::move(ways)) {
    ways_.add_common(files);
    CLI::Option* root =
        files
            .add_option("ROOT", root_, "number of a root: what lies in it; without it the roots, and what was uploaded")
            ->check(CLI::NonNegativeNumber);
    files.add_option("FOLDER", folder_, "folder in that root")->needs(root);
    files.footer("What stands before a file's figures is its name in a reel plan: a path, or upload:ID.");
    files.callback([this] { ways_.chosen([this] { return root_ ? folder() : list(); }); });

    ways_.add_common(upload);
    upload.add_option("FILE", file_, "WAV, RF64 or FLAC")->required();
    upload.add_option("--name", name_, "what it is called in lists; the file's name when absent");
    upload.footer(
        "The same content is sent once: what is there already, or was broken off, is gone on with. Exit status: "
        "0 done; 2 usage, or a file that cannot be read; 3 refused: no room, or uploads are off; 4 fault.");
    upload.callback([this] { ways_.chosen([this] { return send(); }); });
}

int FilesLine::list() const {
    RpcClient daemon = ways_.daemon();
    json::object all = daemon.call("files").as_object();
    std::string out;
    for (const json::value& root : controller::list(all.at("roots"))) {
        out += "root " + number(at(root, "root"), 0) + "  " + printable(text(at(root, "path"))) +
               (at(root, "there") == true ? "" : "  (not there)") + "\n";
    }
    if (out.empty()) {
        out = "no roots (files.roots)\n";
    }
    try {
        const json::value uploads = daemon.call("uploads");
        all["uploads"] = at(uploads, "uploads");
        for (const json::value& each : controller::list(at(uploads, "uploads"))) {
            out += upload_text(each);
        }
        out +=
            "uploads: " + size_text(at(uploads, "used_bytes")) + " of " + size_text(at(uploads, "quota_bytes")) + "\n";
    } catch (const RpcFailure& off) {
        all["uploads"] = nullptr;
        out += printable(off.what()) + std::string("\n");
    }
    ways_.show(all, out);
    return 0;
}

int FilesLine::folder() const {
    RpcClient daemon = ways_.daemon();
    json::object asked{{"root", *root_}, {"path", folder_}};
    json::value answer = daemon.call("files", asked);
    json::array folders = controller::list(at(answer, "folders")), files = controller::list(at(answer, "files"));
    while (at(answer, "next").is_number()) {
        asked["from"] = at(answer, "next");
        answer = daemon.call("files", asked);
        const json::array &more_folders = controller::list(at(answer, "folders")),
                          &more = controller::list(at(answer, "files"));
        folders.insert(folders.end(), more_folders.begin(), more_folders.end());
        files.insert(files.end(), more.begin(), more.end());
    }
    std::string out;
    for (const json::value& each : folders) {
        out += printable(text(each)) + "/\n";
    }
    for (const json::value& each : files) {
        out += entry_text(each);
    }
    ways_.show(json::object{{"root", *root_}, {"path", folder_}, {"folders", folders}, {"files", files}},
               out.empty() ? "nothing that can be printed\n" : out);
    return 0;
}

int FilesLine::send() const {
    const InterruptGuard guard;
    TerminalLine line;
    try {
        Sent sent = looked_at(file_, line);
        RpcClient daemon = ways_.daemon();
        json::value upload = daemon.call(
            "upload_begin", json::object{{"name", name_.empty() ? fs::path(file_).filename().string() : name_},
                                         {"size", sent.bytes},
                                         {"sha256", sent.sha256}});
        std::string part;
        while (at(upload, "complete") != true) {
            stop_if_interrupted();
            const auto offset = at(upload, "offset").to_number<std::int64_t>();
            part.resize(static_cast<std::size_t>(std::min(kPart, sent.bytes - offset)));
            sent.in.seekg(offset);
            if (part.empty() || !sent.in.read(part.data(), static_cast<std::streamsize>(part.size()))) {
                throw UnusableArgument("upload: '" + printable(file_) + "' changed while it was sent; send it again");
            }
            upload = daemon.call(
                "upload_append",
                json::object{{"upload", at(upload, "id")}, {"offset", offset}, {"bytes", base64(part)}}, kPatience);
            line.write("sent " + size_text(at(upload, "offset")) + " of " + size_text(at(upload, "size")));
        }
        line.clear();
        ways_.show(upload, upload_text(upload));
        return 0;
    } catch (const Interrupted&) {
        line.clear();
        std::fprintf(stderr, "overbias: interrupted; what was sent is kept, the same command goes on there\n");
        return kInterruptedStatus;
    }
}

} // namespace overbias::controller
