// SPDX-License-Identifier: Apache-2.0
// StuderMemory: what the deck keeps in memory (its alignment, which a dead battery wipes out), saved through the
// queries that the profile lists and written back. The line has no checksum, so a value counts only when the deck has
// told it twice alike, and what was written is read again. Nothing is asked or written while the tape moves. Thread:
// the timeline's.
#pragma once

#include "base/async/task.hpp"
#include "base/result.hpp"
#include "transport/deck_questions.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace overbias::transport {

/// One thing to keep, from the profile.
struct StuderMemoryItem {
    std::string name;               ///< for people: "bias, channel 1, 15 ips"
    std::string query;              ///< ends in ?
    std::string answer = "{value}"; ///< a StuderAnswer pattern with {value}: what of the answer is kept
    std::string write;              ///< command with {value} in it; empty: it can only be read
};

/// What the deck held: to be stored with the time of day by whoever asked.
struct StuderReading {
    std::string query, value;
    [[nodiscard]] bool operator==(const StuderReading&) const = default;
};
struct StuderSave {
    std::string software_date; ///< of the deck, as it says itself
    std::vector<StuderReading> readings;
    std::vector<std::string> not_saved; ///< one line for each item that the deck did not tell, and why
};

struct StuderDifference {
    enum class Outcome {
        Restored,
        ReadOnly,     ///< the profile has no way to write it: set it by hand
        NotRestored,  ///< the deck refused it, or did not keep it
        NotReadable,  ///< the deck does not tell it
        NotInProfile, ///< saved under another profile
    };
    std::string name, query, saved;
    std::string found; ///< before; empty when it could not be read
    Outcome outcome = Outcome::Restored;
    std::string why; ///< for NotRestored and NotReadable
};
struct StuderRestore {
    std::size_t unchanged = 0; ///< the deck held these as saved
    std::vector<StuderDifference> differences;
    [[nodiscard]] bool complete() const noexcept; ///< the deck now holds everything as saved
};

class StuderMemory {
  public:
    /// How many items are through, of how many.
    using Progress = std::function<void(std::size_t done, std::size_t of)>;

    /// `still` says whether the tape is at rest. Throws std::invalid_argument naming every item that is wrong. The deck
    /// must outlive it.
    StuderMemory(DeckQuestions& deck, std::vector<StuderMemoryItem> items, std::function<bool()> still);
    ~StuderMemory();
    StuderMemory(const StuderMemory&) = delete;
    StuderMemory& operator=(const StuderMemory&) = delete;

    /// The error: the tape moves, or the link is down. An item that the deck does not tell is in `not_saved`.
    [[nodiscard]] Task<Result<StuderSave>> save(Progress progress = {});
    /// Writes back what differs and reads it again. The error: as above, or the deck runs other software than it did
    /// when it was saved, and `other_software` does not allow that. What was written until then stays written.
    [[nodiscard]] Task<Result<StuderRestore>> restore(StuderSave saved, bool other_software = false,
                                                      Progress progress = {});

  private:
    struct Item;
    struct Reply;
    [[nodiscard]] Task<Reply> ask(std::string text);
    [[nodiscard]] Task<Reply> read(const Item& item);
    [[nodiscard]] Task<Reply> write(const Item& item, std::string value);
    [[nodiscard]] Task<Reply> restore_one(const Item& item, StuderDifference& difference);

    DeckQuestions& deck_;
    std::vector<Item> items_;
    std::function<bool()> still_;
};

} // namespace overbias::transport
