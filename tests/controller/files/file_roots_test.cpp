// SPDX-License-Identifier: Apache-2.0
// Who may name which file: whoever is not on this machine only what really lies below a root.
#include "controller/files/file_roots.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <stdexcept>
#include <string>
#include <sys/stat.h>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Roots : public testing::Test {
  protected:
    Roots() {
        std::string name = (fs::temp_directory_path() / "overbias-roots-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no folder for the test");
        }
        folder_ = fs::canonical(name);
        fs::create_directories(folder_ / "masters/album");
        fs::create_directories(folder_ / "masters-of-others");
        write("masters/album/a.wav");
        write("masters-of-others/b.wav");
        write("secret.wav");
    }
    ~Roots() override {
        std::error_code error;
        fs::remove_all(folder_, error);
    }
    void write(const std::string& name) const { std::ofstream(folder_ / name) << "x"; }
    [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }
    [[nodiscard]] std::string refusal(const std::string& file) const {
        const auto place = roots().resolve(file, false);
        EXPECT_FALSE(place) << file << " is " << *place;
        return place ? "" : place.error().message;
    }
    [[nodiscard]] FileRoots roots() const {
        return FileRoots({folder_ / "masters/", folder_ / "gone"}, [](const std::string& id) {
            return id == "known" ? Result<fs::path>(fs::path("/uploads/known"))
                                 : Result<fs::path>(Error{"unknown " + id});
        });
    }
    fs::path folder_;
};

TEST_F(Roots, WhatLiesBelowOneMayBeNamed) {
    EXPECT_EQ(roots().resolve(at("masters/album/a.wav"), false).value(), folder_ / "masters/album/a.wav");
    EXPECT_EQ(roots().resolve(at("masters//album/../album/./a.wav"), false).value(), folder_ / "masters/album/a.wav");
}

TEST_F(Roots, WhatLiesElsewhereMayNot) {
    EXPECT_THAT(refusal(at("secret.wav")), HasSubstr("is not in a folder that files may come from"));
    EXPECT_THAT(refusal(at("masters-of-others/b.wav")), HasSubstr("is not in a folder"));
    EXPECT_THAT(refusal(at("masters/../secret.wav")), HasSubstr("leads out"));
    EXPECT_THAT(refusal(at("masters/album/../../../../../../../../etc/passwd")), HasSubstr("leads out"));
    EXPECT_THAT(refusal("/etc/passwd"), HasSubstr("is not in a folder"));
    EXPECT_THAT(refusal("masters/album/a.wav"), HasSubstr("not an absolute path"));
    EXPECT_THAT(refusal(std::string("/x\0y", 4)), HasSubstr("not an absolute path"));
    EXPECT_THAT(refusal(""), HasSubstr("not an absolute path"));
    // whether there is such a file outside is not told
    const std::string there = refusal(at("secret.wav"));
    const std::string gone = refusal(at("nothing.wav"));
    EXPECT_EQ(there.substr(at("secret.wav").size()), gone.substr(at("nothing.wav").size()));
}

TEST_F(Roots, ALinkMayNotLeadOut) {
    fs::create_symlink(folder_ / "secret.wav", folder_ / "masters/absolute.wav");
    fs::create_symlink("../secret.wav", folder_ / "masters/relative.wav");
    fs::create_directory_symlink(folder_, folder_ / "masters/up");
    fs::create_symlink("loop", folder_ / "masters/loop");
    fs::create_symlink("/proc/self/root/etc/passwd", folder_ / "masters/magic.wav");
    for (const char* const name : {"absolute.wav", "relative.wav", "up/secret.wav", "loop", "magic.wav"}) {
        EXPECT_THAT(refusal(at("masters/") + name), HasSubstr("leads out")) << name;
    }
    fs::create_symlink("album/a.wav", folder_ / "masters/inside.wav");
    EXPECT_EQ(roots().resolve(at("masters/inside.wav"), false).value(), folder_ / "masters/album/a.wav");
}

TEST_F(Roots, WhatIsNotThereIsSaidInside) {
    EXPECT_THAT(refusal(at("masters/no.wav")), HasSubstr("no such file"));
    EXPECT_THAT(refusal(at("gone/a.wav")), HasSubstr("this folder of files.roots cannot be opened"));
}

TEST_F(Roots, ALocalCallerNamesAnyFile) {
    EXPECT_EQ(roots().resolve(at("secret.wav"), true).value(), folder_ / "secret.wav");
    EXPECT_FALSE(roots().resolve("secret.wav", true));
}

TEST_F(Roots, UploadsGoByTheirId) {
    EXPECT_EQ(roots().resolve("upload:known", false).value(), "/uploads/known");
    EXPECT_THAT(refusal("upload:../../etc"), HasSubstr("unknown ../../etc"));
    EXPECT_THAT(FileRoots({}, {}).resolve("upload:known", true).error().message, HasSubstr("uploads are off"));
}

} // namespace
} // namespace overbias::controller
