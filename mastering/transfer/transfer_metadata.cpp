// SPDX-License-Identifier: Apache-2.0
// What a transfer writes into its file: bext with the coding history of EBU R98, iXML 3.01, marks.
#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "mastering/transfer/transfer_record.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace overbias::mastering {

namespace {

constexpr std::int64_t kDay_ns = 86'400'000'000'000;

/// A part of a line of the coding history: a comma would begin the next field, the line's end the next line.
std::string history_part(std::string text) {
    for (char& c : text) {
        c = c == ',' ? ';' : static_cast<unsigned char>(c) < 0x20U ? ' ' : c;
    }
    return text;
}

void add_part(std::string& line, const std::string& part) {
    if (!part.empty()) {
        line += (line.empty() ? "" : "; ") + history_part(part);
    }
}

std::string without_dashes(std::string uuid) {
    uuid.erase(std::remove(uuid.begin(), uuid.end(), '-'), uuid.end());
    return uuid;
}

std::uint64_t frames_since_midnight(std::int64_t utc_ns, double rate_hz) {
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(utc_ns % kDay_ns) * 1e-9 * rate_hz));
}

std::string rate_text(double rate_hz) {
    return std::to_string(std::lround(rate_hz));
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        default:
            out += static_cast<unsigned char>(c) < 0x20U && c != '\n' && c != '\t' ? ' ' : c; // XML has no others
        }
    }
    return out;
}

class Xml {
  public:
    void open(const std::string& name) {
        line("<" + name + ">");
        open_.push_back(name);
    }
    void close() {
        const std::string name = open_.back();
        open_.pop_back();
        line("</" + name + ">");
    }
    /// Nothing when there is no text.
    void element(const std::string& name, const std::string& text) {
        if (!text.empty()) {
            line("<" + name + ">" + escaped(text) + "</" + name + ">");
        }
    }
    void line(const std::string& text) { text_ += std::string(2 * open_.size(), ' ') + text + "\n"; }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::vector<std::string> open_;
    std::string text_;
};

std::string deck_words(const TransferIdentity& identity) {
    std::string words;
    add_part(words, identity.deck_name);
    add_part(words, identity.tape_speed_ips > 0.0 ? figure(identity.tape_speed_ips, 2) + " ips" : "");
    add_part(words, identity.equalisation);
    add_part(words,
             identity.operating_level_nwb_per_m > 0.0 ? figure(identity.operating_level_nwb_per_m, 0) + " nWb/m" : "");
    add_part(words, identity.stock + (identity.batch.empty() ? "" : " batch " + identity.batch));
    return words;
}

} // namespace

audio::BroadcastExtension transfer_extension(const TransferRequest& request, const TransferIdentity& identity,
                                             double rate_hz, std::int64_t utc_ns) {
    const std::string utc = utc_text(utc_ns); // 2026-11-23T16:30:05.123Z
    audio::BroadcastWaveFormat format;
    format.samples = request.samples;
    audio::BroadcastExtension out;
    std::string description;
    for (const std::string& part : {request.title, request.tape, request.project, request.note}) {
        description += (description.empty() || part.empty() ? "" : "; ") + part;
    }
    out.description = description.empty() ? "Transfer from tape" : description;
    out.originator = "overbias";
    out.originator_reference = without_dashes(identity.session_uuid);
    out.date = utc.substr(0, 10);
    out.time = utc.substr(11, 8);
    out.time_reference = frames_since_midnight(utc_ns, rate_hz);
    out.coding_history.push_back("A=ANALOGUE,M=stereo,T=" + deck_words(identity));
    std::string converter;
    add_part(converter, identity.converter);
    add_part(converter, "overbias" + (identity.program_version.empty() ? "" : " " + identity.program_version));
    out.coding_history.push_back("A=PCM,F=" + rate_text(rate_hz) + ",W=" + std::to_string(format.bits()) +
                                 ",M=stereo,T=" + converter);
    return out;
}

std::string transfer_ixml(const TransferRecord& record) {
    const TransferRequest& request = record.request;
    audio::BroadcastWaveFormat format;
    format.samples = request.samples;
    std::string note;
    const auto say = [&note](const std::string& what) { note += (note.empty() || what.empty() ? "" : "; ") + what; };
    say(request.title);
    say(request.note);
    say(request.operator_name.empty() ? "" : "transferred by " + request.operator_name);
    say(record.identity.alignment.empty() ? "" : "deck aligned: " + record.identity.alignment);
    const auto since_midnight = frames_since_midnight(record.began_utc_ns, record.rate_hz);

    Xml xml;
    xml.line(R"(<?xml version="1.0" encoding="UTF-8"?>)");
    xml.open("BWFXML");
    xml.element("IXML_VERSION", "3.01");
    xml.element("PROJECT", request.project);
    xml.element("TAPE", request.tape);
    xml.element("NOTE", note);
    xml.element("FILE_UID", without_dashes(record.identity.session_uuid));
    xml.open("SPEED");
    xml.element("NOTE", deck_words(record.identity));
    xml.element("FILE_SAMPLE_RATE", rate_text(record.rate_hz));
    xml.element("AUDIO_BIT_DEPTH", std::to_string(format.bits()));
    xml.element("DIGITIZER_SAMPLE_RATE", rate_text(record.rate_hz));
    xml.element("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI", std::to_string(since_midnight >> 32U));
    xml.element("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO", std::to_string(since_midnight & 0xFFFFFFFFU));
    xml.element("TIMESTAMP_SAMPLE_RATE", rate_text(record.rate_hz));
    xml.close();
    xml.open("HISTORY");
    xml.element("ORIGINAL_FILENAME", request.file.filename().string());
    xml.close();
    xml.open("TRACK_LIST");
    xml.element("TRACK_COUNT", "2");
    for (const auto& [index, name] : {std::pair{"1", "Left"}, std::pair{"2", "Right"}}) {
        xml.open("TRACK");
        xml.element("CHANNEL_INDEX", index);
        xml.element("INTERLEAVE_INDEX", index);
        xml.element("NAME", name);
        xml.close();
    }
    xml.close();
    xml.close();
    return xml.text();
}

std::vector<audio::WaveMark> transfer_marks(const TransferRecord& record) {
    std::vector<audio::WaveMark> marks;
    for (const TransferredTrack& track : record.tracks) {
        const auto counter = record.counter_at(track.place.first_frame);
        marks.push_back({track.place.first_frame, track.place.end_frame - track.place.first_frame, track.label,
                         counter ? "tape " + figure(*counter, 2) + " m" : ""});
    }
    for (const LostStretch& lost : record.lost) {
        marks.push_back({lost.file_frame, lost.frames, "frames lost", ""});
    }
    std::stable_sort(marks.begin(), marks.end(), [](const auto& a, const auto& b) { return a.frame < b.frame; });
    return marks;
}

} // namespace overbias::mastering
