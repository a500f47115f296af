// SPDX-License-Identifier: Apache-2.0
// The commands about files, and uploads as the web server brings them.
#include "controller/files/file_desk.hpp"

#include "base/async/steady_timeline.hpp"
#include "base/base64.hpp"
#include "base/sha256.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <gmock/gmock.h>
#include <stdexcept>
#include <string>
#include <thread>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;
using web_ui::UploadAnswer;

/// A WAV of so many frames of silence, 16-bit stereo.
std::string wave(int frames) {
    const auto bytes = [](std::uint32_t value, int count) {
        std::string text;
        for (int i = 0; i < count; ++i) {
            text += static_cast<char>((value >> (8 * i)) & 0xffU);
        }
        return text;
    };
    const auto data = static_cast<std::uint32_t>(frames * 4);
    return "RIFF" + bytes(36 + data, 4) + "WAVEfmt " + bytes(16, 4) + bytes(1, 2) + bytes(2, 2) + bytes(48000, 4) +
           bytes(192000, 4) + bytes(4, 2) + bytes(16, 2) + "data" + bytes(data, 4) + std::string(data, '\0');
}

class Desk : public testing::Test {
  protected:
    Desk() {
        std::string name = (fs::temp_directory_path() / "overbias-files-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no folder for the test");
        }
        folder_ = fs::canonical(name);
        fs::create_directories(folder_ / "masters/album");
        write("masters/album/one.wav", wave(48000));
        open();
    }
    ~Desk() override {
        timeline_.post([this] { timeline_.stop(); });
        thread_.join();
        desk_.reset();
        std::error_code error;
        fs::remove_all(folder_, error);
    }
    void open() {
        FilesConfig config;
        config.roots = {folder_ / "masters"};
        config.upload_keep_free_bytes = 0;
        desk_ = std::make_unique<FileDesk>(FileDesk::Parts{
            .timeline = timeline_,
            .config = config,
            .state_dir = folder_ / "state",
            .in_use = [this](const std::string& id) { return id == needed_ ? "a print needs it" : ""; }});
        desk_->add_commands(registry_);
    }
    void write(const std::string& name, const std::string& bytes) const {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
    }
    Reply call(const char* method, const json::object& parameters, bool local = false) {
        std::promise<Reply> got;
        timeline_.post([&] {
            Caller caller;
            caller.local = local;
            registry_.call(method, parameters, caller, [&got](Reply reply) { got.set_value(std::move(reply)); });
        });
        return got.get_future().get();
    }
    json::object result(const char* method, const json::object& parameters, bool local = false) {
        const Reply reply = call(method, parameters, local);
        EXPECT_TRUE(reply.ok()) << reply.message;
        return reply.ok() ? json::parse(reply.result).as_object() : json::object{};
    }
    template <typename Ask>
    static UploadAnswer wait_for(Ask&& ask) {
        std::promise<UploadAnswer> got;
        ask([&got](UploadAnswer answer) { got.set_value(std::move(answer)); });
        return got.get_future().get();
    }
    std::string uploaded(const std::string& bytes) {
        auto& panel = *desk_->panel_uploads();
        const UploadAnswer made = wait_for([&](auto done) {
            panel.create(json::serialize(json::object{{"name", "up.wav"}, {"size", bytes.size()}}), std::move(done));
        });
        EXPECT_EQ(made.status, 201) << made.json;
        const auto size = static_cast<std::int64_t>(bytes.size());
        EXPECT_EQ(wait_for([&](auto done) { panel.begin(made.id, 0, size, std::move(done)); }).status, 200);
        EXPECT_EQ(wait_for([&](auto done) { panel.append(made.id, 0, bytes, std::move(done)); }).status, 200);
        const UploadAnswer whole = wait_for([&](auto done) { panel.end(made.id, std::move(done)); });
        EXPECT_EQ(whole.status, 200);
        EXPECT_TRUE(json::parse(whole.json).at("complete").as_bool()) << whole.json;
        return made.id;
    }

    fs::path folder_;
    std::string needed_;
    SteadyTimeline timeline_;
    CommandRegistry registry_;
    std::unique_ptr<FileDesk> desk_;
    std::thread thread_{[this] { timeline_.run(); }};
};

