// SPDX-License-Identifier: Apache-2.0
// The hash chain of events. Pure functions.
//
// hash = SHA-256, lower-case hexadecimal, over a canonical serialisation of the row with the hash of the row before.
// The serialisation is a list of netstrings ("5:hello,", cr.yp.to/proto/netstrings.txt) in a fixed order, so that no
// text can pretend to be the border between two fields:
//   "overbias-event-1", seq, session, kind, detail, utc_ns, monotonic_ns, boot_id, audio_frame, tape_m, prev_hash
// Integers are decimal; tape_m is the 16 hexadecimal digits of its IEEE 754 binary64 (-0 written as 0); null is "-" in
// place of a netstring. The first event's prev_hash is 64 zeros.
#pragma once

#include "logbook/records.hpp"

#include <string>

namespace overbias::logbook {

/// prev_hash of the first event.
[[nodiscard]] std::string first_prev_hash();
/// The text that is hashed.
[[nodiscard]] std::string canonical_event(std::int64_t seq, const Event& event, const std::string& prev_hash);
[[nodiscard]] std::string event_hash(std::int64_t seq, const Event& event, const std::string& prev_hash);

/// `text` as a JSON string with its quotes.
[[nodiscard]] std::string json_string(const std::string& text);

} // namespace overbias::logbook
