// SPDX-License-Identifier: Apache-2.0
// Files that a command writes for its user: several at once, each there whole or not at all, and nothing that is there
// already is lost. Each is written beside its place under a name of its own, then all are put in their places. Thread:
// one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace overbias::controller {

class NewFiles {
  public:
    /// `overwrite`: what is there already is written over; without it that is an error.
    explicit NewFiles(bool overwrite) : overwrite_(overwrite) {}
    NewFiles(const NewFiles&) = delete;
    NewFiles& operator=(const NewFiles&) = delete;
    /// Removes what was not put in its place.
    ~NewFiles();

    /// Writes it, and has it on the disk, under another name. The folder has to be there. Throws UnusableArgument
    /// (print_command.hpp) that begins with `option` and names the file.
    void add(std::string_view option, const std::string& file, std::string_view bytes);
    /// Puts all of them in their places; throws likewise, and tells which ones are there by then.
    void keep();

  private:
    struct Written {
        std::string option, file, temporary;
    };
    std::vector<Written> written_;
    bool overwrite_;
};

} // namespace overbias::controller
