// SPDX-License-Identifier: Apache-2.0
// ControlDoor: the UNIX socket through which tests and benchmarks ask the simulated deck for the truth and pull its
// cables. One JSON object a line, one answer a line, in order; a line that is not one is answered with {"error": ...}.
// Thread: that of the io_context.
#pragma once

#include <boost/json/object.hpp>
#include <filesystem>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace overbias::deck_sim {

class ControlDoor {
  public:
    using Answer = std::function<void(boost::json::object)>;
    /// Answers now or later, once; a thrown std::exception is the answer {"error": what()}.
    using Serve = std::function<void(const boost::json::object& request, Answer answer)>;

    /// Throws std::runtime_error when the socket can't be made; a socket nobody listens on any more is replaced.
    ControlDoor(boost::asio::io_context& io, const std::filesystem::path& socket, Serve serve);
    ~ControlDoor();
    ControlDoor(const ControlDoor&) = delete;
    ControlDoor& operator=(const ControlDoor&) = delete;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
