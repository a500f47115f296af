// SPDX-License-Identifier: Apache-2.0
#include "controller/command_registry.hpp"

#include "base/json/json_text.hpp"
#include "base/nearest_word.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <stdexcept>

namespace overbias::controller {

namespace json = boost::json;

namespace {

const char* word(ParameterType type) {
    switch (type) {
    case ParameterType::Number:
        return "number";
    case ParameterType::Integer:
        return "whole number";
    case ParameterType::Text:
        return "text";
    case ParameterType::Flag:
        return "true or false";
    case ParameterType::TextList:
        return "list of texts";
    case ParameterType::Position:
        return "position (metres as a number, or \"h:mm:ss\")";
    case ParameterType::ObjectOrText:
        return "object, or the path of a file as text";
    }
    return "";
}

const char* word(json::kind kind) {
    switch (kind) {
    case json::kind::null:
        return "null";
    case json::kind::bool_:
        return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
        return "whole number";
    case json::kind::double_:
        return "number";
    case json::kind::string:
        return "text";
    case json::kind::array:
        return "list";
    case json::kind::object:
        return "object";
    }
    return "";
}

bool has_type(const json::value& value, ParameterType type) {
    switch (type) {
    case ParameterType::Number:
        return value.is_number();
    case ParameterType::Integer:
        return value.is_int64() || value.is_uint64();
    case ParameterType::Text:
        return value.is_string();
    case ParameterType::Flag:
        return value.is_bool();
    case ParameterType::TextList:
        return value.is_array() && std::all_of(value.as_array().begin(), value.as_array().end(),
                                               [](const json::value& item) { return item.is_string(); });
    case ParameterType::Position:
        return value.is_number() || value.is_string();
    case ParameterType::ObjectOrText:
        return value.is_object() || value.is_string();
    }
    return false;
}

std::string quoted_list(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

std::string unknown(const std::string& what, std::string_view given, const std::vector<std::string>& known) {
    std::string message = what + " '" + std::string(given) + "'";
    const std::string nearest = nearest_word(given, known);
    if (!nearest.empty()) {
        return message + "; did you mean '" + nearest + "'?";
    }
    return message + (known.empty() ? "; there are none" : "; there are: " + quoted_list(known));
}

/// Empty when the parameters fit the command.
std::string parameter_error(const Command& command, const json::object& given) {
    std::vector<std::string> names;
    for (const Parameter& parameter : command.parameters) {
        names.push_back(parameter.name);
    }
    for (const auto& item : given) {
        if (std::find(names.begin(), names.end(), std::string_view(item.key())) == names.end()) {
            return command.name + ": " + unknown("unknown parameter", item.key(), names);
        }
    }
    for (const Parameter& parameter : command.parameters) {
        const json::value* value = given.if_contains(parameter.name);
        if (value == nullptr) {
            if (parameter.required) {
                return command.name + ": parameter '" + parameter.name + "' is missing (" + word(parameter.type) +
                       ": " + parameter.help + ")";
            }
            continue;
        }
        if (!has_type(*value, parameter.type)) {
            return command.name + ": parameter '" + parameter.name + "' must be a " + word(parameter.type) + ", got " +
                   word(value->kind());
        }
        if (value->is_double() && !std::isfinite(value->as_double())) {
            return command.name + ": parameter '" + parameter.name + "' must be a finite number";
        }
        if (!parameter.choices.empty()) {
            const std::string text(value->as_string());
            if (std::find(parameter.choices.begin(), parameter.choices.end(), text) == parameter.choices.end()) {
                return command.name + ": parameter '" + parameter.name +
                       "': " + unknown("unknown value", text, parameter.choices);
            }
        }
    }
    return {};
}

const char* schema_type(ParameterType type) {
    switch (type) {
    case ParameterType::Number:
        return "number";
    case ParameterType::Integer:
        return "integer";
    case ParameterType::Text:
        return "string";
    case ParameterType::Flag:
        return "boolean";
    case ParameterType::TextList:
        return "string[]";
    case ParameterType::Position:
        return "position";
    case ParameterType::ObjectOrText:
        return "object|string";
    }
    return "";
}

} // namespace

Reply Reply::with(const json::value& result) {
    Reply reply;
    reply.result = json_line(result);
    return reply;
}

Reply Reply::error(ErrorCode code, std::string message) {
    Reply reply;
    reply.code = code;
    reply.message = std::move(message);
    return reply;
}

CommandRegistry::CommandRegistry() {
    add({.name = "schema",
         .help = "every command with its parameters",
         .role = Role::Observe,
         .handler = [this](const json::object&, const Caller&, const Answer& answer) {
             Reply reply;
             reply.result = schema();
             answer(std::move(reply));
         }});
}

void CommandRegistry::add(Command command) {
    const auto taken = [this](const std::string& name) {
        return name.empty() || commands_.contains(name) || aliases_.contains(name);
    };
    if (taken(command.name) || !command.handler) {
        throw std::logic_error("command '" + command.name + "' is registered twice or has no handler");
    }
    for (const std::string& alias : command.aliases) {
        if (taken(alias) || alias == command.name) {
            throw std::logic_error("command alias '" + alias + "' is taken");
        }
        aliases_.emplace(alias, command.name);
    }
    std::string name = command.name;
    commands_.emplace(std::move(name), std::move(command));
}

void CommandRegistry::call(std::string_view method, const json::value& parameters, const Caller& caller,
                           Answer answer) const {
    const auto alias = aliases_.find(method);
    const auto found = commands_.find(alias != aliases_.end() ? std::string_view(alias->second) : method);
    if (found == commands_.end()) {
        return answer(Reply::error(ErrorCode::MethodNotFound, unknown("unknown command", method, names())));
    }
    const Command& command = found->second;
    if (command.role == Role::Operate && caller.role != Role::Operate) {
        return answer(Reply::error(ErrorCode::Refused, command.name + ": this connection may only observe"));
    }
    static const json::object none;
    if (!parameters.is_null() && !parameters.is_object()) {
        return answer(
            Reply::error(ErrorCode::InvalidParams,
                         command.name + ": parameters must be an object with names, got " + word(parameters.kind())));
    }
    const json::object& given = parameters.is_object() ? parameters.as_object() : none;
    if (std::string error = parameter_error(command, given); !error.empty()) {
        return answer(Reply::error(ErrorCode::InvalidParams, std::move(error)));
    }
    try {
        command.handler(given, caller, answer);
    } catch (const std::exception& failure) {
        answer(Reply::error(ErrorCode::InternalError, command.name + ": " + failure.what()));
    }
}

std::string CommandRegistry::schema() const {
    json::array commands;
    for (const auto& [name, command] : commands_) {
        json::array parameters;
        for (const Parameter& parameter : command.parameters) {
            json::object described{{"name", parameter.name},
                                   {"type", schema_type(parameter.type)},
                                   {"required", parameter.required},
                                   {"help", parameter.help}};
            if (!parameter.choices.empty()) {
                described["choices"] = json::value_from(parameter.choices);
            }
            parameters.push_back(std::move(described));
        }
        commands.push_back({{"name", name},
                            {"help", command.help},
                            {"role", command.role == Role::Operate ? "operate" : "observe"},
                            {"aliases", json::value_from(command.aliases)},
                            {"parameters", std::move(parameters)}});
    }
    return json_line(json::object{{"commands", std::move(commands)}});
}

std::vector<std::string> CommandRegistry::names() const {
    std::vector<std::string> names;
    for (const auto& [name, command] : commands_) {
        names.push_back(name);
    }
    for (const auto& [alias, name] : aliases_) {
        names.push_back(alias);
    }
    return names;
}

} // namespace overbias::controller
