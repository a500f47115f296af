// SPDX-License-Identifier: Apache-2.0
// Every *.script of this folder is a test; golden_script.hpp describes the language.
#include "golden_script.hpp"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

namespace overbias::golden {
namespace {

std::filesystem::path from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::filesystem::current_path() : std::filesystem::path(value);
}

std::vector<std::string> script_names() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(from_environment("OVERBIAS_SOURCE_DIR") / "tests" / "golden")) {
        if (entry.path().extension() == ".script") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::ranges::sort(names);
    return names;
}

class GoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, holds) {
    std::string pattern = (std::filesystem::path(testing::TempDir()) / "overbias-golden.XXXXXX").string();
    const char* const made = ::mkdtemp(pattern.data());
    ASSERT_NE(made, nullptr);
    const std::filesystem::path folder = made;
    {
        Script script(from_environment("OVERBIAS_SOURCE_DIR") / "tests" / "golden" / (GetParam() + ".script"),
                      from_environment("OVERBIAS_BINARY_DIR") / "bin", folder);
        try {
            script.run();
        } catch (const std::exception& failure) {
            ADD_FAILURE() << failure.what();
        }
    }
    std::filesystem::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Scripts, GoldenTest, testing::ValuesIn(script_names()),
                         [](const auto& script) { return script.param; });

} // namespace
} // namespace overbias::golden
