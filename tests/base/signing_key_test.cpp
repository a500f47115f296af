// SPDX-License-Identifier: Apache-2.0
// The oracle is RFC 8032, section 7.1.
#include "base/signing/signing_key.hpp"

#include "base/base64.hpp"
#include "base/uuid.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>

namespace overbias {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Vector {
    const char* seed;
    const char* public_key;
    std::string message;
    const char* signature;
};

const std::vector<Vector>& vectors() {
    static const std::vector<Vector> all{{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                                          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                                          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a3"
                                          "3bacc61e39701cf9b46bd25bf5f0595bbe2"
                                          "4655141438e7a100b"},
                                         {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                                          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
                                          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15"
                                          "996e458f3613d0f11d8c387b2eaeb4302ae"
                                          "eb00d291612bb0c00"},
                                         {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                                          "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                                          "\xaf\x82",
                                          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16"
                                          "f290ae67f760984dc6594a7c15e9716ed28"
                                          "dc027beceea1ec40a"}};
    return all;
}

TEST(SigningKeyTest, makes_the_signatures_of_RFC_8032) {
    for (const Vector& each : vectors()) {
        const auto key = SigningKey::of_seed(each.seed);
        ASSERT_TRUE(key.ok()) << key.error().message;
        EXPECT_EQ(key->public_key(), each.public_key);
        EXPECT_EQ(key->sign(each.message), each.signature);
        EXPECT_TRUE(signature_fits(each.public_key, each.message, each.signature));
    }
}

TEST(SigningKeyTest, a_changed_digit_anywhere_does_not_fit) {
    const Vector& vector = vectors()[2];
    const auto changed = [](std::string hex, std::size_t at) {
        hex[at] = hex[at] == '0' ? '1' : '0';
        return hex;
    };
    for (std::size_t i = 0; i < 128; ++i) {
        EXPECT_FALSE(signature_fits(vector.public_key, vector.message, changed(vector.signature, i))) << i;
    }
    for (std::size_t i = 0; i < 64; ++i) {
        EXPECT_FALSE(signature_fits(changed(vector.public_key, i), vector.message, vector.signature)) << i;
    }
    EXPECT_FALSE(signature_fits(vector.public_key, "\xaf\x83", vector.signature));
    EXPECT_FALSE(signature_fits(vector.public_key, "", vector.signature));
    EXPECT_FALSE(signature_fits("", vector.message, vector.signature));
    EXPECT_FALSE(signature_fits(vector.public_key, vector.message, "no digits"));
    EXPECT_FALSE(signature_fits(vector.public_key, vector.message, std::string(vector.signature) + "00"));
}

TEST(SigningKeyTest, a_fingerprint_is_the_beginning_of_the_keys_hash) {
    // echo -n d75a...511a | xxd -r -p | sha256sum
    EXPECT_EQ(key_fingerprint(vectors()[0].public_key), "21fe-31df-a154-a261");
    EXPECT_EQ(key_fingerprint("no key"), "");
}

TEST(Base64Test, vectors_of_RFC_4648) {
    for (const auto& [bytes, text] : std::vector<std::pair<std::string, std::string>>{
             {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}}) {
        EXPECT_EQ(base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
    for (const char* none : {"Zg", "Zg=", "Z===", "Zm9v!", "Zg==Zg==", "Zh=="}) {
        EXPECT_EQ(from_base64(none), std::nullopt) << none;
    }
}

class KeyFileTest : public testing::Test {
  protected:
    KeyFileTest() { fs::create_directories(folder); }
    ~KeyFileTest() override { fs::remove_all(folder); }
    static std::string text_of(const fs::path& file) {
        std::stringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }
    const fs::path folder = fs::temp_directory_path() / ("overbias-key-" + new_uuid());
    const fs::path file = folder / "state" / "signing.key";
};

TEST_F(KeyFileTest, is_made_once_and_read_ever_after) {
    const auto made = SigningKey::load_or_make(file);
    ASSERT_TRUE(made.ok()) << made.error().message;
    struct ::stat about {};
    ASSERT_EQ(::stat(file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(about.st_nlink, 1U);
    const std::string text = text_of(file);
    const auto again = SigningKey::load_or_make(file);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->public_key(), made->public_key());
    EXPECT_EQ(text_of(file), text);
    EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()),
              1); // nothing beside it
    const auto other = SigningKey::load_or_make(folder / "other.key");
    ASSERT_TRUE(other.ok());
    EXPECT_NE(other->public_key(), made->public_key());
}

TEST_F(KeyFileTest, several_at_once_get_the_same) {
    std::vector<std::string> keys(8);
    std::vector<std::thread> threads;
    for (std::string& each : keys) {
        threads.emplace_back([&] {
            const auto key = SigningKey::load_or_make(file);
            each = key ? key->public_key() : key.error().message;
        });
    }
    for (std::thread& each : threads) {
        each.join();
    }
    EXPECT_EQ(keys.front().size(), 64U) << keys.front();
    EXPECT_THAT(keys, testing::Each(keys.front()));
}

TEST_F(KeyFileTest, what_is_no_key_is_left_alone_and_told) {
    const auto message = [&](const std::string& content, ::mode_t mode) {
        fs::create_directories(file.parent_path());
        std::ofstream(file) << content;
        EXPECT_EQ(::chmod(file.c_str(), mode), 0);
        const auto key = SigningKey::load_or_make(file);
        EXPECT_EQ(text_of(file), content);
        return key ? std::string("a key") : key.error().message;
    };
    const std::string seed = vectors()[0].seed;
    EXPECT_EQ(message(seed + "\n", 0600), "a key");
    EXPECT_EQ(message("# words\n" + seed, 0600), "a key");
    EXPECT_THAT(message(seed, 0640), testing::AllOf(HasSubstr("signing.key"), HasSubstr("0600")));
    EXPECT_THAT(message(seed, 0604), HasSubstr("0600"));
    EXPECT_THAT(message("", 0600), HasSubstr("64 hexadecimal digits"));
    EXPECT_THAT(message(seed.substr(1), 0600), HasSubstr("64 hexadecimal digits"));
    EXPECT_THAT(message(seed + "0", 0600), HasSubstr("64 hexadecimal digits"));
    EXPECT_THAT(message("z" + seed.substr(1), 0600), HasSubstr("64 hexadecimal digits"));
}

TEST_F(KeyFileTest, says_which_file_can_not_be_made) {
    std::ofstream(folder / "file") << "no folder";
    const auto key = SigningKey::load_or_make(folder / "file" / "signing.key");
    ASSERT_FALSE(key.ok());
    EXPECT_THAT(key.error().message, HasSubstr("file/signing.key"));
}

} // namespace
} // namespace overbias
