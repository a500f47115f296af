// SPDX-License-Identifier: Apache-2.0
#include "controller/client/align_command.hpp"

#include "base/json/json_text.hpp"
#include "controller/client/align_screen.hpp"
#include "controller/client/interrupt_guard.hpp"
#include "controller/client/operator_words.hpp"
#include "controller/client/words.hpp"
#include "controller/command_registry.hpp"

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <poll.h>
#include <string_view>
#include <unistd.h>

namespace overbias::controller {

namespace json = boost::json;

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kGlance = std::chrono::milliseconds(40); ///< between two looks at the keys
constexpr auto kQuiet = std::chrono::seconds(5);        ///< nothing heard: ask whether the daemon lives
constexpr auto kStopping = std::chrono::seconds(10);

class Align {
  public:
    Align(RpcClient& daemon, const AlignOptions& options) : daemon_(daemon), options_(options) {
        if (!options.json) {
            screen_ = std::make_unique<AlignScreen>();
        }
    }

    int run() {
        daemon_.call("subscribe", json::object{{"topics", {"alignment", "alignment_accepted", "progress", "job_end"}}});
        const json::value started = options_.join ? running() : daemon_.call("align", request());
        job_ = started.at("job");
        told("started", started.as_object());
        if (screen_) {
            screen_->started(started);
        }
        try {
            return end(until_end());
        } catch (const Interrupted&) {
            return interrupted();
        }
    }

  private:
    /// The alignment that runs already.
    [[nodiscard]] json::value running() {
        const json::value now = daemon_.call("alignment");
        if (now.is_null()) {
            throw RpcFailure(static_cast<int>(ErrorCode::Refused), "align --join was refused: no alignment runs");
        }
        return now;
    }

    [[nodiscard]] json::object request() const {
        json::object request{{"procedure", options_.procedure}};
        const auto add = [&request](const char* name, const std::string& value) {
            if (!value.empty()) {
                request[name] = value;
            }
        };
        if (options_.guided) {
            request["guided"] = *options_.guided;
        }
        add("stock", options_.stock);
        add("batch", options_.batch);
        add("operator", options_.operator_name);
        add("calibration_tape", options_.calibration_tape);
        if (options_.anew) {
            request["anew"] = true;
        }
        if (options_.print_through) {
            request["print_through"] = true;
        }
        return request;
    }

    json::value until_end() {
        for (auto heard_at = Clock::now();;) {
            if (InterruptGuard::came()) {
                throw Interrupted();
            }
            listen_to_operator();
            if (const auto heard = daemon_.next_notification(kGlance)) {
                heard_at = Clock::now();
                if (auto ended = take(*heard); ended.is_object()) {
                    return ended;
                }
            } else if (Clock::now() - heard_at > kQuiet) {
                heard_at = Clock::now();
                const json::value status = daemon_.call("job_status");
                if (const json::value& last = status.at("last_job");
                    status.at("job").is_null() && last.is_object() && last.at("id") == job_) {
                    return last;
                }
            }
        }
    }

    /// The end, when it was that.
    json::value take(const Notification& heard) {
        const json::value& what = heard.parameters;
        if (heard.topic == "alignment" && at(what, "job") == job_) {
            view_ = at(what, "view");
            told("alignment", {{"alignment", what}});
            if (screen_) {
                screen_->view(view_, keys_.typed());
            }
        } else if (heard.topic == "alignment_accepted" && at(what, "job") == job_) {
            told("accepted", {{"record", at(what, "record")}, {"values", at(what, "values")}});
            if (screen_) {
                screen_->accepted(at(what, "values"));
            }
        } else if (heard.topic == "progress" && at(what, "id") == job_) {
            if (screen_) {
                screen_->progress(what);
            }
        } else if (heard.topic == "job_end" && at(what, "id") == job_) {
            return what;
        }
        return nullptr;
    }

    void listen_to_operator() {
        for (const char key : typed()) {
            if (screen_ && screen_->terminal()) {
                if (const auto said = keys_.press(key)) {
                    say(*said);
                }
                screen_->view(view_, keys_.typed());
            } else if (key != '\n') {
                line_ += key;
            } else {
                take_line();
            }
        }
        while (const auto said = script_.next(view_)) {
            say(*said);
        }
    }

    void take_line() {
        const auto said = operator_line(line_);
        line_.clear();
        if (!said) {
            complain(said.error().message);
        } else if (*said) {
            script_.add(**said);
        }
    }

    /// What has been written to standard input since the last look.
    std::string typed() {
        std::string text;
        pollfd input{STDIN_FILENO, POLLIN, 0};
        while (!input_ended_ && ::poll(&input, 1, 0) > 0) {
            std::array<char, 512> chunk{};
            const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
            if (got > 0) {
                text.append(chunk.data(), static_cast<std::size_t>(got));
            } else if (got == 0 || errno != EINTR) {
                input_ended_ = true;
                if (!line_.empty() || (!text.empty() && text.back() != '\n')) {
                    text += '\n'; // a last line without its end
                }
            }
        }
        return text;
    }

    void say(const OperatorLine& line) {
        json::object said = say_request(line);
        if (const json::value& step = at(view_, "step_id"); step.is_string() && line.says != "abort") {
            said["step_id"] = step; // not the next one, if it has come in the meantime
        }
        try {
            daemon_.call("align_say", said);
        } catch (const RpcFailure& refusal) {
            complain(refusal.what());
        }
    }

    void complain(const std::string& why) {
        told("refused", {{"error", why}});
        if (screen_) {
            screen_->say(why);
        }
    }

    void told(const char* event, json::object more) const {
        if (options_.json) {
            json::object line{{"event", event}};
            line.insert(more.begin(), more.end());
            std::printf("%s\n", json_line(line).c_str());
            std::fflush(stdout);
        }
    }

    int end(const json::value& ended) {
        told("end", ended.as_object());
        if (screen_) {
            screen_->end(ended);
        }
        const int status = ended.at("exit_status").to_number<int>();
        return status == 0 && at(ended, "report_error").is_string() ? 4 : status; // nobody could read it later
    }

    /// Record off and stop first; the alignment ends with it.
    int interrupted() {
        InterruptGuard::forget();
        daemon_.call("job_cancel");
        if (screen_) {
            screen_->say("interrupted; the deck is stopped. What was accepted is kept: the same command goes on there, "
                         "--anew begins again");
        }
        const auto until = Clock::now() + kStopping;
        while (Clock::now() < until) {
            if (const auto heard = daemon_.next_notification(kGlance); heard && heard->topic == "job_end") {
                told("end", heard->parameters.as_object());
                break;
            }
        }
        return kInterruptedStatus;
    }

    RpcClient& daemon_;
    const AlignOptions& options_;
    std::unique_ptr<AlignScreen> screen_; ///< null: JSON
    json::value job_, view_;
    OperatorKeys keys_;
    OperatorScript script_;
    std::string line_;
    bool input_ended_ = false;
};

} // namespace

int run_align(RpcClient& daemon, const AlignOptions& options) {
    const InterruptGuard guard(true); // nobody would be there to say anything
    return Align(daemon, options).run();
}

} // namespace overbias::controller
