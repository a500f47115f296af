// SPDX-License-Identifier: Apache-2.0
// Writing a reel plan: the visitors that make JSON of it and the template that is filled in by hand.
#include "base/json/json_text.hpp"
#include "base/toml/message_text.hpp"
#include "mastering/plan/plan_toml_text.hpp"
#include "mastering/plan/reel_plan_fields.hpp"
#include "mastering/plan/reel_plan_text.hpp"

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

/// What both writers share: a value of each kind as JSON.
json::value value_of(tape::Equalisation value) {
    return json::value(tape::equalisation_name(value));
}
json::value value_of(tape::CalibrationSchool value) {
    return json::value(tape::school_name(value));
}
json::value value_of(const TapeSpan& value) {
    return json::value(tape_span_text(value));
}
json::value length_value(double metres) {
    return value_of(TapeSpan{metres, TapeSpan::Unit::Metres});
}
json::value words_value(const std::vector<std::string>& words) {
    return json::value_from(words);
}

class JsonWriter {
  public:
    explicit JsonWriter(json::object& out) : out_(out) {}

    void text(std::string_view key, const std::string& value, Need /*need*/, std::string_view /*meaning*/) {
        if (!value.empty()) {
            out_[key] = value;
        }
    }
    void file(std::string_view key, const std::string& value, Need need, std::string_view meaning) {
        text(key, value, need, meaning);
    }
    void flag(std::string_view key, bool value, std::string_view /*meaning*/) { out_[key] = value; }
    void integer(std::string_view key, int value, TomlBounds /*bounds*/, std::string_view /*meaning*/) {
        out_[key] = value;
    }
    void number(std::string_view key, double value, TomlBounds /*bounds*/, Need /*need*/,
                std::string_view /*meaning*/) {
        out_[key] = value;
    }
    void optional_number(std::string_view key, const std::optional<double>& value, TomlBounds /*bounds*/,
                         std::string_view /*meaning*/) {
        if (value) {
            out_[key] = *value;
        }
    }
    void span(std::string_view key, const TapeSpan& value, std::string_view /*meaning*/) {
        out_[key] = value_of(value);
    }
    void optional_span(std::string_view key, const std::optional<TapeSpan>& value, std::string_view /*meaning*/) {
        if (value) {
            out_[key] = value_of(*value);
        }
    }
    void length(std::string_view key, double value_m, Need /*need*/, std::string_view /*meaning*/) {
        out_[key] = length_value(value_m);
    }
    void equalisation(std::string_view key, tape::Equalisation value, Need /*need*/, std::string_view /*meaning*/) {
        out_[key] = value_of(value);
    }
    void school(std::string_view key, tape::CalibrationSchool value, Need /*need*/, std::string_view /*meaning*/) {
        out_[key] = value_of(value);
    }
    void words(std::string_view key, const std::vector<std::string>& value, const std::vector<std::string>& /*known*/,
               std::string_view /*meaning*/) {
        out_[key] = words_value(value);
    }
    template <typename Visit>
    void table(std::string_view key, std::string_view /*meaning*/, Visit&& visit) {
        json::object inner;
        JsonWriter writer(inner);
        visit(writer);
        out_[key] = std::move(inner);
    }
    template <typename T, typename Visit>
    void tables(std::string_view key, std::vector<T>& value, std::string_view /*meaning*/, Visit&& visit) {
        json::array all;
        for (T& each : value) {
            json::object inner;
            JsonWriter writer(inner);
            visit(writer, each);
            all.push_back(std::move(inner));
        }
        out_[key] = std::move(all);
    }

  private:
    json::object& out_;
};

/// Lines of TOML with what each key means; what has a default is commented out.
class TemplateWriter {
  public:
    TemplateWriter(std::string& out, std::string path) : out_(out), path_(std::move(path)) {}

