// SPDX-License-Identifier: Apache-2.0
#include "controller/plans/plan_defaults.hpp"

#include "tape/profile_path.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace {

using Directories = std::vector<std::filesystem::path>;

/// A name comes from a plan, which may be anybody's: it names a profile, never a place on this disk.
Result<tape::TapeStock> stock_of(const std::string& name, const Directories& directories) {
    if (name.find('/') != std::string::npos || name.ends_with(".toml")) {
        return Error{"tape.stock: expected the name of a profile, got \"" + name + "\""};
    }
    const auto path = tape::find_profile(tape::ProfileKind::Tape, name, directories);
    return path ? tape::load_tape_stock(*path) : Result<tape::TapeStock>(path.error());
}

} // namespace

mastering::PlanDefaults plan_defaults(const Config& config) {
    using Unit = mastering::TapeSpan::Unit;
    const PrintConfig& print = config.print;
    mastering::PlanDefaults defaults;
    defaults.stock = config.tape.stock.id;
    defaults.batch = config.tape.batch;
    defaults.tape_length_m = config.tape.length_m;
    defaults.speed_ips = config.tape.speed_ips;
    defaults.equalisation = config.tape.equalisation;
    defaults.operating_level = config.tape.operating_level;
    defaults.studio = print.studio;
    defaults.engineer = print.engineer;
    defaults.length_of_stock =
        [directories = config.alignment.profile_directories](const std::string& name) -> std::optional<double> {
        const auto stock = stock_of(name, directories);
        return stock && stock->length_m ? std::optional(stock->length_m->value) : std::nullopt;
    };
    mastering::ReelPlan& otherwise = defaults.otherwise;
    otherwise.tape.spare = {print.spare_m, Unit::Metres};
    otherwise.slate.lead_in_s = print.lead_in_s;
    otherwise.slate.tones = {{.frequency_hz = print.slate_hz,
                              .duration_s = print.slate_s,
                              .level_re_operating_db = print.slate_level_re_operating_db}};
    otherwise.gap = {print.gap_s, Unit::Seconds};
    otherwise.post_roll_s = print.post_roll_s;
    otherwise.limits = config.limits;
    otherwise.alignment_within_days = print.alignment_within_days;
    if (print.stop_on_bias_failure) {
        otherwise.live.stops = {"bias"};
    }
    return defaults;
}

mastering::PlanCheckContext plan_check_context(const Config& config, const mastering::ReelPlan& plan) {
    mastering::PlanCheckContext context;
    context.installation = {.sample_rate_hz = config.audio.sample_rate_hz,
                            .converter_bits = config.audio.converter_bits,
                            .tape_speed_ips = plan.tape.speed_ips,
                            .tape_length_m = plan.tape.length_m,
                            .spare_m = plan.tape.spare.metres(plan.tape.speed_ips),
                            .play_dbfs_at_operating_level = config.audio.levels.play_dbfs_at_operating_level};
    if (plan.tape.stock == config.tape.stock.id) {
        context.stock = config.tape.stock; // which may be a file of its own
    } else if (auto stock = stock_of(plan.tape.stock, config.alignment.profile_directories)) {
        context.stock = std::move(stock).value();
    } else {
        context.stock_error = stock.error().message;
    }
    return context;
}

mastering::PlanDeck plan_deck(const Config& config) {
    const tape::DeckProfile& profile = config.deck.profile;
    mastering::PlanDeck deck;
    deck.name = profile.name;
    for (const tape::DeckSpeed& speed : profile.speeds) {
        deck.speeds_ips.push_back(speed.speed_ips);
    }
    deck.speed_ips = config.tape.speed_ips;
    deck.equalisation = config.tape.equalisation;
    deck.operating_level = config.tape.operating_level;
    if (profile.erase_to_record_mm) {
        deck.erase_to_record_m = profile.erase_to_record_mm->value / 1000.0;
    }
    return deck;
}

} // namespace overbias::controller
