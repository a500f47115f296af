// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/fault_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>

namespace overbias::deck_sim {

namespace {

using Need = KeyUse::Need;

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

constexpr KeySpec kBiasKey{
    "db", "dB over the bias of greatest 10 kHz output, -40 to 10",
    [](Fault& fault, std::string_view text) { return set_number(fault.level_db, text, -40.0, 10.0); }};
constexpr KeySpec kDriftKey{
    "db", "change of the record current in dB, -20 to 10",
    [](Fault& fault, std::string_view text) { return set_number(fault.level_db, text, -20.0, 10.0); }};
constexpr KeySpec kFrequencyKey{"percent", "change of the bias frequency in percent, -10 to 10",
                                [](Fault& fault, std::string_view text) {
                                    double percent = 0.0;
                                    std::string wrong = set_number(percent, text, -10.0, 10.0);
                                    fault.frequency_share = percent / 100.0;
                                    return wrong;
                                }};
constexpr KeySpec kOverKey{
    "over_s", "seconds that the change takes, 0 to 100000",
    [](Fault& fault, std::string_view text) { return set_number(fault.over_s, text, 0.0, kLongestTime_s); }};
constexpr KeySpec kDistanceKey{
    "distance_mm", "record to reproduce gap in mm, 10 to 200",
    [](Fault& fault, std::string_view text) { return set_number(fault.distance_mm, text, 10.0, 200.0); }};
constexpr KeySpec kStandardKey{"standard", "NAB, IEC1 or AES", [](Fault& fault, std::string_view text) -> std::string {
                                   if (text == "NAB") {
                                       fault.standard = Equalisation::Nab;
                                   } else if (text == "IEC1") {
                                       fault.standard = Equalisation::Iec1;
                                   } else if (text == "AES") {
                                       fault.standard = Equalisation::Aes;
                                   } else {
                                       return "expected NAB, IEC1 or AES";
                                   }
                                   return {};
                               }};

template <double Fault::*share>
std::string set_percent(Fault& fault, std::string_view text, double low, double high) {
    double percent = 0.0;
    std::string wrong = set_number(percent, text, low, high);
    fault.*share = percent / 100.0;
    return wrong;
}

constexpr KeySpec kLongKey{"length_ms", "milliseconds, 1 to 100000000", [](Fault& fault, std::string_view text) {
                               return set_number(fault.length_ms, text, 1.0, 1e3 * kLongestTime_s);
                           }};
constexpr KeySpec kMicrosecondsKey{
    "us", "right behind left in microseconds at nominal speed, -100 to 100",
    [](Fault& fault, std::string_view text) { return set_number(fault.azimuth_us, text, -100.0, 100.0); }};
constexpr KeySpec kSpeedKey{"percent", "percent faster, -10 to 10", [](Fault& fault, std::string_view text) {
                                return set_percent<&Fault::speed_share>(fault, text, -10.0, 10.0);
                            }};
constexpr KeySpec kSwingKey{
    "percent", "peak deviation of the speed in percent, 0 to 5",
    [](Fault& fault, std::string_view text) { return set_percent<&Fault::speed_share>(fault, text, 0.0, 5.0); }};
constexpr KeySpec kSwingRateKey{"hz", "times a second, 0 to 50", [](Fault& fault, std::string_view text) {
                                    return set_number(fault.hz, text, 0.0, 50.0);
                                }};
constexpr KeySpec kToneKey{"hz", "frequency in Hz, 10 to 20000", [](Fault& fault, std::string_view text) {
                               return set_number(fault.hz, text, 10.0, 20'000.0);
                           }};
constexpr KeySpec kRiseKey{"db", "rise of the tape's noise in dB, 0 to 40", [](Fault& fault, std::string_view text) {
                               return set_number(fault.level_db, text, 0.0, 40.0);
                           }};
constexpr KeySpec kHumKey{"db", "level re operating level in dB, -120 to 0", kLevelKey.set};

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
constexpr std::array kPrintKeys{KeyUse{&kLevelKey, Need::Optional, "-55"}};
constexpr std::array kCrosstalkKeys{KeyUse{&kLevelKey, Need::Optional, "-25"}};

constexpr std::array kStuckBiasKeys{KeyUse{&kBiasKey, Need::Optional, "-8"},
                                    KeyUse{&kChannelKey, Need::Optional, "both"}};
constexpr std::array kBiasDriftKeys{
    KeyUse{&kDriftKey, Need::Optional, "0"},     KeyUse{&kFrequencyKey, Need::Optional, "0"},
    KeyUse{&kOverKey, Need::Optional, "60"},     KeyUse{&kProgrammeKey, Need::Place, ""},
    KeyUse{&kTimeKey, Need::Place, ""},          KeyUse{&kTapeKey, Need::Place, ""},
    KeyUse{&kChannelKey, Need::Optional, "both"}};
constexpr std::array kBiasLossKeys{KeyUse{&kProgrammeKey, Need::Place, ""}, KeyUse{&kTimeKey, Need::Place, ""},
                                   KeyUse{&kTapeKey, Need::Place, ""}, KeyUse{&kChannelKey, Need::Optional, "both"}};
constexpr std::array kReproduceEqKeys{KeyUse{&kStandardKey, Need::Required, ""}};
constexpr std::array kHeadBlockKeys{KeyUse{&kDistanceKey, Need::Optional, "42"}};

constexpr std::array kLostRecordKeys{KeyUse{&kProgrammeKey, Need::Place, ""}, KeyUse{&kTimeKey, Need::Place, ""},
                                     KeyUse{&kTapeKey, Need::Place, ""}, KeyUse{&kLongKey, Need::Optional, "3000"},
                                     KeyUse{&kChannelKey, Need::Optional, "both"}};
constexpr std::array kAzimuthKeys{KeyUse{&kMicrosecondsKey, Need::Required, ""},
                                  KeyUse{&kProgrammeKey, Need::Place, ""}, KeyUse{&kTimeKey, Need::Place, ""},
                                  KeyUse{&kTapeKey, Need::Place, ""}};
constexpr std::array kSpeedKeys{KeyUse{&kSpeedKey, Need::Required, ""}, KeyUse{&kProgrammeKey, Need::Place, ""},
                                KeyUse{&kTimeKey, Need::Place, ""}, KeyUse{&kTapeKey, Need::Place, ""}};
constexpr std::array kWowKeys{KeyUse{&kSwingRateKey, Need::Required, ""}, KeyUse{&kSwingKey, Need::Required, ""},
                              KeyUse{&kProgrammeKey, Need::Place, ""}, KeyUse{&kTimeKey, Need::Place, ""},
                              KeyUse{&kTapeKey, Need::Place, ""}};
constexpr std::array kHissKeys{KeyUse{&kRiseKey, Need::Required, ""}, KeyUse{&kProgrammeKey, Need::Place, ""},
                               KeyUse{&kTimeKey, Need::Place, ""}, KeyUse{&kTapeKey, Need::Place, ""},
                               KeyUse{&kChannelKey, Need::Optional, "both"}};
constexpr std::array kHumKeys{KeyUse{&kHumKey, Need::Required, ""},    KeyUse{&kToneKey, Need::Optional, "50"},
                              KeyUse{&kProgrammeKey, Need::Place, ""}, KeyUse{&kTimeKey, Need::Place, ""},
                              KeyUse{&kTapeKey, Need::Place, ""},      KeyUse{&kChannelKey, Need::Optional, "both"}};

constexpr std::array kKinds{
    KindSpec{FaultKind::Dropout, "dropout", "flat drop-out of the tape, edges at once", kDropoutKeys, true},
    KindSpec{FaultKind::Spacing, "spacing", "tape lifted off the head, smooth edges", kDropoutKeys, true},
    KindSpec{FaultKind::TapeBreak, "tape_break", "the tape parts", kBreakKeys, true},
    KindSpec{FaultKind::StuckTally, "stuck_tally", "a tally shows one value from then on", kStuckKeys, false},
    KindSpec{FaultKind::DeadTach, "dead_tach", "no tach edges from then on", kFromKeys, false},
    KindSpec{FaultKind::Xrun, "xrun", "the card loses frames", kXrunKeys, true},
    KindSpec{FaultKind::MonitorInput, "monitor_input", "the deck's output stays on INPUT from then on", kFromKeys,
             false},
    KindSpec{FaultKind::MonitorSync, "monitor_sync", "the deck's output stays on SYNC from then on", kFromKeys, false},
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
    KindSpec{FaultKind::StuckBias, "stuck_bias", "the record current stays, whatever is set", kStuckBiasKeys, false},
    KindSpec{FaultKind::BiasDrift, "bias_drift", "the record current changes", kBiasDriftKeys, false},
    KindSpec{FaultKind::BiasLoss, "bias_loss", "the record current fails", kBiasLossKeys, true},
    KindSpec{FaultKind::ReproduceEq, "reproduce_eq", "the reproduce EQ switch stands there", kReproduceEqKeys, false},
    KindSpec{FaultKind::HeadBlock, "head_block", "another head block is mounted", kHeadBlockKeys, false},
    KindSpec{FaultKind::ReproducePolarity, "reproduce_polarity", "a channel is reproduced upside down", kOneChannelKeys,
             false},
    KindSpec{FaultKind::SwappedReturn, "swapped_return", "left and right change places behind the tape", {}, false},
    KindSpec{FaultKind::LostRecord, "lost_record", "the record amplifier is dead for a while", kLostRecordKeys, true},
    KindSpec{FaultKind::Azimuth, "azimuth", "the reproduce head tilts", kAzimuthKeys, false},
    KindSpec{FaultKind::SpeedChange, "speed_change", "the capstan takes another speed", kSpeedKeys, false},
    KindSpec{FaultKind::Wow, "wow", "the speed swings from then on", kWowKeys, false},
    KindSpec{FaultKind::Hiss, "hiss", "what is recorded from then on is noisier", kHissKeys, false},
    KindSpec{FaultKind::Hum, "hum", "a tone in the deck's output from then on", kHumKeys, false},
};

} // namespace

std::span<const KindSpec> fault_kinds() noexcept {
    return kKinds;
}

} // namespace overbias::deck_sim