TEST_F(Desk, ListsTheRootsAndWhatIsInThem) {
    write("masters/b.WAV", wave(24000));
    write("masters/broken.flac", "fLaC");
    write("masters/notes.txt", "x");
    write("masters/.hidden.wav", wave(1));
    write("masters/tricky\x1b.wav", wave(1));
    fs::create_symlink(folder_ / "state", folder_ / "masters/away.wav");
    const json::object roots = result("files", {});
    ASSERT_EQ(roots.at("roots").as_array().size(), 1U);
    EXPECT_EQ(roots.at("roots").at(0).at("path").as_string(), (folder_ / "masters").string());
    EXPECT_TRUE(roots.at("roots").at(0).at("there").as_bool());
    const json::object top = result("files", {{"root", 0}});
    EXPECT_EQ(json::serialize(top.at("folders")), R"(["album","away.wav"])");
    ASSERT_EQ(top.at("files").as_array().size(), 2U) << json::serialize(top);
    const json::value& file = top.at("files").at(0);
    EXPECT_EQ(file.at("name").as_string(), "b.WAV");
    EXPECT_EQ(file.at("file").as_string(), (folder_ / "masters/b.WAV").string());
    EXPECT_EQ(file.at("bytes").to_number<int>(), 24000 * 4 + 44);
    EXPECT_EQ(file.at("duration_s").to_number<double>(), 0.5);
    EXPECT_EQ(file.at("channels").to_number<int>(), 2);
    EXPECT_TRUE(top.at("files").at(1).at("duration_s").is_null());
    EXPECT_TRUE(top.at("next").is_null());
    EXPECT_FALSE(call("files", {{"root", 0}, {"path", "away.wav"}}).ok()) << "a link out of the root";
    const json::object album = result("files", {{"root", 0}, {"path", "album"}});
    EXPECT_EQ(album.at("files").at(0).at("name").as_string(), "one.wav");
}

