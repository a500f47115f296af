// SPDX-License-Identifier: Apache-2.0
#include "controller/client/new_files.hpp"
#include "controller/client/print_command.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <vector>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class NewFilesTest : public testing::Test {
  protected:
    NewFilesTest() {
        std::string pattern = (fs::path(testing::TempDir()) / "overbias-new-files.XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~NewFilesTest() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
    void put(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
    [[nodiscard]] std::string text(const std::string& name) const {
        std::ifstream in(path(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    /// Hidden ones too.
    [[nodiscard]] std::vector<std::string> all() const {
        std::vector<std::string> names;
        for (const auto& each : fs::directory_iterator(folder_)) {
            names.push_back(each.path().filename().string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }
    template <typename Action>
    static std::string message(Action&& action) {
        try {
            action();
        } catch (const UnusableArgument& failure) {
            return failure.what();
        }
        return "nothing was thrown";
    }
    fs::path folder_;
};

TEST_F(NewFilesTest, all_of_them_are_there_when_they_are_kept_and_none_before) {
    {
        NewFiles files(false);
        files.add("--pdf", path("a.pdf"), "one");
        files.add("--csv", path("b.csv"), std::string("t\0o", 3));
        EXPECT_FALSE(fs::exists(path("a.pdf")));
        files.keep();
    }
    EXPECT_THAT(all(), ElementsAre("a.pdf", "b.csv"));
    EXPECT_EQ(text("a.pdf"), "one");
    EXPECT_EQ(text("b.csv"), std::string("t\0o", 3));
    const ::mode_t mask = ::umask(0);
    ::umask(mask);
    struct ::stat there {};
    ASSERT_EQ(::stat(path("a.pdf").c_str(), &there), 0);
    EXPECT_EQ(there.st_mode & 0777U, 0666U & ~mask); // as any other program would have made it
}

TEST_F(NewFilesTest, what_is_there_stays_unless_it_is_to_be_written_over) {
    put("b.csv", "old");
    {
        NewFiles files(false);
        files.add("--pdf", path("a.pdf"), "new");
        EXPECT_THAT(message([&] { files.add("--csv", path("b.csv"), "new"); }),
                    AllOf(StartsWith("--csv "), HasSubstr("b.csv: is there already"), HasSubstr("--force")));
    }
    EXPECT_THAT(all(), ElementsAre("b.csv")); // and nothing of the other
    EXPECT_EQ(text("b.csv"), "old");
    NewFiles files(true);
    files.add("--csv", path("b.csv"), "new");
    EXPECT_EQ(text("b.csv"), "old");
    files.keep();
    EXPECT_EQ(text("b.csv"), "new");
}

TEST_F(NewFilesTest, what_comes_to_be_there_in_the_meantime_stays_too) {
    NewFiles files(false);
    files.add("--pdf", path("a.pdf"), "new");
    files.add("--csv", path("b.csv"), "new");
    put("b.csv", "of another program");
    EXPECT_THAT(message([&] { files.keep(); }),
                AllOf(HasSubstr("b.csv: is there already"), HasSubstr("written before: " + path("a.pdf"))));
    EXPECT_EQ(text("b.csv"), "of another program");
}

TEST_F(NewFilesTest, a_link_leads_to_its_file_and_stays_a_link) {
    put("target", "old");
    fs::create_symlink("target", folder_ / "link");
    NewFiles files(true);
    files.add("--pdf", path("link"), "new");
    files.keep();
    EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
    EXPECT_EQ(text("target"), "new");
}

TEST_F(NewFilesTest, places_that_are_none_are_named) {
    put("file", "");
    NewFiles files(true);
    const auto told = [&](const std::string& file) { return message([&] { files.add("--pdf", file, "x"); }); };
    EXPECT_THAT(told(path("")), HasSubstr("got a folder"));
    EXPECT_THAT(told(folder_.string()), HasSubstr("got a folder"));
    EXPECT_THAT(told(path("none/a.pdf")), AllOf(HasSubstr("cannot write into the folder"), HasSubstr("none")));
    EXPECT_THAT(told(path("file/a.pdf")), HasSubstr("cannot write into the folder"));
    EXPECT_THAT(told("/dev/null"), HasSubstr("expected an ordinary file"));
    files.add("--pdf", path("same"), "x");
    EXPECT_THAT(message([&] { files.add("--csv", path("./same"), "x"); }), HasSubstr("is the file of --pdf too"));
}

/// A disk that is full, by the limit of a file's size.
class FullDisk {
  public:
    explicit FullDisk(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const ::rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }

  private:
    ::rlimit before_{};
    void (*signal_)(int);
};

TEST_F(NewFilesTest, of_what_does_not_fit_nothing_is_left_and_what_was_there_is_there) {
    put("a.pdf", "old");
    {
        const FullDisk disk(1000);
        NewFiles files(true);
        EXPECT_THAT(message([&] { files.add("--pdf", path("a.pdf"), std::string(5000, 'x')); }),
                    AllOf(HasSubstr("a.pdf: cannot be written"), HasSubstr("make room")));
    }
    EXPECT_THAT(all(), ElementsAre("a.pdf"));
    EXPECT_EQ(text("a.pdf"), "old");
}

TEST_F(NewFilesTest, what_is_never_kept_leaves_nothing) {
    {
        NewFiles files(false);
        files.add("--pdf", path("a.pdf"), "x");
    }
    EXPECT_THAT(all(), IsEmpty());
}

} // namespace
} // namespace overbias::controller
