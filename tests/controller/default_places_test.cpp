// SPDX-License-Identifier: Apache-2.0
// Where daemon and command line meet when nobody says where.
#include "controller/client/rpc_client.hpp"
#include "controller/default_places.hpp"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <optional>
#include <string>

namespace overbias::controller {
namespace {

/// Sets a variable of the environment (null: takes it away) and puts the old one back.
class PlaceVariable {
  public:
    PlaceVariable(const char* name, const char* value) : name_(name) {
        if (const char* before = std::getenv(name)) {
            before_ = before;
        }
        set(value);
    }
    ~PlaceVariable() { set(before_ ? before_->c_str() : nullptr); }
    PlaceVariable(const PlaceVariable&) = delete;
    PlaceVariable& operator=(const PlaceVariable&) = delete;

  private:
    void set(const char* value) const {
        if (value == nullptr) {
            ::unsetenv(name_);
        } else {
            ::setenv(name_, value, 1);
        }
    }
    const char* name_;
    std::optional<std::string> before_;
};

TEST(DefaultPlaces, a_users_state_follows_the_xdg_specification) {
    const PlaceVariable home("HOME", "/home/engineer");
    {
        const PlaceVariable state("XDG_STATE_HOME", nullptr);
        EXPECT_EQ(simulated_state_dir(), "/home/engineer/.local/state/overbias/simulated");
    }
    {
        const PlaceVariable state("XDG_STATE_HOME", "relative"); // to be ignored, says the specification
        EXPECT_EQ(user_state_dir(), "/home/engineer/.local/state/overbias");
    }
    const PlaceVariable state("XDG_STATE_HOME", "/srv/state");
    EXPECT_EQ(simulated_state_dir(), "/srv/state/overbias/simulated");
    const PlaceVariable no_state("XDG_STATE_HOME", nullptr);
    const PlaceVariable no_home("HOME", nullptr);
    EXPECT_EQ(simulated_state_dir(), "/var/lib/overbias/simulated");
}

TEST(DefaultPlaces, the_command_line_looks_where_the_daemon_listens) {
    if (std::filesystem::exists(kServiceSocket)) {
        GTEST_SKIP() << "a daemon is installed here";
    }
    const PlaceVariable named("OVERBIAS_SOCKET", nullptr);
    const PlaceVariable state("XDG_STATE_HOME", "/srv/state");
    EXPECT_EQ(default_socket(), "/srv/state/overbias/simulated/overbias.sock");
    const PlaceVariable other("OVERBIAS_SOCKET", "/tmp/other.sock");
    EXPECT_EQ(default_socket(), "/tmp/other.sock");
}

} // namespace
} // namespace overbias::controller
