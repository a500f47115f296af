// SPDX-License-Identifier: Apache-2.0
// One line for a command line that can't be understood: what is wrong, the nearest word there is, where the help is.
#pragma once

#include "base/nearest_word.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace overbias::controller {

/// The innermost subcommand that was named.
inline const CLI::App& named_command(const CLI::App& app) {
    const auto given = app.get_subcommands();
    return given.empty() ? app : named_command(*given.front());
}

/// "overbias deck lines": the command with those it stands under.
inline std::string full_name(const CLI::App& command) {
    const CLI::App* const parent = command.get_parent();
    return (parent == nullptr ? "" : full_name(*parent) + " ") + command.get_name();
}

inline std::string did_you_mean(const std::string& word, const std::vector<std::string>& words) {
    const std::string nearest = nearest_word(word, words);
    return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
}

/// `words`: what was not taken by any option or command.
inline std::string usage_message(const CLI::App& app, const std::string& error) {
    const CLI::App& command = named_command(app);
    const std::string name = full_name(command);
    const std::string help = " (" + name + " --help)";
    const std::vector<std::string> words = app.remaining(true);
    const auto option =
        std::find_if(words.begin(), words.end(), [](const std::string& word) { return word.starts_with("-"); });
    if (option != words.end()) {
        std::vector<std::string> known;
        for (const CLI::Option* each : command.get_options()) {
            for (const std::string& known_name : each->get_lnames()) {
                known.push_back("--" + known_name);
            }
        }
        const std::string given = option->substr(0, option->find('='));
        return name + ": there is no option '" + given + "'" + did_you_mean(given, known) + help;
    }
    if (!words.empty() && !command.get_subcommands({}).empty()) {
        std::vector<std::string> known;
        for (const CLI::App* each : command.get_subcommands({})) {
            known.push_back(each->get_name());
        }
        return name + ": there is no command '" + words.front() + "'" + did_you_mean(words.front(), known) + help;
    }
    if (!words.empty()) {
        return name + ": does not take '" + words.front() + "'" + help;
    }
    if (!command.get_subcommands({}).empty() && command.get_require_subcommand_min() > 0) {
        return name + ": name a command" + help;
    }
    std::string what = error.substr(0, error.find('\n'));
    if (what.starts_with(command.get_name() + ": ")) {
        what.erase(0, command.get_name().size() + 2);
    }
    return name + ": " + what + help;
}

/// Help and version go to standard output with status 0; a mistake is one line on standard error, status 2.
inline int end_of_parsing(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
        return app.exit(error);
    }
    std::fprintf(stderr, "%s\n", usage_message(app, error.what()).c_str());
    return 2;
}

} // namespace overbias::controller
