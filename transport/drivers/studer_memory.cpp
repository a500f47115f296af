// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/studer_memory.hpp"

#include "transport/drivers/studer_readings.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace overbias::transport {

namespace {

constexpr int kMostReadings = 4; ///< until two in a row are alike
constexpr std::string_view kValue = "{value}";

/// Resumes when the deck has answered; destroying it forgets the question.
class AskAwaiter {
  public:
    AskAwaiter(DeckQuestions& deck, std::string text) : deck_(deck), text_(std::move(text)) {}
    AskAwaiter(const AskAwaiter&) = delete;
    AskAwaiter& operator=(const AskAwaiter&) = delete;
    ~AskAwaiter() {
        if (waiting_) {
            deck_.forget(id_);
        }
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        id_ = deck_.ask(text_, [this](Result<std::string> answer) {
            answer_ = std::move(answer);
            if (const auto resume = std::exchange(waiting_, {})) {
                resume.resume();
            }
        });
        if (answer_) {
            return false; // at once: the link is down
        }
        waiting_ = waiting;
        return true;
    }
    Result<std::string> await_resume() { return std::move(*answer_); }

  private:
    DeckQuestions& deck_;
    std::string text_;
    DeckQuestions::AskId id_ = 0;
    std::coroutine_handle<> waiting_;
    std::optional<Result<std::string>> answer_;
};

std::string with_value(std::string text, const std::string& value) {
    return text.replace(text.find(kValue), kValue.size(), value);
}

} // namespace

struct StuderMemory::Item : StuderMemoryItem {
    StuderAnswer pattern;
};

/// What came back: a text; or `refusal`, about this item alone; or `stop`: nothing more can be done now.
struct StuderMemory::Reply {
    std::optional<std::string> text;
    std::string refusal, stop;
};

bool StuderRestore::complete() const noexcept {
    return std::ranges::all_of(differences, [](const StuderDifference& difference) {
        return difference.outcome == StuderDifference::Outcome::Restored;
    });
}

StuderMemory::StuderMemory(DeckQuestions& deck, std::vector<StuderMemoryItem> items, std::function<bool()> still)
    : deck_(deck), still_(std::move(still)) {
    StuderCheck check;
    for (StuderMemoryItem& item : items) {
        check.query("memory query", item.query);
        check.that(item.write.empty() || item.write.find(kValue) != std::string::npos,
                   "memory write: expected {value} in it, got \"" + item.write + "\"");
        check.command("memory write", item.write);
        check.that(!item.write.ends_with('?'), "memory write: \"" + item.write + "\" ends in ?, so it is a query");
        if (auto pattern = check.pattern("memory answer", item.answer)) {
            check.that(pattern->has_value(), "memory answer: expected {value} in it, got \"" + item.answer + "\"");
            items_.push_back({std::move(item), std::move(*pattern)});
        }
    }
    check.finish();
}

StuderMemory::~StuderMemory() = default;

Task<StuderMemory::Reply> StuderMemory::ask(std::string text) {
    if (!still_()) {
        co_return Reply{.text = {}, .refusal = {}, .stop = "the tape moves; stop it, then try again"};
    }
    auto answer = co_await AskAwaiter(deck_, std::move(text));
    if (answer) {
        co_return Reply{.text = std::move(answer).value(), .refusal = {}, .stop = {}};
    }
    if (std::string why = deck_.no_answer_because(); !why.empty()) {
        co_return Reply{.text = {}, .refusal = {}, .stop = std::move(why)};
    }
    co_return Reply{.text = {}, .refusal = "the deck answers \"" + answer.error().message + "\"", .stop = {}};
}