    void text(std::string_view key, const std::string& value, Need need, std::string_view meaning) {
        line(key, json::value(value), need == Need::Always, meaning);
    }
    void file(std::string_view key, const std::string& value, Need need, std::string_view meaning) {
        text(key, value, need, meaning);
    }
    void flag(std::string_view key, bool value, std::string_view meaning) {
        line(key, json::value(value), false, meaning);
    }
    void integer(std::string_view key, int value, TomlBounds bounds, std::string_view meaning) {
        line(key, json::value(value), false, with_range(meaning, bounds));
    }
    void number(std::string_view key, double value, TomlBounds bounds, Need need, std::string_view meaning) {
        line(key, json::value(value), need == Need::Always, with_range(meaning, bounds));
    }
    void optional_number(std::string_view key, const std::optional<double>& value, TomlBounds bounds,
                         std::string_view meaning) {
        line(key, value ? json::value(*value) : json::value(nullptr), value.has_value(), with_range(meaning, bounds));
    }
    void span(std::string_view key, const TapeSpan& value, std::string_view meaning) {
        line(key, value_of(value), false, meaning);
    }
    void optional_span(std::string_view key, const std::optional<TapeSpan>& value, std::string_view meaning) {
        line(key, value ? value_of(*value) : json::value(nullptr), value.has_value(), meaning);
    }
    void length(std::string_view key, double value_m, Need need, std::string_view meaning) {
        line(key, length_value(value_m), need == Need::Always, meaning);
    }
    void equalisation(std::string_view key, tape::Equalisation value, Need need, std::string_view meaning) {
        line(key, value_of(value), need == Need::Always, meaning);
    }
    void school(std::string_view key, tape::CalibrationSchool value, Need need, std::string_view meaning) {
        line(key, value_of(value), need == Need::Always, meaning);
    }
    void words(std::string_view key, const std::vector<std::string>& value, const std::vector<std::string>& known,
               std::string_view meaning) {
        line(key, words_value(value), false, std::string(meaning) + ": some of " + list_text(known));
    }
    template <typename Visit>
    void table(std::string_view key, std::string_view meaning, Visit&& visit) {
        head(joined(path_, key), "[", "]", meaning);
        TemplateWriter inner(out_, joined(path_, key));
        visit(inner);
    }
    template <typename T, typename Visit>
    void tables(std::string_view key, std::vector<T>& value, std::string_view meaning, Visit&& visit) {
        bool first = true;
        for (T& each : value) {
            // A table that is there would take the place of those that hold when the plan says nothing.
            const bool own = key == "sides" || key == "tracks";
            head(joined(path_, key), own ? "[[" : "# [[", "]]", first ? meaning : "");
            TemplateWriter inner(out_, joined(path_, key));
            visit(inner, each);
            first = false;
        }
    }

  private:
    static std::string with_range(std::string_view meaning, const TomlBounds& bounds) {
        return std::string(meaning) + (meaning.empty() ? "" : ";") + range_text(bounds);
    }
    void head(const std::string& path, const char* open, const char* close, std::string_view meaning) {
        out_ += "\n" + std::string(open) + path + close + (meaning.empty() ? "" : "  # " + std::string(meaning)) + "\n";
    }
    void line(std::string_view key, const json::value& value, bool active, std::string_view meaning) {
        const bool filled =
            value.is_string() && !value.get_string().empty() && (key == "file" || key == "title" || key == "name");
        std::string text =
            (active || filled ? "" : "# ") + std::string(key) + " = " + (value.is_null() ? "" : json_line(value));
        if (!meaning.empty()) {
            text.resize(std::max<std::size_t>(text.size(), 40), ' ');
            text += "  # " + std::string(meaning);
        }
        out_ += text + "\n";
    }

    std::string& out_;
    std::string path_;
};

} // namespace

json::object reel_plan_json(const ReelPlan& plan) {
    json::object out;
    JsonWriter writer(out);
    ReelPlan copy = plan; // a visitor may change what it is led over; this one does not
    plan_fields::plan(writer, copy, {});
    return out;
}

std::string reel_plan_toml(const ReelPlan& plan) {
    return "# Overbias: the plan of a reel (docs/printing-a-reel.md)\n" + toml_text(reel_plan_json(plan));
}

std::string reel_plan_template(const ReelPlan& plan) {
    std::string out = "# The plan of a reel. What begins with # is what holds when it says nothing;\n"
                      "# docs/printing-a-reel.md explains. Check it: overbias plan check FILE\n\n";
    TemplateWriter writer(out, "");
    ReelPlan copy = plan;
    plan_fields::plan(writer, copy,
                      {.stock = Need::Default,
                       .length = Need::Default,
                       .speed = Need::Default,
                       .equalisation = Need::Default,
                       .operating_level = Need::Default});
    return out;
}

} // namespace overbias::mastering
