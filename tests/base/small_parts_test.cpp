// SPDX-License-Identifier: Apache-2.0
#include "base/host_time.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "base/units.hpp"
#include "base/uuid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

namespace overbias {

// NIST FIPS 180-4 examples (csrc.nist.gov, SHA256.pdf and the long message of a million 'a').
TEST(Sha256, KnownVectors) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    Sha256 pieces;
    for (int i = 0; i < 1000; ++i) {
        pieces.update(std::string(1000, 'a'));
    }
    EXPECT_EQ(pieces.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DigestOfAFileAndOfWhatIsNone) {
    const auto path = std::filesystem::temp_directory_path() / ("overbias-sha-" + new_uuid());
    std::ofstream(path) << "abc";
    const Result<std::string> digest = sha256_file(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(digest.ok());
    EXPECT_EQ(*digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const Result<std::string> missing = sha256_file(path);
    ASSERT_FALSE(missing.ok());
    EXPECT_NE(missing.error().message.find(path.string()), std::string::npos);
    EXPECT_FALSE(sha256_file(std::filesystem::temp_directory_path()).ok()) << "a directory has no digest";
}

TEST(Uuid, IsVersionFourAndNeverTheSame) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string uuid = new_uuid();
        ASSERT_TRUE(is_uuid(uuid)) << uuid;
        ASSERT_EQ(uuid[14], '4');
        ASSERT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
        ASSERT_TRUE(seen.insert(uuid).second);
    }
    EXPECT_FALSE(is_uuid(""));
    EXPECT_FALSE(is_uuid("00000000-0000-4000-8000-00000000000"));
    EXPECT_FALSE(is_uuid("00000000-0000-4000-8000-00000000000g"));
    EXPECT_FALSE(is_uuid("00000000x0000-4000-8000-000000000000"));
}

TEST(Result, IsAValueOrAnError) {
    const auto half = [](int value) -> Result<int> {
        if (value % 2 != 0) {
            return Error{"odd"};
        }
        return value / 2;
    };
    ASSERT_TRUE(half(8));
    EXPECT_EQ(*half(8), 4);
    ASSERT_FALSE(half(7));
    EXPECT_EQ(half(7).error().message, "odd");
    Result<std::unique_ptr<int>> owned = std::make_unique<int>(3);
    const std::unique_ptr<int> taken = std::move(owned).value();
    EXPECT_EQ(*taken, 3);
    EXPECT_TRUE(Result<void>().ok());
    const Result<void> failed = Error{"stuck"};
    EXPECT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().message, "stuck");
}

TEST(Units, ConvertAsDefined) {
    EXPECT_DOUBLE_EQ(metres_per_second(15.0), 0.381);
    EXPECT_NEAR(amplitude_db(2.0), 6.0206, 1e-4);
    EXPECT_NEAR(power_db(2.0), 3.0103, 1e-4);
    EXPECT_NEAR(amplitude_from_db(-20.0), 0.1, 1e-12);
    EXPECT_NEAR(power_from_db(-20.0), 0.01, 1e-12);
    EXPECT_TRUE(std::isinf(amplitude_db(0.0)));
}

TEST(HostTime, WritesUtcAndKnowsTheBoot) {
    EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(utc_text(1'000'000'000'123'000'000), "2001-09-09T01:46:40.123Z");
    const HostStamp first = host_now();
    const HostStamp second = host_now();
    EXPECT_GE(second.monotonic_ns, first.monotonic_ns);
    EXPECT_EQ(first.boot_id, second.boot_id);
}

} // namespace overbias
