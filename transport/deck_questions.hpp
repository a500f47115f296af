// SPDX-License-Identifier: Apache-2.0
// DeckQuestions: what a deck that answers over its line can be asked and told beside its keys (what it keeps in
// memory). A capability of some decks: Deck::questions(). Thread: the timeline's.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace overbias::transport {

class DeckQuestions {
  public:
    using AskId = std::uint64_t;

    DeckQuestions() = default;
    DeckQuestions(const DeckQuestions&) = delete;
    DeckQuestions& operator=(const DeckQuestions&) = delete;
    virtual ~DeckQuestions() = default;

    /// Asks between two polls and calls `done` once with the answer, or with why there is none (from inside this call
    /// when the link is down). A text that does not end in ? is a command: its answer is the empty text, or the error.
    virtual AskId ask(std::string text, std::function<void(Result<std::string>)> done) = 0;
    /// `done` will not be called.
    virtual void forget(AskId ask) noexcept = 0;
    /// Why nothing can be asked now; empty: it can.
    [[nodiscard]] virtual std::string no_answer_because() const = 0;
    /// What the deck said of its software when the link came up; empty before.
    [[nodiscard]] virtual const std::string& software_date() const noexcept = 0;
};

} // namespace overbias::transport
