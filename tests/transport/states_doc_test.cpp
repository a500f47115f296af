// SPDX-License-Identifier: Apache-2.0
#include "transport/states_doc.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace overbias::transport {

TEST(StatesDoc, CommittedFileIsWhatTheTablesSay) {
    const char* const root = std::getenv("OVERBIAS_SOURCE_DIR");
    if (root == nullptr) {
        GTEST_SKIP() << "OVERBIAS_SOURCE_DIR is not set (ctest sets it)";
    }
    const std::filesystem::path path = std::filesystem::path(root) / "docs" / "states.md";
    const std::string text = render_states_doc();
    if (std::getenv("OVERBIAS_UPDATE") != nullptr) {
        std::ofstream(path) << text;
    }
    std::ifstream file(path);
    std::stringstream committed;
    committed << file.rdbuf();
    EXPECT_TRUE(committed.str() == text)
        << path << " is not what the tables say; write it anew with OVERBIAS_UPDATE=1 ctest -R transport_tests";
}

} // namespace overbias::transport
