// SPDX-License-Identifier: Apache-2.0
// The control socket of overbias-decksim, as a test sees it: the truth about the deck, what happened and when, its
// cables. Every call throws std::runtime_error on {"error": ...} and when nothing comes in time. Thread: one.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace overbias::live {

/// One event of the deck; `all` has every member.
struct DeckHappening {
    std::uint64_t n = 0;
    std::int64_t at_ns = 0;
    std::string what;
    boost::json::object all;
    [[nodiscard]] double place_m() const { return all.at("place_m").to_number<double>(); }
};

class DeckControl {
  public:
    explicit DeckControl(const std::filesystem::path& socket);
    ~DeckControl();
    DeckControl(const DeckControl&) = delete;
    DeckControl& operator=(const DeckControl&) = delete;

    boost::json::object ask(const boost::json::object& request,
                            std::chrono::seconds patience = std::chrono::seconds(10));
    boost::json::object tell(const std::string& cmd) { return ask({{"cmd", cmd}}); }
    [[nodiscard]] boost::json::object truth() { return tell("truth"); }
    [[nodiscard]] double place_m() { return truth().at("place_m").to_number<double>(); }
    [[nodiscard]] std::vector<DeckHappening> events(std::uint64_t after = 0);
    /// Number of the last event so far.
    [[nodiscard]] std::uint64_t last_event();
    /// The first event of that name after number `after`, as soon as it is there; nothing when the time is over.
    [[nodiscard]] std::optional<DeckHappening> wait_for(const std::string& what, std::uint64_t after,
                                                        std::chrono::milliseconds patience);
    /// Comes back when the deck's clock shows that time.
    void wait_until(std::int64_t until_ns);
    [[nodiscard]] std::vector<std::string> digest(double from_m, double to_m, double piece_m);

  private:
    [[nodiscard]] std::string read_line(std::chrono::steady_clock::time_point deadline);
    int socket_ = -1;
    std::string heard_;
};

} // namespace overbias::live
