// SPDX-License-Identifier: Apache-2.0
// Uploads on disk: complete only when they are what was promised, taken up again after whatever came between, within
// their room, and nothing of them outside their folder.
#include "controller/files/upload_store.hpp"

#include "base/sha256.hpp"
#include "controller/files/upload_content.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class Uploads : public testing::Test {
  protected:
    Uploads() {
        std::string name = (fs::temp_directory_path() / "overbias-uploads-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no folder for the test");
        }
        folder_ = name;
        open();
    }
    ~Uploads() override {
        store_.reset();
        std::error_code error;
        fs::remove_all(folder_, error);
    }
    void open() {
        store_.reset(); // as the daemon that ended
        store_ = std::make_unique<UploadStore>(folder_ / "uploads", limits_, [this] { return now_s_; });
    }
    std::string created(std::int64_t size, const std::string& hash = "") {
        const UploadOutcome made = store_->create("song.wav", size, hash);
        EXPECT_TRUE(made.ok()) << made.why;
        return made.upload.id;
    }
    /// One request.
    UploadOutcome send(const std::string& id, std::int64_t offset, const std::string& bytes) {
        if (UploadOutcome begun = store_->begin(id, offset, static_cast<std::int64_t>(bytes.size())); !begun.ok()) {
            return begun;
        }
        const UploadOutcome appended = store_->append(id, offset, std::as_bytes(std::span(bytes)));
        const UploadOutcome ended = store_->end(id);
        return appended.ok() ? ended : appended;
    }
    std::string uploaded(const std::string& bytes) {
        const std::string id = created(static_cast<std::int64_t>(bytes.size()));
        const UploadOutcome sent = send(id, 0, bytes);
        EXPECT_TRUE(sent.ok()) << sent.why;
        EXPECT_TRUE(sent.upload.complete);
        return id;
    }
    [[nodiscard]] fs::path place(const std::string& id) const { return folder_ / "uploads" / id; }

    UploadLimits limits_{.quota_bytes = 1000, .largest_bytes = 600, .keep_free_bytes = 0, .unfinished_h = 24.0};
    std::int64_t now_s_ = 1'800'000'000;
    fs::path folder_;
    std::unique_ptr<UploadStore> store_;
};

TEST_F(Uploads, AreCompleteWithTheLastByteAndTheRightHash) {
    const std::string bytes = "these are the bytes";
    const std::string id = created(19, sha256_hex(bytes));
    EXPECT_THAT(store_->file_of(id).error().message, HasSubstr("is not complete, 0 of 19"));
    const UploadOutcome part = send(id, 0, bytes.substr(0, 7));
    ASSERT_TRUE(part.ok()) << part.why;
    EXPECT_EQ(part.upload.received, 7);
    EXPECT_FALSE(part.upload.complete);
    const UploadOutcome rest = send(id, 7, bytes.substr(7));
    ASSERT_TRUE(rest.ok()) << rest.why;
    EXPECT_TRUE(rest.upload.complete);
    EXPECT_EQ(rest.upload.sha256, sha256_hex(bytes));
    const auto file = store_->file_of(id);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(text_of(*file), bytes);
    EXPECT_EQ(send(id, 19, "more").refusal, UploadRefusal::Conflict);
    struct stat what {};
    ASSERT_EQ(::stat((folder_ / "uploads").c_str(), &what), 0);
    EXPECT_EQ(what.st_mode & 0777U, 0700U);
}

TEST_F(Uploads, ThatAreNotWhatWasPromisedAreThrownAway) {
    const std::string id = created(5, sha256_hex("right"));
    const UploadOutcome sent = send(id, 0, "wrong");
    EXPECT_EQ(sent.refusal, UploadRefusal::Damaged);
    EXPECT_THAT(sent.why, HasSubstr(sha256_hex("wrong")));
    EXPECT_EQ(store_->find(id).refusal, UploadRefusal::Unknown);
    EXPECT_FALSE(fs::exists(place(id)));
}

