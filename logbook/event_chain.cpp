// SPDX-License-Identifier: Apache-2.0
#include "logbook/event_chain.hpp"

#include "base/sha256.hpp"
#include "logbook/netstring.hpp"

#include <array>
#include <cstdio>
#include <string_view>

namespace overbias::logbook {

std::string first_prev_hash() {
    return std::string(64, '0');
}

std::string canonical_event(std::int64_t seq, const Event& event, const std::string& prev_hash) {
    std::string out;
    out.reserve(320 + event.detail_json.size());
    add_netstring(out, "overbias-event-1");
    add_netstring(out, std::to_string(seq));
    add_netstring(out, event.session_uuid);
    add_netstring(out, event.kind);
    add_netstring(out, event.detail_json);
    add_netstring(out, std::to_string(event.at.utc_ns));
    add_netstring(out, std::to_string(event.at.monotonic_ns));
    add_netstring(out, event.at.boot_id);
    if (event.audio_frame) {
        add_netstring(out, std::to_string(*event.audio_frame));
    } else {
        out += '-';
    }
    add_netstring(out, event.tape_m);
    add_netstring(out, prev_hash);
    return out;
}

std::string event_hash(std::int64_t seq, const Event& event, const std::string& prev_hash) {
    return sha256_hex(canonical_event(seq, event, prev_hash));
}

std::string json_string(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            std::array<char, 8> escape{};
            (void)std::snprintf(escape.data(), escape.size(), "\\u%04x",
                                static_cast<unsigned>(static_cast<unsigned char>(c)));
            out += escape.data();
        } else {
            out += c;
        }
    }
    return out + "\"";
}

} // namespace overbias::logbook
