// SPDX-License-Identifier: Apache-2.0
// Runs one operator script against the real overbiasd and overbias. One command a line; # begins a comment; $T is the
// script's own folder, which is also where the client runs.
//
//   daemon ARGS...                   starts overbiasd --simulate --state-dir $T/state ARGS and waits until it is ready
//   daemon-fails STATUS ARGS...      the same, but it must end with STATUS before it is ready; `says` finds its words
//   end                              SIGTERM; the daemon must end with status 0
//   kill                             SIGKILL
//
//   music NAME SECONDS               writes a demo programme
//   wave NAME CHANNELS RATE SECONDS  writes 16-bit silence
//   tone NAME HZ DBFS SECONDS        writes a sine, the same in both channels
//   cut NAME BYTES                   makes a file that short
//   change NAME WORD OTHER           puts OTHER in the place of the first WORD of a file
//   text NAME WORDS...               writes a file of one line (more where \n stands)
//
//   run STATUS ARGS...               runs overbias ARGS; its exit status must be STATUS
//   begin ARGS...                    runs overbias ARGS beside the script
//   finish STATUS                    waits for it
//   says WORDS...                    what ran last has said WORDS (standard output or error)
//   silent-about WORDS...            it has not
//   said-lines COUNT                 so many lines it was
//   holds FILE WORDS...              a file in $T has them
//   reads PATH VALUE                 a member of the JSON object that was printed (of a list: by its number, or
//                                    `key=value` of a member); `reads PATH NUMBER WITHIN`: a number, give or take
//   until PATH NUMBER WITHIN ARGS... runs overbias ARGS --json again and again until that is so (a word: WITHIN 0);
//                                    refused counts as not yet
//
//   expect PATH VALUE                a member of the status, e.g. `expect motion.current Stopped`
//   wait PATH VALUE                  waits for it: asks again after each notification, never by the clock
//   near PATH NUMBER WITHIN          a member of the status that is that number, give or take
#pragma once

#include "controller/client/rpc_client.hpp"

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace overbias::golden {

class Script {
  public:
    Script(std::filesystem::path file, std::filesystem::path programs, std::filesystem::path folder);
    ~Script();
    Script(const Script&) = delete;
    Script& operator=(const Script&) = delete;
    /// Throws std::runtime_error naming the line that did not hold.
    void run();

  private:
    using Words = std::vector<std::string>;
    void step(const std::string& command, const std::string& rest);
    void start_daemon(const std::string& arguments, bool must_fail, int status);
    int end_daemon(int signal);
    /// Waits until the client that runs beside the script has ended; its exit status.
    int end_client();
    void finish(int status);
    [[nodiscard]] std::string status_member(const std::string& path);
    void wait_for(const std::string& path, const std::string& value, bool patiently);
    [[nodiscard]] std::string client_line(const std::string& arguments) const;

    std::filesystem::path file_, programs_, folder_;
    pid_t daemon_ = -1;
    std::unique_ptr<controller::RpcClient> watch_;
    std::FILE* running_ = nullptr;
    std::string said_;
};

} // namespace overbias::golden
