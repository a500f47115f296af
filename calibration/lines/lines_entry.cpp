// SPDX-License-Identifier: Apache-2.0
#include "calibration/lines/lines_entry.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "tape/level_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace overbias::calibration {

using tape::dbu_from_volts;
using tape::volts_from_dbu;

namespace {

bool fits(double dbu, double dbfs) {
    return dbu - dbfs >= kLeastFullScale_dbu && dbu - dbfs <= kMostFullScale_dbu;
}

std::string volts_text(double volts) {
    return volts < 0.1 ? figure(1000.0 * volts, 1) + " mV" : figure(volts, 3) + " V";
}

/// What else the number may be: a voltmeter has more than one range and scale.
std::string hint(double entered, LineUnit unit, double dbfs) {
    struct Meaning {
        double dbu;
        std::string words;
    };
    const double size = std::max(std::abs(entered), 1e-9);
    const double dbu_of_dbv = amplitude_db(1.0 / std::sqrt(0.6)); // 0 dBV is 1 V
    const std::array<Meaning, 3> meanings{
        unit == LineUnit::Volts ? Meaning{entered, "if the meter shows " + figure(entered, 2, true) + " dBu, enter " +
                                                       figure(volts_from_dbu(entered), 3)}
                                : Meaning{dbu_from_volts(size), "if the meter shows " + figure(size, 3) + " V, enter " +
                                                                    figure(dbu_from_volts(size), 2, true)},
        unit == LineUnit::Volts
            ? Meaning{dbu_from_volts(size / 1000.0),
                      "if the meter shows " + figure(size, 0) + " mV, enter " + figure(size / 1000.0, 3)}
            : Meaning{dbu_from_volts(size / 1000.0), "if the meter shows " + figure(size, 0) + " mV, enter " +
                                                         figure(dbu_from_volts(size / 1000.0), 2, true)},
        unit == LineUnit::Volts
            ? Meaning{dbu_from_volts(size / std::sqrt(8.0)),
                      "if it is peak to peak, on an oscilloscope, enter " + figure(size / std::sqrt(8.0), 3)}
            : Meaning{entered + dbu_of_dbv, "if the meter shows dBV, enter " + figure(entered + dbu_of_dbv, 2, true)},
    };
    for (const Meaning& meaning : meanings) {
        if (fits(meaning.dbu, dbfs)) {
            return "; " + meaning.words;
        }
    }
    return "; check what the voltmeter is connected to, and that the tone plays";
}

} // namespace

std::string unit_text(LineUnit unit) {
    return unit == LineUnit::Dbu ? "dBu" : "V";
}

std::string line_text(double dbu) {
    return figure(dbu, 2, true) + " dBu (" + volts_text(volts_from_dbu(dbu)) + ")";
}

Result<double> line_dbu(double entered, LineUnit unit, double dbfs) {
    if (!std::isfinite(entered)) {
        return Error{"a number in " + unit_text(unit) + " is expected"};
    }
    if (unit == LineUnit::Volts && entered <= 0.0) {
        return Error{"a voltage is above 0 V, " + figure(entered, 3) + " was entered" +
                     (entered < 0.0 ? hint(entered, unit, dbfs) : "; check that the tone plays and the line is whole")};
    }
    const double dbu = unit == LineUnit::Volts ? dbu_from_volts(entered) : entered;
    if (!fits(dbu, dbfs)) {
        return Error{line_text(dbu) + " can't be: a full-scale sine would be " + figure(dbu - dbfs, 1, true) +
                     " dBu, expected " + figure(kLeastFullScale_dbu, 0, true) + " to " +
                     figure(kMostFullScale_dbu, 0, true) + " dBu" + hint(entered, unit, dbfs)};
    }
    return dbu;
}

std::string apart_complaint(double first_dbu, double second_dbu) {
    const double apart_db = second_dbu - first_dbu;
    if (std::abs(apart_db) <= kLinesApart_db) {
        return {};
    }
    return "the right channel would be " + figure(std::abs(apart_db), 2) + " dB " +
           (apart_db > 0.0 ? "above" : "below") + " the left, expected within " + figure(kLinesApart_db, 0) +
           " dB; was one of them read in another unit or range, or is one plug unbalanced? Enter it again as it reads";
}

Result<double> dbu_at_0_vu(double entered_vu, double line_dbu) {
    if (!(entered_vu >= kLeastVu && entered_vu <= kMostVu)) {
        return Error{"a VU meter is read between " + figure(kLeastVu, 0) + " and " + figure(kMostVu, 0, true) +
                     " VU, " + figure(entered_vu, 1, true) +
                     " was entered; if the pointer rests at either end, skip this and set the meters' range first"};
    }
    return line_dbu - entered_vu;
}

} // namespace overbias::calibration
