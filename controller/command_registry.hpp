// SPDX-License-Identifier: Apache-2.0
// The one registry of commands: name, parameters, role, handler. Every door (UNIX socket, later HTTP, WebSocket, MMC)
// serves this table and adds nothing of its own, so a command means the same wherever it comes from. No command is ever
// ignored: each call is answered once, with a result or an error. Thread: the timeline's, except schema() and names(),
// which are fixed once the doors are open.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::controller {

/// Error codes of a reply: JSON-RPC 2.0's own (section 5.1), and ours from its range for servers. Each of ours is one
/// exit status of the command line client.
enum class ErrorCode : int {
    ParseError = -32700,
    InvalidRequest = -32600,
    MethodNotFound = -32601,
    InvalidParams = -32602,
    InternalError = -32603,
    UnusableInput = -32001, ///< a file or value that cannot be used; exit status 2
    Refused = -32002,       ///< the machine refused, the message says why and what to do; exit status 3
    Fault = -32003,         ///< exit status 4
};

/// What a command answers: JSON text of the result, or an error.
struct Reply {
    std::string result; ///< JSON text; empty for an error
    ErrorCode code = ErrorCode::InternalError;
    std::string message; ///< of the error: object, expected, got, what to do

    [[nodiscard]] bool ok() const noexcept { return !result.empty(); }
    [[nodiscard]] static Reply with(const boost::json::value& result);
    [[nodiscard]] static Reply error(ErrorCode code, std::string message);
};

enum class Role { Observe, Operate };

/// Who calls. A door fills it in.
struct Caller {
    Role role = Role::Operate;
    /// Sends the caller notifications of these topics from now on; empty: this door has none.
    std::function<void(const std::vector<std::string>& topics)> subscribe = {};
    /// Came over the UNIX socket: the daemon's own user on this machine.
    bool local = false;
};

enum class ParameterType {
    Number,
    Integer,
    Text,
    Flag,
    TextList,
    Position,     ///< number: metres; text: h:mm:ss of tape time at play speed
    ObjectOrText, ///< what it is, or a file that says it
};

struct Parameter {
    std::string name;
    ParameterType type = ParameterType::Text;
    bool required = false;
    std::string help;
    std::vector<std::string> choices = {}; ///< of a Text: the only values it may have
};

/// Gets checked parameters: every required one is there, none is unknown, all have the right type. Calls `answer`
/// exactly once, now or later, on the timeline's thread.
using Answer = std::function<void(Reply)>;
using Handler = std::function<void(const boost::json::object& parameters, const Caller& caller, Answer answer)>;

struct Command {
    std::string name;
    std::string help;
    Role role = Role::Operate;
    std::vector<Parameter> parameters = {};
    std::vector<std::string> aliases = {};
    Handler handler = {};
};

class CommandRegistry {
  public:
    CommandRegistry();
    /// Throws std::logic_error for a name or alias that is taken, or a missing handler.
    void add(Command command);
    /// Runs a command. Unknown method, missing, unknown or mistyped parameter, insufficient role: answered with an
    /// error that names the nearest known name. An exception of a handler becomes InternalError.
    void call(std::string_view method, const boost::json::value& parameters, const Caller& caller, Answer answer) const;
    /// Every command with its parameters, as JSON text.
    [[nodiscard]] std::string schema() const;
    [[nodiscard]] std::vector<std::string> names() const;

  private:
    std::map<std::string, Command, std::less<>> commands_;
    std::map<std::string, std::string, std::less<>> aliases_;
};

} // namespace overbias::controller
