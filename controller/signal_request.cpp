// SPDX-License-Identifier: Apache-2.0
#include "controller/signal_request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <span>
#include <system_error>

namespace overbias::controller {

using dsp::Signal;
using dsp::SignalTone;
using Kind = Signal::Kind;

namespace {

struct Row {
    Kind kind;
    const char* name;
    std::vector<std::string> parts;
};

const std::array<Row, 9>& rows() {
    static const std::array<Row, 9> all{
        {{Kind::Silence, "silence", {}},
         {Kind::Sine, "sine", {"frequency_hz", "level_dbfs"}},
         {Kind::Square, "square", {"frequency_hz", "level_dbfs"}},
         {Kind::Sweep, "sweep", {"from_hz", "to_hz", "duration_s", "level_dbfs", "repeat"}},
         {Kind::Burst, "burst", {"frequency_hz", "level_dbfs", "on_s", "off_s"}},
         {Kind::Sequence, "tones", {"tones", "level_dbfs", "repeat"}},
         {Kind::Multitone, "multitone", {"tones", "level_dbfs"}},
         {Kind::WhiteNoise, "white", {"level_dbfs"}},
         {Kind::PinkNoise, "pink", {"level_dbfs"}}}};
    return all;
}

const Row* row_of(std::string_view name) {
    const auto found = std::ranges::find_if(rows(), [name](const Row& row) { return row.name == name; });
    return found == rows().end() ? nullptr : &*found;
}

std::vector<std::string> given_parts(const SignalRequest& request) {
    std::vector<std::string> given;
    const auto add = [&given](bool there, const char* name) {
        if (there) {
            given.emplace_back(name);
        }
    };
    add(request.frequency_hz.has_value(), "frequency_hz");
    add(request.level_dbfs.has_value(), "level_dbfs");
    add(request.from_hz.has_value(), "from_hz");
    add(request.to_hz.has_value(), "to_hz");
    add(request.duration_s.has_value(), "duration_s");
    add(request.on_s.has_value(), "on_s");
    add(request.off_s.has_value(), "off_s");
    add(!request.tones.empty(), "tones");
    add(request.repeat, "repeat");
    return given;
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

/// The numbers between the colons; empty when one is none.
std::vector<double> numbers(std::string_view text) {
    std::vector<double> all;
    for (bool more = true; more;) {
        const std::size_t colon = text.find(':');
        more = colon != std::string_view::npos;
        const std::string_view word = text.substr(0, colon);
        double value = 0.0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value)) {
            return {};
        }
        all.push_back(value);
        text.remove_prefix(more ? colon + 1 : 0);
    }
    return all;
}

Result<SignalTone> tone_of(const std::string& words, bool sequence, double offset_db) {
    const std::vector<double> given = numbers(words);
    const std::size_t most = sequence ? 4 : 2;
    if (given.size() < 2 || given.size() > most) {
        return Error{"tone '" + words + "' is not understood; expected " +
                     (sequence ? "FREQUENCY:LEVEL:SECONDS:GAP, the last two as needed (1000:-20:30)"
                               : "FREQUENCY:LEVEL (1000:-20)")};
    }
    SignalTone tone{.frequency_hz = given[0], .level_dbfs = given[1] + offset_db};
    tone.duration_s = given.size() > 2 ? given[2] : tone.duration_s;
    tone.gap_s = given.size() > 3 ? given[3] : tone.gap_s;
    return tone;
}

Result<Signal> with_tones(const SignalRequest& request, Kind kind) {
    if (request.tones.empty() || request.tones.size() > Signal::kMostTones) {
        return Error{request.signal + ": expected 1 to " + std::to_string(Signal::kMostTones) + " tones, got " +
                     std::to_string(request.tones.size())};
    }
    std::vector<SignalTone> tones;
    for (const std::string& words : request.tones) {
        const auto tone = tone_of(words, kind == Kind::Sequence, request.level_dbfs.value_or(0.0));
        if (!tone) {
            return Error{request.signal + ": " + tone.error().message};
        }
        tones.push_back(*tone);
    }
    return kind == Kind::Sequence ? dsp::sequence_signal(tones, request.repeat) : dsp::multitone_signal(tones);
}

} // namespace

const std::vector<std::string>& signal_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Row& row : rows()) {
            all.emplace_back(row.name);
        }
        return all;
    }();
    return names;
}

std::string signal_name(Kind kind) {
    const auto found = std::ranges::find(rows(), kind, &Row::kind);
    return found == rows().end() ? "" : found->name;
}

std::vector<std::string> signal_parts(std::string_view signal) {
    const Row* const row = row_of(signal);
    return row == nullptr ? std::vector<std::string>() : row->parts;
}

Result<Signal> signal_of(const SignalRequest& request) {
    const Row* const row = row_of(request.signal);
    if (row == nullptr) {
        return Error{"there is no signal '" + request.signal + "'; there are: " + listed(signal_names())};
    }
    for (const std::string& part : given_parts(request)) {
        if (std::ranges::find(row->parts, part) == row->parts.end()) {
            return Error{request.signal + ": '" + part + "' does not go with it; " +
                         (row->parts.empty() ? "nothing does" : "these do: " + listed(row->parts))};
        }
    }
    if (row->kind == Kind::Sequence || row->kind == Kind::Multitone) {
        return with_tones(request, row->kind);
    }
    Signal signal{.kind = row->kind};
    signal.level_dbfs = request.level_dbfs.value_or(signal.level_dbfs);
    signal.frequency_hz = request.frequency_hz.value_or(signal.frequency_hz);
    if (row->kind == Kind::Sweep) {
        signal.frequency_hz = request.from_hz.value_or(20.0);
        signal.end_hz = request.to_hz.value_or(signal.end_hz);
        signal.duration_s = request.duration_s.value_or(signal.duration_s);
        signal.repeats = request.repeat;
    }
    signal.on_s = request.on_s.value_or(signal.on_s);
    signal.off_s = request.off_s.value_or(signal.off_s);
    return signal;
}

} // namespace overbias::controller
