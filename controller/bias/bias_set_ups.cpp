// SPDX-License-Identifier: Apache-2.0
#include "controller/bias/bias_set_ups.hpp"

#include "base/figure.hpp"
#include "base/json/json_text.hpp"
#include "controller/report_file.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using calibration::BiasQuantity;

namespace {

constexpr double kSameSpeed = 0.001;
constexpr const char* kFile = "bias-set-up.json";
constexpr int kVersion = 1;
constexpr std::array kQuantities{BiasQuantity::Level, BiasQuantity::Frequency, BiasQuantity::HighFrequency,
                                 BiasQuantity::ThirdHarmonic, BiasQuantity::Noise};

BiasQuantity quantity_of(std::string_view word) {
    const auto* const found = std::ranges::find_if(
        kQuantities, [&](BiasQuantity each) { return word == std::string_view(bias_quantity_word(each)); });
    if (found == kQuantities.end()) {
        throw std::runtime_error("there is no quantity \"" + std::string(word) + "\"");
    }
    return *found;
}

BiasSetUp set_up_of(const json::value& from) {
    const auto text = [&](const char* key) { return json::value_to<std::string>(from.at(key)); };
    BiasSetUp one;
    one.key = {.deck_uuid = text("deck_uuid"),
               .head_block_uuid = text("head_block_uuid"),
               .speed_ips = from.at("speed_ips").to_number<double>(),
               .equalisation = text("equalisation")};
    one.source = text("source");
    one.quantity = quantity_of(text("quantity"));
    one.value = from.at("value").to_number<double>();
    one.at_utc = text("at_utc");
    one.by = text("by");
    return one;
}

json::object json_of(const BiasSetUp& one) {
    return {{"deck_uuid", one.key.deck_uuid},
            {"head_block_uuid", one.key.head_block_uuid},
            {"speed_ips", one.key.speed_ips},
            {"equalisation", one.key.equalisation},
            {"source", one.source},
            {"quantity", bias_quantity_word(one.quantity)},
            {"value", one.value},
            {"at_utc", one.at_utc},
            {"by", one.by}};
}

} // namespace

bool BiasKey::operator==(const BiasKey& other) const noexcept {
    return deck_uuid == other.deck_uuid && head_block_uuid == other.head_block_uuid &&
           equalisation == other.equalisation &&
           std::abs(speed_ips - other.speed_ips) <= kSameSpeed * std::max(speed_ips, other.speed_ips);
}

std::string bias_source_identity(const tape::BiasSource& source) {
    std::string text = tape::bias_source_place(source);
    if (source.zero) {
        text += ", zero at " + figure(source.zero->value, 6);
    }
    if (source.volts_per_unit) {
        text += ", " + figure(source.volts_per_unit->value, 6) + " V a unit";
    }
    return text;
}

const char* bias_quantity_word(BiasQuantity quantity) noexcept {
    switch (quantity) {
    case BiasQuantity::Level:
        return "level";
    case BiasQuantity::Frequency:
        return "frequency";
    case BiasQuantity::HighFrequency:
        return "high_frequency";
    case BiasQuantity::ThirdHarmonic:
        return "third_harmonic";
    case BiasQuantity::Noise:
        break;
    }
    return "noise";
}

const BiasSetUp* BiasSetUps::find(const BiasKey& key, const std::string& source, BiasQuantity quantity) const noexcept {
    const auto found = std::ranges::find_if(all_, [&](const BiasSetUp& each) {
        return each.key == key && each.source == source && each.quantity == quantity;
    });
    return found == all_.end() ? nullptr : &*found;
}

void BiasSetUps::put(BiasSetUp one) {
    std::erase_if(all_, [&](const BiasSetUp& each) {
        return each.key == one.key && each.source == one.source && each.quantity == one.quantity;
    });
    all_.push_back(std::move(one));
}

Result<BiasSetUps> load_bias_set_ups(const std::filesystem::path& state_dir) {
    const std::filesystem::path path = state_dir / kFile;
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        return BiasSetUps();
    }
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    try {
        const json::value whole = json::parse(text.str());
        if (const auto version = whole.at("version").to_number<int>(); version != kVersion) {
            throw std::runtime_error("expected version " + std::to_string(kVersion) + ", got " +
                                     std::to_string(version));
        }
        BiasSetUps set_ups;
        for (const json::value& each : whole.at("set_ups").as_array()) {
            set_ups.put(set_up_of(each));
        }
        return set_ups;
    } catch (const std::exception& failure) {
        return Error{path.string() + ": what the bias was at set-up can't be read (" + failure.what() +
                     "); move the file away and set up again ('overbias bias set-up' while the deck records)"};
    }
}

Result<void> store_bias_set_ups(const std::filesystem::path& state_dir, const BiasSetUps& set_ups) {
    json::array all;
    for (const BiasSetUp& each : set_ups.all()) {
        all.push_back(json_of(each));
    }
    return write_file_atomically(
        state_dir / kFile, json_indented(json::object{{"version", kVersion}, {"set_ups", std::move(all)}}) + "\n");
}

} // namespace overbias::controller
