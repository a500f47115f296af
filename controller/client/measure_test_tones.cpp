// SPDX-License-Identifier: Apache-2.0
#include "controller/client/measure_test_tones.hpp"

#include <boost/json.hpp>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;
using calibration::ResponseFigures;
using calibration::TestToneFigures;
using Verdict = dsp::MolResult::Verdict;

namespace {

std::string figure(double value, int digits) {
    char text[48];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string channel_text(std::size_t channel) {
    return ", channel " + std::to_string(channel + 1);
}

bool known(Verdict verdict) {
    return verdict == Verdict::Found || verdict == Verdict::Extrapolated;
}

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::Found:
        return "found";
    case Verdict::Extrapolated:
        return "extrapolated";
    case Verdict::MoreThan:
        return "more than";
    case Verdict::LessThan:
        return "less than";
    case Verdict::Nothing:
        break;
    }
    return "";
}

std::string level_text(double db) {
    return (db > 0.0 ? "+" : "") + figure(db, 2) + " dB";
}

FigureGroup crosstalk_group(const TestToneFigures& figures) {
    FigureGroup group{"Crosstalk", {}};
    for (const auto& it : figures.crosstalk) {
        const auto& found = it.crosstalk;
        group.lines.push_back(
            {figure(found.frequency_hz, 1) + " Hz, " + std::to_string(it.from + 1) + " to " + std::to_string(it.to + 1),
             (found.better_than ? "better than " : "") + figure(found.separation_db, 1) + " dB",
             "selective, " + figure(2.0 * found.half_band_hz, 1) + " Hz wide; noise in it " +
                 figure(found.floor_dbfs, 1) + " dBFS"});
    }
    return group;
}

FigureGroup intermodulation_group(const TestToneFigures& figures) {
    FigureGroup group{"Intermodulation", {}};
    for (const auto& it : figures.intermodulation) {
        if (const auto& found = it.modulation) {
            const std::string tones = figure(found->low_hz, 1) + " and " + figure(found->high_hz, 1) + " Hz";
            group.lines.push_back(
                {"SMPTE" + channel_text(it.channel), figure(found->smpte_percent, 4) + " %", tones + ", 4 : 1"});
            group.lines.push_back(
                {"  second order", figure(found->d2_percent, 4) + " %", "IEC 60268-3 modulation distortion"});
            group.lines.push_back(
                {"  third order", figure(found->d3_percent, 4) + " %", "IEC 60268-3 modulation distortion"});
        }
        if (const auto& found = it.difference) {
            const std::string tones = figure(found->low_hz, 1) + " and " + figure(found->high_hz, 1) + " Hz";
            group.lines.push_back({"second order" + channel_text(it.channel), figure(found->d2_percent, 4) + " %",
                                   "IEC 60268-3 difference-frequency, " + tones});
            group.lines.push_back({"third order" + channel_text(it.channel), figure(found->d3_percent, 4) + " %",
                                   "IEC 60268-3 difference-frequency"});
        }
    }
    return group;
}

FigureGroup response_group(const ResponseFigures& it) {
    FigureGroup group{"Response" + channel_text(it.channel) + ", of the tones, if all were sent at one level", {}};
    for (const auto& point : it.points) {
        group.lines.push_back({figure(point.frequency_hz, point.frequency_hz < 1000.0 ? 1 : 0) + " Hz",
                               level_text(point.level_db), point.level_db == 0.0 ? "the reference" : ""});
    }
    return group;
}

FigureGroup mol_group(const TestToneFigures& figures) {
    FigureGroup group{"Maximum output level", {}};
    for (const auto& it : figures.mol) {
        const auto& found = it.result;
        const std::string name = figure(it.frequency_hz, 0) + " Hz" + channel_text(it.channel);
        const std::string of = "third harmonic 3 %, of " + std::to_string(found.readings) + " levels";
        if (known(found.verdict)) {
            group.lines.push_back({name, figure(found.output_db, 2) + " +- " + figure(found.error_db, 2) + " dBFS",
                                   of + (found.verdict == Verdict::Extrapolated ? ", extrapolated" : "")});
        } else {
            group.lines.push_back(
                {name, std::string(name_of(found.verdict)) + " " + figure(found.bound_db.value_or(0.0), 2) + " dBFS",
                 of});
        }
    }
    return group;
}

} // namespace

