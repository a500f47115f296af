// SPDX-License-Identifier: Apache-2.0
#include "tape/alignment_json.hpp"

#include "base/json/json_text.hpp"

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

namespace overbias::tape {

namespace {

namespace json = boost::json;

json::value optional_value(const std::optional<double>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

/// Reads the keys of one object and remembers the first thing that is wrong; what it returns then is not used.
class ObjectReader {
  public:
    ObjectReader(const json::value& value, std::string where) : where_(std::move(where)) {
        object_ = value.if_object();
        if (object_ == nullptr) {
            complain({}, "an object");
        }
    }
    [[nodiscard]] std::string text(std::string_view key) {
        const json::value* value = find(key);
        if (value == nullptr || !value->is_string()) {
            complain(key, "a text");
            return {};
        }
        return std::string(value->get_string());
    }
    /// Empty where there is no such key.
    [[nodiscard]] std::string optional_text(std::string_view key) { return find(key) == nullptr ? "" : text(key); }
    [[nodiscard]] std::optional<double> optional_number(std::string_view key) {
        const json::value* value = find(key);
        if (value != nullptr && value->is_null()) {
            return std::nullopt;
        }
        if (value == nullptr || !value->is_number()) {
            complain(key, "a number or null");
            return std::nullopt;
        }
        return value->to_number<double>();
    }
    [[nodiscard]] double number(std::string_view key) {
        const auto value = optional_number(key);
        if (!value) {
            complain(key, "a number");
        }
        return value.value_or(0.0);
    }
    [[nodiscard]] const json::value& at(std::string_view key) {
        static const json::value none;
        const json::value* value = find(key);
        if (value == nullptr) {
            complain(key, "a value");
        }
        return value == nullptr ? none : *value;
    }
    void complain(std::string_view key, const std::string& expected) {
        if (complaint_.empty()) {
            complaint_ = where_ + (key.empty() ? "" : "." + std::string(key)) + ": expected " + expected + ", got " +
                         (key.empty() || find(key) == nullptr ? "nothing of the kind" : json_line(*find(key)));
        }
    }
    /// Every key must have been asked for.
    [[nodiscard]] const std::string& finish() {
        if (object_ != nullptr && complaint_.empty()) {
            for (const auto& each : *object_) {
                if (!asked_.contains(std::string(each.key()))) {
                    complaint_ = where_ + ": unknown key \"" + std::string(each.key()) + "\"";
                    break;
                }
            }
        }
        return complaint_;
    }

  private:
    const json::value* find(std::string_view key) {
        asked_.emplace(key);
        return object_ == nullptr ? nullptr : object_->if_contains(key);
    }
    std::string where_;
    const json::object* object_ = nullptr;
    std::set<std::string> asked_;
    std::string complaint_;
};

Result<json::value> parsed(std::string_view text, const char* what) {
    boost::system::error_code failure;
    json::value value = json::parse(text, failure);
    if (failure) {
        return Error{std::string(what) + ": expected JSON, got what is none (" + failure.message() + ")"};
    }
    return value;
}

json::object key_object(const AlignmentKey& key) {
    return {{"deck_uuid", key.deck_uuid}, {"head_block_uuid", key.head_block_uuid},
            {"speed_ips", key.speed_ips}, {"equalisation", equalisation_name(key.equalisation)},
            {"stock", key.stock},         {"batch", key.batch}};
}

json::object step_object(const AlignmentStep& step) {
    json::object object{{"id", step.id},
                        {"channel", step.channel},
                        {"reading", step.reading},
                        {"unit", step.unit},
                        {"target", optional_value(step.target)},
                        {"tolerance", optional_value(step.tolerance)},
                        {"averaging_s", step.averaging_s},
                        {"accepted_at", step.accepted_at},
                        {"accepted_by", step.accepted_by},
                        {"calibration_tape", step.calibration_tape}};
    if (step.bound != Bound::BothSides) {
        object["bound"] = step.bound == Bound::AtLeast ? "at_least" : "at_most";
    }
    if (!step.remark.empty()) {
        object["remark"] = step.remark;
    }
    return object;
}

/// The first complaint of all, empty when there is none.
std::string read_key(const json::value& value, AlignmentKey& key) {
    ObjectReader reader(value, "alignment record.key");
    key.deck_uuid = reader.text("deck_uuid");
    key.head_block_uuid = reader.text("head_block_uuid");
    key.speed_ips = reader.number("speed_ips");
    const auto equalisation = equalisation_from_name(reader.text("equalisation"));
    if (!equalisation) {
        reader.complain("equalisation", "\"NAB\", \"IEC1\" or \"AES\"");
    }
    key.equalisation = equalisation.value_or(Equalisation::Iec1);
    key.stock = reader.text("stock");
    key.batch = reader.text("batch");
    return reader.finish();
}

std::string read_step(const json::value& value, std::size_t index, AlignmentStep& step) {
    ObjectReader reader(value, "alignment record.steps[" + std::to_string(index) + "]");
    step.id = reader.text("id");
    const double channel = reader.number("channel");
    if (channel < 0.0 || channel > 64.0 || channel != static_cast<double>(static_cast<int>(channel))) {
        reader.complain("channel", "a whole number from 0 to 64");
    } else {
        step.channel = static_cast<int>(channel);
    }
    step.reading = reader.number("reading");
    step.unit = reader.text("unit");
    step.target = reader.optional_number("target");
    step.tolerance = reader.optional_number("tolerance");
    step.averaging_s = reader.number("averaging_s");
    step.accepted_at = reader.text("accepted_at");
    step.accepted_by = reader.text("accepted_by");
    step.calibration_tape = reader.text("calibration_tape");
    const std::string bound = reader.optional_text("bound");
    if (bound == "at_least" || bound == "at_most") {
        step.bound = bound == "at_least" ? Bound::AtLeast : Bound::AtMost;
    } else if (!bound.empty()) {
        reader.complain("bound", "\"at_least\" or \"at_most\"");
    }
    step.remark = reader.optional_text("remark");
    return reader.finish();
}

} // namespace

std::string alignment_json(const AlignmentRecord& record) {
    json::array steps;
    for (const AlignmentStep& each : record.steps) {
        steps.emplace_back(step_object(each));
    }
    json::object object{{"uuid", record.uuid},         {"key", key_object(record.key)}, {"procedure", record.procedure},
                        {"begun_at", record.begun_at}, {"ended_at", record.ended_at},   {"steps", std::move(steps)}};
    if (!record.operators.empty()) {
        object["operators"] = record.operators;
    }
    if (!record.measured_by.empty()) {
        object["measured_by"] = record.measured_by;
    }
    return json_line(object);
}

Result<AlignmentRecord> alignment_from_json(std::string_view text) {
    const auto value = parsed(text, "alignment record");
    if (!value) {
        return value.error();
    }
    AlignmentRecord record;
    ObjectReader reader(*value, "alignment record");
    record.uuid = reader.text("uuid");
    record.procedure = reader.text("procedure");
    record.begun_at = reader.text("begun_at");
    record.ended_at = reader.text("ended_at");
    record.operators = reader.optional_text("operators");
    record.measured_by = reader.optional_text("measured_by");
    std::string inner = read_key(reader.at("key"), record.key);
    const json::array* steps = reader.at("steps").if_array();
    if (steps == nullptr) {
        reader.complain("steps", "an array");
    }
    for (std::size_t i = 0; steps != nullptr && i < steps->size(); ++i) {
        AlignmentStep step;
        const std::string complaint = read_step((*steps)[i], i, step);
        inner = inner.empty() ? complaint : inner;
        record.steps.push_back(std::move(step));
    }
    const std::string& complaint = reader.finish();
    if (!complaint.empty() || !inner.empty()) {
        return Error{complaint.empty() ? inner : complaint};
    }
    return record;
}

std::string level_chart_json(const LevelChart& chart) {
    json::value flux(nullptr);
    if (chart.operating_level) {
        flux = json::object{{"nwb_per_m", chart.operating_level->nwb_per_m},
                            {"school", school_name(chart.operating_level->school)}};
    }
    return json_line(json::object{{"play_dbfs_at_operating_level", chart.play_dbfs_at_operating_level},
                                  {"capture_dbfs_at_operating_level", chart.capture_dbfs_at_operating_level},
                                  {"play_dbu_at_full_scale", optional_value(chart.play_dbu_at_full_scale)},
                                  {"capture_dbu_at_full_scale", optional_value(chart.capture_dbu_at_full_scale)},
                                  {"dbu_at_0_vu", optional_value(chart.dbu_at_0_vu)},
                                  {"operating_level", std::move(flux)}});
}

Result<LevelChart> level_chart_from_json(std::string_view text) {
    const auto value = parsed(text, "level chart");
    if (!value) {
        return value.error();
    }
    LevelChart chart;
    ObjectReader reader(*value, "level chart");
    chart.play_dbfs_at_operating_level = reader.number("play_dbfs_at_operating_level");
    chart.capture_dbfs_at_operating_level = reader.number("capture_dbfs_at_operating_level");
    chart.play_dbu_at_full_scale = reader.optional_number("play_dbu_at_full_scale");
    chart.capture_dbu_at_full_scale = reader.optional_number("capture_dbu_at_full_scale");
    chart.dbu_at_0_vu = reader.optional_number("dbu_at_0_vu");
    std::string inner;
    if (const json::value& flux = reader.at("operating_level"); !flux.is_null()) {
        ObjectReader level(flux, "level chart.operating_level");
        Fluxivity one{.nwb_per_m = level.number("nwb_per_m")};
        const auto school = school_from_name(level.text("school"));
        if (!school) {
            level.complain("school", "\"ANSI\" or \"DIN\"");
        }
        one.school = school.value_or(CalibrationSchool::Ansi);
        chart.operating_level = one;
        inner = level.finish();
    }
    const std::string& complaint = reader.finish();
    if (!complaint.empty() || !inner.empty()) {
        return Error{complaint.empty() ? inner : complaint};
    }
    return chart;
}

} // namespace overbias::tape
