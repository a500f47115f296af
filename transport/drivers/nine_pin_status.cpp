// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/nine_pin_status.hpp"

#include <algorithm>

namespace overbias::transport {

bool NinePinStatus::take(std::span<const std::uint8_t> bytes) noexcept {
    if (bytes.size() < kLeast) {
        return false;
    }
    forget();
    count_ = std::min(bytes.size(), kBytes);
    std::copy_n(bytes.begin(), count_, bytes_.begin());
    return true;
}

bool NinePinStatus::is(Bit bit) const noexcept {
    const auto place = static_cast<unsigned>(bit);
    return (bytes_.at(place / 8) >> (place % 8) & 1U) != 0;
}

Tallies NinePinStatus::tallies() const {
    if (!known()) {
        return {};
    }
    Tallies tallies;
    tallies.stop = is(Bit::Stop);
    tallies.play = is(Bit::Play);
    tallies.record = is(Bit::Record);
    tallies.fast_forward = is(Bit::FastForward);
    tallies.rewind = is(Bit::Rewind);
    tallies.tape_out = is(Bit::TapeOut);
    tallies.still = is(Bit::Still);
    return tallies;
}

bool NinePinStatus::stopped() const noexcept {
    return (is(Bit::Stop) || is(Bit::Still) || is(Bit::TapeOut)) && !is(Bit::Record) && !is(Bit::Play) &&
           !is(Bit::FastForward) && !is(Bit::Rewind);
}

void NinePinStatus::describe(std::vector<std::pair<std::string, std::string>>& details) const {
    if (!known()) {
        return;
    }
    if (is(Bit::Local)) {
        details.emplace_back("local", "yes: the deck obeys its own keys only; switch it to REMOTE");
    }
    if (is(Bit::ServoReferenceMissing)) {
        details.emplace_back("servo reference", "missing");
    }
    details.emplace_back("servo lock", is(Bit::ServoLock) ? "yes" : "no");
    constexpr std::array<std::pair<Bit, const char*>, 10> kSaidWhenLit{{{Bit::Standby, "standby"},
                                                                        {Bit::Shuttle, "shuttle"},
                                                                        {Bit::OffPlaySpeed, "off play speed"},
                                                                        {Bit::CueUpComplete, "cued up"},
                                                                        {Bit::RecordInhibit, "record inhibit"},
                                                                        {Bit::NearEndOfTape, "near end of tape"},
                                                                        {Bit::EndOfTape, "end of tape"},
                                                                        {Bit::LostLock, "lost lock"},
                                                                        {Bit::ServoAlarm, "servo alarm"},
                                                                        {Bit::SystemAlarm, "system alarm"}}};
    for (const auto& [bit, words] : kSaidWhenLit) {
        if (is(bit)) {
            details.emplace_back(words, "yes");
        }
    }
    if (is(Bit::FunctionAbort)) {
        details.emplace_back("function abort", "yes: the deck has broken off what it was told");
    }
}

} // namespace overbias::transport
