// SPDX-License-Identifier: Apache-2.0
// StuderTalk: the conversation with a Studer deck (studer_ascii.hpp says what is said): lines in and out, which answer
// belongs to what, what is asked again, when the deck counts as gone, and STP until it is answered. It knows no keys
// and no tallies. Thread: the timeline's.
//
// Commands are sent at once, queries one at a time. The deck answers in the order in which it reads, so the answer to
// a query shows that everything sent before it has been read; an acknowledgement is the empty line, an error stands in
// its place. An answer that came only after the query had been sent again may come twice: then, as after every loss of
// the link, the line must have been quiet for the time of an answer before anything else is asked.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"
#include "transport/io/serial_link.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::transport {

struct StuderTalkConfig {
    int address = 0; ///< 0: none is sent
    std::string stop = "STP", identify = "SD?";
    std::vector<std::string> polls; ///< asked in turn; empty: identify
    double poll_s = 0.05, answer_s = 0.08, ready_s = 3.0;
    int unanswered_most = 3;
};

class StuderTalk {
  public:
    using Done = std::function<void(Result<std::string>)>;

    StuderTalk(Timeline& timeline, SerialLink& link, StuderTalkConfig config);
    ~StuderTalk();
    StuderTalk(const StuderTalk&) = delete;
    StuderTalk& operator=(const StuderTalk&) = delete;

    /// Sends CX and asks who is there; call it once the listeners are set.
    void begin();

    /// What answered polls[index] (or identify, where there are none), or the deck's error in its place.
    std::function<void(std::size_t index, const Result<std::string>& answer)> on_poll;
    /// is_up() or problem() has changed.
    std::function<void()> on_link;
    /// The deck would not have this command.
    std::function<void(const std::string& command, const std::string& error)> on_refused;
    SerialTrace trace;

    /// At once, behind what is on its way. `moves`: when the link is lost before the deck has shown that it read this,
    /// STP follows.
    Result<void> command(const std::string& text, bool moves);
    /// At once, and again until the deck has shown that it has read it; a later command that moves takes its place.
    void stop();
    [[nodiscard]] bool stop_under_way() const noexcept { return stop_.has_value(); }

    using AskId = std::uint64_t;
    /// Between two polls; a text that does not end in ? is sent as a command. While the link is down `done` is called
    /// with that at once, from inside.
    AskId ask(std::string text, Done done);
    void forget(AskId ask) noexcept;

    [[nodiscard]] bool is_up() const noexcept { return phase_ == Phase::Up; }
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    /// What the deck said to identify last.
    [[nodiscard]] const std::string& identity() const noexcept { return identity_; }
    /// The past when nothing is under way; never more than a second after it was begun while the deck is gone.
    [[nodiscard]] DeckTime busy_until() const noexcept;
    /// How many lines came that were damaged, or an echo, or asked for by nobody.
    [[nodiscard]] std::uint64_t damaged_lines() const noexcept { return damaged_lines_; }
    [[nodiscard]] std::uint64_t echoed_lines() const noexcept { return echoed_lines_; }
    [[nodiscard]] std::uint64_t unasked_lines() const noexcept { return unasked_lines_; }

  private:
    enum class Phase {
        LinkGone,    ///< the host's end is closed
        Calling,     ///< nobody has answered yet
        Quieting,    ///< somebody has; late answers run out
        Introducing, ///< who is there
        Up,
    };
    [[nodiscard]] bool conversing() const noexcept { return phase_ == Phase::Introducing || phase_ == Phase::Up; }
    struct Ask {
        AskId id;
        std::string text;
        Done done;
    };
    struct Command {
        std::string text;
        std::uint64_t sequence;
        bool moves;
        bool acknowledged = false;
        std::optional<Ask> ask{};
        bool echoed = false;
    };
    struct Query {
        std::string text;
        std::uint64_t sequence; ///< of the first time it was sent
        int sent;
        std::optional<std::size_t> poll;
        std::optional<Ask> ask;
        bool echoed = false;
    };

    void bytes(std::span<const std::uint8_t> bytes, bool damaged);
    void end_of_line();
    void line(const std::string& text);
    void error(const std::string& text);
    void answer(Result<std::string> text);
    void answer_while_calling(const Result<std::string>& text);
    void proven_before(std::uint64_t sequence);
    [[nodiscard]] bool is_echo(const std::string& text);
    [[nodiscard]] std::string with_address(const std::string& text) const;

    Result<void> send(const std::string& text);
    Result<void> send_command(Command command);
    void send_stop();
    void call();
    void call_at_once();
    void next_query();
    void send_query(Query query);
    void unanswered();
    void wait_for_quiet();
    void quiet_has_come();
    void up();
    void go_on();
    void link_changed();
    void lost(const std::string& why);
    void fail_asks(const std::string& why);
    [[nodiscard]] std::string why_no_answer() const;
    void set_timer(double delay_s, void (StuderTalk::*what)());
    void set_problem(std::string problem);

    Timeline& timeline_;
    SerialLink& link_;
    StuderTalkConfig config_;
    Phase phase_ = Phase::LinkGone;
    std::string problem_, identity_;
    DeckTime began_{}, stop_begun_{};
    Timeline::TimerId timer_ = 0; ///< a query's deadline, or the pause to the next one
    std::uint64_t sequence_ = 0;
    std::deque<Command> commands_;      ///< sent, and not known to have been read
    std::optional<std::uint64_t> stop_; ///< sequence of the STP that is not known to have been read; 0: not yet sent
    bool stop_refused_ = false;
    DeckTime sent_at_{};
    std::optional<Query> query_;
    std::deque<Ask> asks_;
    std::size_t next_poll_ = 0;
    bool poll_is_next_ = true;
    AskId last_ask_ = 0;
    double call_pause_s_ = 0.0;
    int errors_while_calling_ = 0;
    bool waiting_for_quiet_ = false;
    int late_answers_ = 0; ///< that may still come to a query sent more than once
    // the line that comes
    std::string partial_;
    bool partial_damaged_ = false, after_cr_ = false;
    bool echoing_ = false; ///< the last query came back before its answer
    std::uint64_t damaged_lines_ = 0, echoed_lines_ = 0, unasked_lines_ = 0;
    std::uint64_t damaged_at_loss_ = 0, echoed_at_loss_ = 0;
};

} // namespace overbias::transport