json::array crosstalk_json(const TestToneFigures& figures) {
    json::array out;
    for (const auto& it : figures.crosstalk) {
        out.push_back(
            json::object{{"from_channel", it.from + 1},
                         {"to_channel", it.to + 1},
                         {"start_s", it.start_s},
                         {"frequency_hz", it.crosstalk.frequency_hz},
                         {"separation_db", it.crosstalk.separation_db},
                         {"better_than", it.crosstalk.better_than},
                         {"tone_dbfs", it.crosstalk.tone_dbfs},
                         {"leak_dbfs", it.crosstalk.leak_dbfs},
                         {"floor_dbfs", it.crosstalk.floor_dbfs},
                         {"band_hz", 2.0 * it.crosstalk.half_band_hz},
                         {"method", "selective; better_than: the leak is not 6 dB over the noise in its band"}});
    }
    return out;
}

json::array intermodulation_json(const TestToneFigures& figures) {
    json::array out;
    for (const auto& it : figures.intermodulation) {
        if (const auto& found = it.modulation) {
            out.push_back(json::object{{"kind", "smpte"},
                                       {"channel", it.channel + 1},
                                       {"low_hz", found->low_hz},
                                       {"high_hz", found->high_hz},
                                       {"smpte_percent", found->smpte_percent},
                                       {"d2_percent", found->d2_percent},
                                       {"d3_percent", found->d3_percent},
                                       {"method", "SMPTE 60 Hz and 7 kHz, 4 : 1; d2, d3: IEC 60268-3 modulation"}});
        }
        if (const auto& found = it.difference) {
            out.push_back(json::object{{"kind", "difference"},
                                       {"channel", it.channel + 1},
                                       {"low_hz", found->low_hz},
                                       {"high_hz", found->high_hz},
                                       {"smpte_percent", nullptr},
                                       {"d2_percent", found->d2_percent},
                                       {"d3_percent", found->d3_percent},
                                       {"method", "IEC 60268-3 difference-frequency, two tones alike"}});
        }
    }
    return out;
}

json::array response_json(const TestToneFigures& figures) {
    json::array out;
    for (const auto& it : figures.response) {
        json::array points;
        for (const auto& point : it.points) {
            points.push_back(json::object{
                {"frequency_hz", point.frequency_hz}, {"level_db", point.level_db}, {"error_db", point.error_db}});
        }
        out.push_back(json::object{{"channel", it.channel + 1},
                                   {"start_s", it.start_s},
                                   {"reference_dbfs", it.reference_dbfs},
                                   {"points", std::move(points)},
                                   {"method", "levels re 1 kHz: the response if all were sent at one level"}});
    }
    return out;
}

json::array mol_json(const TestToneFigures& figures) {
    json::array out;
    for (const auto& it : figures.mol) {
        const bool has = known(it.result.verdict);
        const auto or_null = [](bool there, double value) { return there ? json::value(value) : json::value(nullptr); };
        out.push_back(
            json::object{{"channel", it.channel + 1},
                         {"frequency_hz", it.frequency_hz},
                         {"verdict", name_of(it.result.verdict)},
                         {"mol_dbfs", or_null(has, it.result.output_db)},
                         {"error_db", or_null(has, it.result.error_db)},
                         {"bound_dbfs", or_null(it.result.bound_db.has_value(), it.result.bound_db.value_or(0))},
                         {"levels", it.result.readings},
                         {"method", "level of the fundamental where the third harmonic is 3 %"}});
    }
    return out;
}

std::vector<FigureGroup> test_tone_groups(const TestToneFigures& figures) {
    std::vector<FigureGroup> groups{crosstalk_group(figures), intermodulation_group(figures), mol_group(figures)};
    for (const auto& it : figures.response) {
        groups.push_back(response_group(it));
    }
    std::erase_if(groups, [](const FigureGroup& group) { return group.lines.empty(); });
    return groups;
}

} // namespace overbias::controller