TEST_F(Uploads, ADiskThatGivesOtherBytesBackIsFoundOut) {
    const std::string id = created(10);
    ASSERT_TRUE(send(id, 0, "abcde").ok());
    { // what fails unseen below the file system
        std::fstream file(place(id) / "content", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(2);
        file.put('X');
    }
    const UploadOutcome sent = send(id, 5, "fghij");
    EXPECT_EQ(sent.refusal, UploadRefusal::Damaged);
    EXPECT_THAT(sent.why, HasSubstr("gives back other bytes"));
    EXPECT_EQ(store_->find(id).refusal, UploadRefusal::Unknown);
}

TEST_F(Uploads, AreTakenUpAfterARestartWhereTheDiskHasThem) {
    const std::string id = created(10, sha256_hex("abcdefghij"));
    ASSERT_TRUE(send(id, 0, "abcd").ok());
    // a request that a crash has cut: its bytes are in the file and were never answered for
    ASSERT_TRUE(store_->begin(id, 4, 3).ok());
    const std::string lost = "???";
    ASSERT_TRUE(store_->append(id, 4, std::as_bytes(std::span(lost))).ok());
    open();
    EXPECT_EQ(store_->find(id).upload.received, 4);
    EXPECT_EQ(send(id, 7, "hij").refusal, UploadRefusal::Conflict);
    const UploadOutcome rest = send(id, 4, "efghij");
    ASSERT_TRUE(rest.ok()) << rest.why;
    EXPECT_EQ(text_of(*store_->file_of(id)), "abcdefghij");
    open();
    EXPECT_TRUE(store_->find(id).upload.complete);
    EXPECT_EQ(store_->find(id).upload.name, "song.wav");
    EXPECT_TRUE(store_->file_of(id));
}

TEST_F(Uploads, WhatIsNotWholeAfterACrashIsThrownAway) {
    const std::string good = uploaded("good");
    const std::string cut = uploaded("this one is cut");
    const std::string nameless = uploaded("and this one has no record");
    fs::permissions(place(cut) / "content", fs::perms::owner_all);
    fs::resize_file(place(cut) / "content", 3);
    fs::remove(place(nameless) / "upload.json");
    fs::create_directories(folder_ / "uploads" / "kept-by-somebody");
    open();
    EXPECT_TRUE(store_->file_of(good));
    EXPECT_FALSE(store_->file_of(cut));
    EXPECT_FALSE(fs::exists(place(cut)));
    EXPECT_FALSE(fs::exists(place(nameless)));
    EXPECT_TRUE(fs::exists(folder_ / "uploads" / "kept-by-somebody")) << "not ours";
    EXPECT_EQ(store_->list().size(), 1U);
}

TEST_F(Uploads, OfTheSameContentShareOneFile) {
    const std::string one = uploaded(std::string(400, 'a'));
    const std::string two = uploaded(std::string(400, 'a'));
    const std::string other = uploaded(std::string(100, 'b'));
    EXPECT_TRUE(fs::equivalent(*store_->file_of(one), *store_->file_of(two)));
    EXPECT_FALSE(fs::equivalent(*store_->file_of(one), *store_->file_of(other)));
    EXPECT_EQ(store_->used_bytes(), 500);
    EXPECT_TRUE(store_->remove(one).ok());
    EXPECT_EQ(text_of(*store_->file_of(two)), std::string(400, 'a')) << "the other still has it";
    EXPECT_FALSE(fs::exists(place(one)));
}

TEST_F(Uploads, KeepWithinTheirRoom) {
    EXPECT_EQ(store_->create("a", 601, "").refusal, UploadRefusal::TooLarge);
    EXPECT_EQ(store_->create("a", 0, "").refusal, UploadRefusal::Unusable);
    EXPECT_EQ(store_->create("a", -1, "").refusal, UploadRefusal::Unusable);
    EXPECT_EQ(store_->create("a", 5, "abc").refusal, UploadRefusal::Unusable);
    const std::string first = created(600);
    EXPECT_EQ(store_->create("a", 401, "").refusal, UploadRefusal::NoRoom) << "an unfinished one counts in full";
    const std::string second = created(400);
    EXPECT_EQ(store_->create("a", 1, "").refusal, UploadRefusal::NoRoom);
    EXPECT_EQ(store_->begin(first, 0, 601).refusal, UploadRefusal::TooLarge);
    ASSERT_TRUE(store_->remove(second).ok());
    EXPECT_TRUE(store_->create("a", 400, "").ok());
}

TEST_F(Uploads, LeaveRoomOnTheDisk) {
    const auto free = free_bytes(folder_);
    ASSERT_TRUE(free);
    limits_.keep_free_bytes = *free * 2 + (std::int64_t{1} << 30); // more than there is
    open();
    EXPECT_EQ(store_->create("a", 5, "").refusal, UploadRefusal::NoRoom);
    limits_.keep_free_bytes = 0;
    open();
    const std::string id = created(5);
    limits_.keep_free_bytes = *free * 2 + (std::int64_t{1} << 30);
    open();
    const UploadOutcome sent = send(id, 0, "abcde"); // the disk has filled up since
    EXPECT_EQ(sent.refusal, UploadRefusal::NoRoom);
    EXPECT_EQ(store_->find(id).upload.received, 0);
}

TEST_F(Uploads, HaveABoundToTheirNumber) {
    limits_.most = 3;
    open();
    for (int i = 0; i < 3; ++i) {
        created(1);
    }
    EXPECT_EQ(store_->create("a", 1, "").refusal, UploadRefusal::NoRoom);
}

TEST_F(Uploads, ThatAreNeverFinishedExpire) {
    const std::string old = created(10);
    const std::string whole = uploaded("whole");
    now_s_ += 24 * 3600 - 10;
    const std::string fresh = created(10);
    store_->expire();
    EXPECT_TRUE(store_->find(old).ok()) << "not yet";
    now_s_ += 20;
    store_->expire();
    EXPECT_EQ(store_->find(old).refusal, UploadRefusal::Unknown);
    EXPECT_FALSE(fs::exists(place(old)));
    EXPECT_TRUE(store_->find(fresh).ok());
    EXPECT_TRUE(store_->find(whole).ok()) << "complete ones stay";
    // one that grows is not old
    ASSERT_TRUE(send(fresh, 0, "abc").ok());
    now_s_ += 24 * 3600 - 10;
    store_->expire();
    EXPECT_TRUE(store_->find(fresh).ok());
}

TEST_F(Uploads, HaveOneWriterAtATime) {
    const std::string id = created(10);
    ASSERT_TRUE(store_->begin(id, 0, 5).ok());
    EXPECT_EQ(store_->begin(id, 0, 5).refusal, UploadRefusal::Busy);
    const std::string bytes = "abc";
    EXPECT_EQ(store_->append(id, 1, std::as_bytes(std::span(bytes))).refusal, UploadRefusal::Conflict);
    store_->end(id);
    EXPECT_EQ(store_->append(id, 0, std::as_bytes(std::span(bytes))).refusal, UploadRefusal::Conflict) << "not begun";
    EXPECT_TRUE(send(id, 0, "abc").ok());
}

TEST_F(Uploads, MayBeRemovedWhileSomebodyWrites) {
    const std::string id = created(10);
    ASSERT_TRUE(store_->begin(id, 0, 10).ok());
    EXPECT_TRUE(store_->remove(id).ok());
    const std::string bytes = "abcdefghij";
    EXPECT_EQ(store_->append(id, 0, std::as_bytes(std::span(bytes))).refusal, UploadRefusal::Unknown);
    EXPECT_EQ(store_->end(id).refusal, UploadRefusal::Unknown);
    EXPECT_FALSE(fs::exists(place(id)));
    EXPECT_EQ(store_->remove(id).refusal, UploadRefusal::Unknown);
}

TEST_F(Uploads, ThreadsDoNotMeet) {
    limits_ = {.quota_bytes = 1 << 30, .largest_bytes = 1 << 30, .keep_free_bytes = 0};
    open();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this, i] {
            const std::string bytes(20'000, static_cast<char>('a' + i % 2));
            const std::string id = created(40'000);
            EXPECT_TRUE(send(id, 0, bytes).ok());
            (void)store_->list();
            const UploadOutcome sent = send(id, 20'000, bytes);
            EXPECT_TRUE(sent.ok() && sent.upload.complete) << sent.why;
            (void)store_->used_bytes();
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    EXPECT_EQ(store_->list().size(), 4U);
    EXPECT_EQ(store_->used_bytes(), 80'000);
}

TEST(ShownName, HasNothingThatPassesForSomethingElse) {
    EXPECT_EQ(shown_name("side a.wav"), "side a.wav");
    EXPECT_EQ(shown_name("../../etc/passwd"), "passwd");
    EXPECT_EQ(shown_name("C:\\Users\\x\\a.wav"), "a.wav");
    EXPECT_EQ(shown_name("a;rm -rf $(x)|`y`.wav"), "a;rm -rf $(x)|`y`.wav") << "only shown, never run";
    EXPECT_EQ(shown_name("a\r\nSet-Cookie: x\t\x1b[31m"), "aSet-Cookie: x[31m");
    EXPECT_EQ(shown_name("gnp\u202evaw.exe"), "gnpvaw.exe");
    EXPECT_EQ(shown_name("Bl\u00fcte \u65e5\u672c.flac"), "Bl\u00fcte \u65e5\u672c.flac");
    EXPECT_EQ(shown_name("\xff\xc0\xaf\xed\xa0\x80.wav"), "??????.wav") << "no UTF-8";
    EXPECT_EQ(shown_name(""), "upload");
    EXPECT_EQ(shown_name("/"), "upload");
    EXPECT_EQ(shown_name("   \x07 "), "upload");
    const std::string cut = shown_name(std::string(159, 'a') + "\u00fc\u00fc");
    EXPECT_EQ(cut, std::string(159, 'a')) << "not within a letter";
}

} // namespace
} // namespace overbias::controller
