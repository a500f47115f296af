// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/faults.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <vector>

namespace overbias::deck_sim {

namespace {

/// A key, what it means and how its text gets into a Fault. The setter says what is wrong with the text, or nothing.
struct KeySpec {
    std::string_view name;
    std::string_view meaning; ///< with the unit and the range
    std::string (*set)(Fault& fault, std::string_view text);
};

std::string set_number(double& target, std::string_view text, double low, double high) {
    double value = 0.0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
        return "expected a number";
    }
    if (value < low || value > high) {
        const auto shown = [](double number) { return std::to_string(static_cast<long long>(number)); };
        return "expected " + shown(low) + " to " + shown(high);
    }
    target = value;
    return {};
}

constexpr double kLongestTime_s = 100'000.0; // longer than any reel at the slowest speed

template <FaultPlace::Scale scale>
std::string set_place(Fault& fault, std::string_view text) {
    fault.at.scale = scale;
    return set_number(fault.at.value, text, 0.0, kLongestTime_s);
}

std::string set_channel(Fault& fault, std::string_view text) {
    if (text == "left") {
        fault.channels = FaultChannels::Left;
    } else if (text == "right") {
        fault.channels = FaultChannels::Right;
    } else if (text == "both") {
        fault.channels = FaultChannels::Both;
    } else {
        return "expected left, right or both";
    }
    return {};
}

constexpr std::array<std::string_view, 6> kStickingLines{"tally_stop",         "tally_play",   "tally_record",
                                                         "tally_fast_forward", "tally_rewind", "tape_out"};

std::string set_line(Fault& fault, std::string_view text) {
    if (std::find(kStickingLines.begin(), kStickingLines.end(), text) == kStickingLines.end()) {
        std::string wrong = "expected one of";
        for (const std::string_view line : kStickingLines) {
            wrong.append(" ").append(line);
        }
        return wrong;
    }
    fault.line = text;
    return {};
}

std::string set_value(Fault& fault, std::string_view text) {
    if (text != "0" && text != "1") {
        return "expected 1 (active) or 0 (inactive)";
    }
    fault.value = text == "1";
    return {};
}

std::string set_direction(Fault& fault, std::string_view text) {
    if (text != "capture" && text != "playback") {
        return "expected capture or playback";
    }
    fault.direction = text == "capture" ? Fault::Direction::Capture : Fault::Direction::Playback;
    return {};
}

constexpr KeySpec kProgrammeKey{"programme_s", "seconds after the programme's first frame",
                                &set_place<FaultPlace::Scale::Programme>};
constexpr KeySpec kTimeKey{"time_s", "seconds of deck time", &set_place<FaultPlace::Scale::Time>};
constexpr KeySpec kTapeKey{"tape_m", "metres from the tape's beginning", &set_place<FaultPlace::Scale::Tape>};
constexpr KeySpec kLengthKey{"length_ms", "milliseconds, 1 to 60000", [](Fault& fault, std::string_view text) {
                                 return set_number(fault.length_ms, text, 1.0, 60'000.0);
                             }};
constexpr KeySpec kDepthKey{
    "depth_db", "loss in dB, 0 to 120 (spacing: at 10 kHz)",
    [](Fault& fault, std::string_view text) { return set_number(fault.depth_db, text, 0.0, 120.0); }};
constexpr KeySpec kChannelKey{"channel", "left, right or both", &set_channel};
constexpr KeySpec kLineKey{"line", "name of a tally, or tape_out", &set_line};
constexpr KeySpec kValueKey{"value", "1 (active) or 0 (inactive)", &set_value};
constexpr KeySpec kDirectionKey{"direction", "capture or playback", &set_direction};
constexpr KeySpec kDroopKey{"db", "loss in dB, 0 to 60", [](Fault& fault, std::string_view text) {
                                return set_number(fault.droop_db, text, 0.0, 60.0);
                            }};
constexpr KeySpec kAboveKey{"above_hz", "only above this frequency in Hz, 20 to 20000",
                            [](Fault& fault, std::string_view text) {
                                double above_hz = 0.0;
                                std::string wrong = set_number(above_hz, text, 20.0, 20'000.0);
                                if (wrong.empty()) {
                                    fault.above_hz = above_hz;
                                }
                                return wrong;
                            }};

constexpr KeySpec kReelKey{"reel", "supply or take_up", [](Fault& fault, std::string_view text) -> std::string {
                               if (text != "supply" && text != "take_up") {
                                   return "expected supply or take_up";
                               }
                               fault.reel = text == "supply" ? Fault::Reel::Supply : Fault::Reel::TakeUp;
                               return {};
                           }};
constexpr KeySpec kSlipKey{"percent", "percent of the travel, 0 to 100", [](Fault& fault, std::string_view text) {
                               double percent = 0.0;
                               std::string wrong = set_number(percent, text, 0.0, 100.0);
                               fault.slip = percent / 100.0;
                               return wrong;
                           }};
constexpr KeySpec kLevelKey{"db", "level in dB, -120 to 0", [](Fault& fault, std::string_view text) {
                                return set_number(fault.level_db, text, -120.0, 0.0);
                            }};

/// A key as one kind uses it.
struct KeyUse {
    const KeySpec* key;
    enum class Need { Required, Optional, Place } need; ///< Place: one of the kind's place keys
    std::string_view default_text;                      ///< read as if the user had written it; empty: none
};
using Need = KeyUse::Need;

struct KindSpec {
    FaultKind kind;
    std::string_view name;
    std::string_view meaning;
    std::span<const KeyUse> keys;
    bool place_required; ///< without: a kind that may have a place happens from time 0 on
};

constexpr std::array kDropoutKeys{
    KeyUse{&kProgrammeKey, Need::Place, ""},  KeyUse{&kTimeKey, Need::Place, ""},
    KeyUse{&kTapeKey, Need::Place, ""},       KeyUse{&kLengthKey, Need::Optional, "20"},
    KeyUse{&kDepthKey, Need::Optional, "20"}, KeyUse{&kChannelKey, Need::Optional, "both"}};
constexpr std::array kBreakKeys{KeyUse{&kProgrammeKey, Need::Place, ""}, KeyUse{&kTimeKey, Need::Place, ""},
                                KeyUse{&kTapeKey, Need::Place, ""}};
constexpr std::array kStuckKeys{KeyUse{&kLineKey, Need::Required, ""}, KeyUse{&kValueKey, Need::Required, ""},
                                KeyUse{&kProgrammeKey, Need::Place, ""}, KeyUse{&kTimeKey, Need::Place, ""}};
constexpr std::array kFromKeys{KeyUse{&kProgrammeKey, Need::Place, ""}, KeyUse{&kTimeKey, Need::Place, ""}};
constexpr std::array kXrunKeys{KeyUse{&kProgrammeKey, Need::Place, ""}, KeyUse{&kTimeKey, Need::Place, ""},
                               KeyUse{&kLengthKey, Need::Optional, "50"},
                               KeyUse{&kDirectionKey, Need::Optional, "capture"}};
constexpr std::array kOneChannelKeys{KeyUse{&kChannelKey, Need::Required, ""}};
constexpr std::array kDroopKeys{KeyUse{&kDroopKey, Need::Required, ""}, KeyUse{&kProgrammeKey, Need::Place, ""},
                                KeyUse{&kChannelKey, Need::Optional, "both"}, KeyUse{&kAboveKey, Need::Optional, ""}};

constexpr std::array kMotorKeys{KeyUse{&kReelKey, Need::Optional, "take_up"}, KeyUse{&kProgrammeKey, Need::Place, ""},
                                KeyUse{&kTimeKey, Need::Place, ""}, KeyUse{&kTapeKey, Need::Place, ""}};
constexpr std::array kRollerKeys{KeyUse{&kSlipKey, Need::Required, ""}, KeyUse{&kProgrammeKey, Need::Place, ""},
                                 KeyUse{&kTimeKey, Need::Place, ""}, KeyUse{&kTapeKey, Need::Place, ""}};
constexpr std::array kPrintKeys{KeyUse{&kLevelKey, Need::Optional, "-45"}};
constexpr std::array kCrosstalkKeys{KeyUse{&kLevelKey, Need::Optional, "-25"}};

constexpr std::array kKinds{
    KindSpec{FaultKind::Dropout, "dropout", "flat drop-out of the tape, edges at once", kDropoutKeys, true},
    KindSpec{FaultKind::Spacing, "spacing", "tape lifted off the head, smooth edges", kDropoutKeys, true},
    KindSpec{FaultKind::TapeBreak, "tape_break", "the tape parts", kBreakKeys, true},
    KindSpec{FaultKind::StuckTally, "stuck_tally", "a tally shows one value from then on", kStuckKeys, false},
    KindSpec{FaultKind::DeadTach, "dead_tach", "no tach edges from then on", kFromKeys, false},
    KindSpec{FaultKind::Xrun, "xrun", "the card loses frames", kXrunKeys, true},
    KindSpec{FaultKind::MonitorInput, "monitor_input", "the deck's output stays on INPUT", {}, false},
    KindSpec{FaultKind::MonitorSync, "monitor_sync", "the deck's output stays on SYNC", {}, false},
    KindSpec{FaultKind::NoRecordBias, "no_record_bias", "recording without bias", {}, false},
    KindSpec{FaultKind::OldProgrammePlaying,
             "old_programme_playing",
             "nothing is recorded, the old recording plays",
             {},
             false},
    KindSpec{FaultKind::SwappedChannels, "swapped_channels", "left and right change places", {}, false},
    KindSpec{FaultKind::Polarity, "polarity", "a channel is recorded upside down", kOneChannelKeys, false},
    KindSpec{FaultKind::MissingChannel, "missing_channel", "a channel is not recorded", kOneChannelKeys, false},
    KindSpec{FaultKind::Droop, "droop", "the recorded level falls from then on", kDroopKeys, false},
    KindSpec{FaultKind::StuckMotor, "stuck_motor", "a reel motor gives no torque from then on", kMotorKeys, false},
    KindSpec{FaultKind::ReversedDirection, "reversed_direction", "the tach's phases are swapped from then on",
             kFromKeys, false},
    KindSpec{FaultKind::SlippingRoller, "slipping_roller", "the tape roller misses travel from then on", kRollerKeys,
             false},
    KindSpec{FaultKind::PowerLoss, "power_loss", "the deck's mains fail", kBreakKeys, true},
    KindSpec{FaultKind::PowerReturn, "power_return", "the deck's mains come back", kFromKeys, true},
    KindSpec{FaultKind::PrintThrough, "print_through", "echoes one turn of the reel before and after", kPrintKeys,
             false},
    KindSpec{FaultKind::Crosstalk, "crosstalk", "each channel reads the other", kCrosstalkKeys, false},
};

/// Steps of one letter put in, left out or changed that lead from one word to the other.
std::size_t letters_apart(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    for (std::size_t i = 0; i <= to.size(); ++i) {
        row[i] = i;
    }
    for (std::size_t i = 1; i <= from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t k = 1; k <= to.size(); ++k) {
            const std::size_t above = row[k];
            row[k] = std::min({row[k] + 1, row[k - 1] + 1, diagonal + (from[i - 1] == to[k - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[to.size()];
}

template <typename Range, typename NameOf>
std::string_view nearest(std::string_view word, const Range& range, NameOf name_of) {
    const auto best = std::min_element(range.begin(), range.end(), [&](const auto& left, const auto& right) {
        return letters_apart(word, name_of(left)) < letters_apart(word, name_of(right));
    });
    return name_of(*best);
}

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

std::string place_key_names(const KindSpec& kind) {
    std::string names;
    for (const KeyUse& use : kind.keys) {
        if (use.need == Need::Place) {
            names.append(names.empty() ? "" : " or ").append(use.key->name);
        }
    }
    return names;
}

constexpr auto kKeyName = [](const KeyUse& use) { return use.key->name; };
constexpr auto kKindName = [](const KindSpec& kind) { return kind.name; };

/// One `key=value` of `kind` into `fault`; `given` remembers which keys came.
Result<void> take_pair(const KindSpec& kind, std::string_view pair, Fault& fault, std::vector<const KeySpec*>& given) {
    const std::string fault_is = "fault " + quoted(kind.name) + ": ";
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        return Error{fault_is + "expected key=value, came " + quoted(pair)};
    }
    const std::string_view name = pair.substr(0, equals);
    const std::string_view text = pair.substr(equals + 1);
    if (kind.keys.empty()) {
        return Error{fault_is + "it has no keys, came " + quoted(name)};
    }
    const auto use =
        std::find_if(kind.keys.begin(), kind.keys.end(), [&](const KeyUse& one) { return one.key->name == name; });
    if (use == kind.keys.end()) {
        std::string names;
        for (const KeyUse& one : kind.keys) {
            names.append(names.empty() ? "" : ", ").append(one.key->name);
        }
        return Error{fault_is + "there is no key " + quoted(name) + "; the nearest is " +
                     quoted(nearest(name, kind.keys, kKeyName)) + " (keys: " + names + ")"};
    }
    for (const KeySpec* earlier : given) {
        if (earlier == use->key) {
            return Error{fault_is + quoted(name) + " is given twice"};
        }
    }
    if (use->need == Need::Place) {
        for (const KeyUse& one : kind.keys) {
            if (one.need == Need::Place && std::find(given.begin(), given.end(), one.key) != given.end()) {
                return Error{fault_is + "give only one of " + place_key_names(kind)};
            }
        }
    }
    if (const std::string wrong = use->key->set(fault, text); !wrong.empty()) {
        return Error{fault_is + std::string(name) + ": " + wrong + ", came " + quoted(text)};
    }
    given.push_back(use->key);
    return {};
}

} // namespace

std::optional<double> FaultPlace::time_s(std::optional<double> programme_start_s) const noexcept {
    switch (scale) {
    case Scale::Time:
        return value;
    case Scale::Programme:
        return programme_start_s ? std::optional(*programme_start_s + value) : std::nullopt;
    case Scale::Tape:
        break;
    }
    return std::nullopt;
}

std::string_view fault_name(FaultKind kind) noexcept {
    for (const KindSpec& one : kKinds) {
        if (one.kind == kind) {
            return one.name;
        }
    }
    return "unknown fault";
}

Result<Fault> parse_fault(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindSpec& one) { return one.name == name; });
    if (kind == kKinds.end()) {
        return Error{"fault: there is no kind " + quoted(name) + "; the nearest is " +
                     quoted(nearest(name, kKinds, kKindName))};
    }
    Fault fault;
    fault.kind = kind->kind;
    for (const KeyUse& use : kind->keys) {
        if (!use.default_text.empty()) {
            use.key->set(fault, use.default_text);
        }
    }
    std::vector<const KeySpec*> given;
    std::string_view rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        if (const auto taken = take_pair(*kind, rest.substr(0, comma), fault, given); !taken) {
            return taken.error();
        }
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
    const auto has = [&](const KeyUse& use) { return std::find(given.begin(), given.end(), use.key) != given.end(); };
    bool placed = false;
    for (const KeyUse& use : kind->keys) {
        placed = placed || (use.need == Need::Place && has(use));
        if (use.need == Need::Required && !has(use)) {
            return Error{"fault " + quoted(name) + ": " + quoted(use.key->name) + " is missing (" +
                         std::string(use.key->meaning) + ")"};
        }
    }
    if (kind->place_required && !placed) {
        return Error{"fault " + quoted(name) + ": it does not say where; give " + place_key_names(*kind)};
    }
    return fault;
}

std::string fault_help() {
    std::string help = "KIND or KIND:key=value,key=value; kinds:\n";
    for (const KindSpec& kind : kKinds) {
        help.append("  ").append(kind.name).append(": ").append(kind.meaning).append("\n");
        for (const KeyUse& use : kind.keys) {
            help.append("      ").append(use.key->name).append("=  ").append(use.key->meaning);
            if (use.need == Need::Required) {
                help.append("; required");
            } else if (use.need == Need::Place) {
                help.append(kind.place_required ? "; one of the places is required"
                                                : "; without a place: from the start");
            } else if (!use.default_text.empty()) {
                help.append("; default ").append(use.default_text);
            }
            help.append("\n");
        }
    }
    return help;
}

} // namespace overbias::deck_sim