/// The item's value, told twice alike.
Task<StuderMemory::Reply> StuderMemory::read(const Item& item) {
    std::optional<std::string> before;
    for (int reading = 0; reading < kMostReadings; ++reading) {
        Reply reply = co_await ask(item.query);
        if (!reply.text) {
            co_return reply;
        }
        const auto fields = item.pattern.read(*reply.text);
        if (!fields) {
            before.reset();
            if (reading + 1 == kMostReadings) {
                co_return Reply{.text = {},
                                .refusal =
                                    "the answer \"" + *reply.text + "\" does not look like \"" + item.answer + "\"",
                                .stop = {}};
            }
            continue;
        }
        if (before == fields->value) {
            co_return Reply{.text = *fields->value, .refusal = {}, .stop = {}};
        }
        before = fields->value;
    }
    co_return Reply{.text = {}, .refusal = "the deck tells another value every time; check the cable", .stop = {}};
}

/// `text`: the value that the deck holds after it was written.
Task<StuderMemory::Reply> StuderMemory::write(const Item& item, std::string value) {
    Reply written = co_await ask(with_value(item.write, value));
    if (!written.text) {
        co_return written;
    }
    Reply now = co_await read(item);
    if (now.text && *now.text != value) {
        now.refusal = "it was written, and the deck now tells \"" + *now.text + "\"";
        now.text.reset();
    }
    co_return now;
}

/// Fills in `found`, `outcome` and `why`; `text` of what it returns: the value found, and nothing where there is none.
Task<StuderMemory::Reply> StuderMemory::restore_one(const Item& item, StuderDifference& difference) {
    using Outcome = StuderDifference::Outcome;
    Reply found = co_await read(item);
    if (!found.text) {
        difference.outcome = Outcome::NotReadable;
        difference.why = found.refusal;
        co_return found;
    }
    difference.found = *found.text;
    if (difference.found == difference.saved) {
        co_return found;
    }
    if (item.write.empty()) {
        difference.outcome = Outcome::ReadOnly;
        co_return found;
    }
    const Reply written = co_await write(item, difference.saved);
    difference.outcome = written.text ? Outcome::Restored : Outcome::NotRestored;
    difference.why = written.refusal;
    found.stop = written.stop;
    co_return found;
}

Task<Result<StuderSave>> StuderMemory::save(Progress progress) {
    StuderSave out;
    out.software_date = deck_.software_date();
    std::size_t done = 0;
    for (const Item& item : items_) {
        const Reply reply = co_await read(item);
        if (!reply.stop.empty()) {
            co_return Error{"memory of the deck: " + std::to_string(done) + " of " + std::to_string(items_.size()) +
                            " values read, then: " + reply.stop};
        }
        if (reply.text) {
            out.readings.push_back({item.query, *reply.text});
        } else {
            out.not_saved.push_back(item.name + " (" + item.query + "): " + reply.refusal);
        }
        if (++done; progress) {
            progress(done, items_.size());
        }
    }
    co_return out;
}

Task<Result<StuderRestore>> StuderMemory::restore(StuderSave saved, bool other_software, Progress progress) {
    if (saved.software_date != deck_.software_date() && !other_software) {
        co_return Error{"memory of the deck: it was saved under software \"" + saved.software_date +
                        "\", and this deck says \"" + deck_.software_date() +
                        "\": the same query may mean something else. Check, then allow other software"};
    }
    StuderRestore out;
    std::size_t done = 0;
    for (const StuderReading& reading : saved.readings) {
        StuderDifference difference;
        difference.query = reading.query;
        difference.saved = reading.value;
        const auto item = std::ranges::find_if(items_, [&](const Item& known) { return known.query == reading.query; });
        if (item == items_.end()) {
            difference.outcome = StuderDifference::Outcome::NotInProfile;
            out.differences.push_back(std::move(difference));
        } else {
            difference.name = item->name;
            const Reply reply = co_await restore_one(*item, difference);
            if (!reply.stop.empty()) {
                co_return Error{"memory of the deck: " + std::to_string(done) + " of " +
                                std::to_string(saved.readings.size()) + " values are through (at " + item->name +
                                "), then: " + reply.stop};
            }
            if (reply.text && difference.found == difference.saved) {
                ++out.unchanged;
            } else {
                out.differences.push_back(std::move(difference));
            }
        }
        if (++done; progress) {
            progress(done, saved.readings.size());
        }
    }
    co_return out;
}

} // namespace overbias::transport