TEST_F(Desk, ListsLongFoldersInPages) {
    for (int i = 100; i < 350; ++i) {
        write("masters/album/s" + std::to_string(i) + ".wav", wave(1));
    }
    std::vector<std::string> names;
    json::value next = 0;
    int pages = 0;
    for (; !next.is_null() && pages < 10; ++pages) {
        const json::object page = result("files", {{"root", 0}, {"path", "album"}, {"from", next}});
        EXPECT_EQ(page.at("of").to_number<int>(), 251);
        for (const json::value& file : page.at("files").as_array()) {
            names.emplace_back(file.at("name").as_string());
        }
        next = page.at("next");
    }
    EXPECT_EQ(pages, 3);
    ASSERT_EQ(names.size(), 251U);
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST_F(Desk, StaysBelowTheRoot) {
    for (const char* const path : {"..", "../state", "/etc", "album/../../state"}) {
        const Reply reply = call("files", {{"root", 0}, {"path", path}});
        EXPECT_FALSE(reply.ok()) << path << reply.result;
        EXPECT_THAT(reply.message, HasSubstr("leads out")) << path;
    }
    EXPECT_FALSE(call("files", {{"root", 1}}).ok());
    EXPECT_FALSE(call("files", {{"root", -1}}).ok());
    EXPECT_FALSE(call("files", {{"path", "album"}}).ok());
}

TEST_F(Desk, SaysWhatAFileIs) {
    const std::string file = (folder_ / "masters/album/one.wav").string();
    const json::object told = result("file_inspect", {{"file", file}});
    EXPECT_EQ(told.at("sample_format").as_string(), "16-bit");
    EXPECT_EQ(told.at("frames").to_number<int>(), 48000);
    EXPECT_EQ(told.at("sha256").as_string(), sha256_hex(wave(48000)));
    write("elsewhere.wav", wave(10));
    const std::string elsewhere = (folder_ / "elsewhere.wav").string();
    EXPECT_FALSE(call("file_inspect", {{"file", elsewhere}}).ok());
    EXPECT_EQ(result("file_inspect", {{"file", elsewhere}}, true).at("frames").to_number<int>(), 10);
}

TEST_F(Desk, UploadsAreListedUsedAndRemoved) {
    const std::string id = uploaded(wave(4800));
    const json::object listed = result("uploads", {});
    ASSERT_EQ(listed.at("uploads").as_array().size(), 1U);
    EXPECT_EQ(listed.at("uploads").at(0).at("id").as_string(), id);
    EXPECT_EQ(listed.at("used_bytes").to_number<int>(), 4800 * 4 + 44);
    const json::object told = result("file_inspect", {{"file", "upload:" + id}});
    EXPECT_EQ(told.at("frames").to_number<int>(), 4800);
    EXPECT_TRUE(desk_->resolve("upload:" + id, false));
    needed_ = id;
    EXPECT_THAT(call("upload_remove", {{"upload", id}}).message, HasSubstr("a print needs it"));
    EXPECT_EQ(wait_for([&](auto done) { desk_->panel_uploads()->remove(id, std::move(done)); }).status, 409);
    needed_.clear();
    EXPECT_TRUE(call("upload_remove", {{"upload", id}}).ok());
    EXPECT_FALSE(desk_->resolve("upload:" + id, false));
    EXPECT_FALSE(call("upload_remove", {{"upload", "../../x"}}).ok());
    EXPECT_EQ(wait_for([&](auto done) { desk_->panel_uploads()->remove(id, std::move(done)); }).status, 404);
}

TEST_F(Desk, WhatIsAskedWronglyIsSaidAsHttpDoes) {
    auto& panel = *desk_->panel_uploads();
    for (const char* const body : {"", "[]", "{}", R"({"name":"a"})", R"({"name":1,"size":5})",
                                   R"({"name":"a","size":-5})", R"({"name":"a","size":1.5})",
                                   R"({"name":"a","size":5,"sha256":"x"})", R"({"name":"a","size":5,"sha256":7})"}) {
        const UploadAnswer made = wait_for([&](auto done) { panel.create(body, std::move(done)); });
        EXPECT_EQ(made.status, 400) << body;
        EXPECT_TRUE(json::parse(made.json).as_object().contains("error"));
    }
    EXPECT_EQ(wait_for([&](auto done) { panel.create(R"({"name":"a","size":9000000000})", std::move(done)); }).status,
              413);
    EXPECT_EQ(
        wait_for([&](auto done) { panel.begin("6f9619ff-8b86-4d01-b42d-00cf4fc964ff", 0, 1, std::move(done)); }).status,
        404);
    const UploadAnswer made = wait_for([&](auto done) { panel.create(R"({"name":"a","size":9})", std::move(done)); });
    const UploadAnswer wrong = wait_for([&](auto done) { panel.begin(made.id, 4, 5, std::move(done)); });
    EXPECT_EQ(wrong.status, 409);
    EXPECT_EQ(json::parse(wrong.json).at("upload").at("offset").to_number<int>(), 0) << "where to go on";
}

// As the `overbias` command sends one: parts in lines of text, over the socket.
TEST_F(Desk, AFileSentInPartsIsGoneOnWithAfterABreakAndSentOnce) {
    const std::string bytes = wave(4800);
    const json::object whole{{"name", "up.wav"}, {"size", bytes.size()}, {"sha256", sha256_hex(bytes)}};
    const json::object begun = result("upload_begin", whole);
    const json::value id = begun.at("id");
    const auto part = [&](std::size_t from, std::size_t count) {
        return json::object{{"upload", id}, {"offset", from}, {"bytes", base64(bytes.substr(from, count))}};
    };
    EXPECT_EQ(result("upload_append", part(0, 1000)).at("offset").to_number<int>(), 1000);
    EXPECT_EQ(result("upload_append", part(1000, 500)).at("offset").to_number<int>(), 1500);
    EXPECT_THAT(call("upload_append", part(0, 1000)).message, HasSubstr("missing")) << "these are there already";
    EXPECT_FALSE(call("upload_append", {{"upload", id}, {"offset", 1500}, {"bytes", "?"}}).ok());

    const json::object again = result("upload_begin", whole); // another caller, later
    EXPECT_EQ(again.at("id"), id);
    EXPECT_EQ(again.at("offset").to_number<int>(), 1500);
    EXPECT_TRUE(result("upload_append", part(1500, bytes.size())).at("complete").as_bool());
    EXPECT_TRUE(desk_->resolve("upload:" + std::string(id.as_string()), false));

    const json::object third = result("upload_begin", whole);
    EXPECT_EQ(third.at("id"), id);
    EXPECT_TRUE(third.at("complete").as_bool()) << "nothing is left to be sent";
    EXPECT_EQ(result("uploads", {}).at("uploads").as_array().size(), 1U);
}

TEST_F(Desk, AFileThatIsNotWhatWasPromisedIsThrownAway) {
    const std::string bytes = wave(100);
    const json::object begun =
        result("upload_begin", {{"name", "up.wav"}, {"size", bytes.size()}, {"sha256", sha256_hex("something else")}});
    const Reply reply = call("upload_append", {{"upload", begun.at("id")}, {"offset", 0}, {"bytes", base64(bytes)}});
    EXPECT_THAT(reply.message, HasSubstr("was promised"));
    EXPECT_TRUE(result("uploads", {}).at("uploads").as_array().empty());
}

} // namespace
} // namespace overbias::controller
