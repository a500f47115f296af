// SPDX-License-Identifier: Apache-2.0
#include "controller/client/plan_line.hpp"

#include "controller/client/plan_text.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/words.hpp"
#include "controller/config.hpp"
#include "controller/plans/plan_defaults.hpp"
#include "mastering/plan/plan_check.hpp"
#include "mastering/plan/plan_check_json.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr std::chrono::minutes kPatience{30}; ///< every file is read

std::string text_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    if (!in || !(text << in.rdbuf())) {
        throw UnusableArgument(file + ": expected a reel plan (TOML), it cannot be read; 'overbias plan new FILES > " +
                               file + "' begins one");
    }
    std::string all = text.str();
    if (!is_utf8(all)) {
        throw UnusableArgument(file + ": expected a reel plan (TOML, UTF-8), got what is no text; 'overbias plan new " +
                               "FILES > reel.toml' begins one with sound files");
    }
    return all;
}

std::string absolute(const std::string& file) {
    if (file.starts_with("upload:")) {
        return file;
    }
    std::error_code unknown;
    if (!std::filesystem::exists(file, unknown)) {
        throw UnusableArgument("plan new: " + file + ": no such file; name the sound files in order");
    }
    return std::filesystem::absolute(file).lexically_normal().string();
}

/// A line that is written over, for whoever watches.
void show_progress(double share, const std::string& what) {
    if (isatty(STDERR_FILENO) == 1) {
        std::fprintf(stderr, "\r\x1b[K%3.0f %%  %s", 100.0 * share, printable(what).c_str());
        std::fflush(stderr);
    }
}

void end_progress() {
    if (isatty(STDERR_FILENO) == 1) {
        std::fputs("\r\x1b[K", stderr);
    }
}

} // namespace

PlanLine::PlanLine(CLI::App& plan, Ways ways) : ways_(std::move(ways)) {
    plan.require_subcommand(1);
    CLI::App* check_it = plan.add_subcommand("check", "what stands against it, and what has to be said of it, before "
                                                      "anything moves");
    CLI::App* dry_run = plan.add_subcommand("cue-sheet", "play it dry: what begins when, and where on the tape");
    for (CLI::App* each : {check_it, dry_run}) {
        add_places(*each);
        each->add_option("PLAN", file_, "the plan (TOML)")->required();
        each->add_flag("--split", split_, "split sides that do not fit at a track boundary, on new tapes");
        each->callback([this, sheet = each == dry_run] { ways_.chosen([this, sheet] { return check(sheet); }); });
    }
    CLI::App* anew = plan.add_subcommand("new", "a plan to be filled in, with these files: overbias plan new FILES > "
                                                "reel.toml");
    add_places(*anew);
    anew->add_option("FILES", files_, "sound files in order")->required();
    anew->add_option("--title", title_, "of the reel");
    anew->callback([this] { ways_.chosen([this] { return begin(); }); });
}

void PlanLine::add_places(CLI::App& to) {
    ways_.add_common(to);
    to.add_flag("--offline", offline_, "ask no daemon: files and lengths only");
    to.add_option("--config", config_, "without a daemon: configuration to go by (default: that of the simulated deck)")
        ->type_name("FILE");
}

json::value PlanLine::asked(const std::string& method, const json::object& parameters) const {
    if (offline_ || !config_.empty()) {
        return nullptr;
    }
    try {
        RpcClient daemon = ways_.daemon();
        return daemon.call(method, parameters, kPatience);
    } catch (const ConnectionLost&) {
        if (ways_.daemon_named()) {
            throw;
        }
        return nullptr;
    }
}

Config PlanLine::config() const {
    auto config = config_.empty() ? simulated_config() : load_config(config_, false);
    if (!config) {
        throw UnusableArgument(config.error().message);
    }
    return std::move(config).value();
}

json::value PlanLine::checked_here() const {
    const Config here = config();
    auto plan = mastering::read_reel_plan(file_, plan_defaults(here));
    if (!plan) {
        throw UnusableArgument(plan.error().message);
    }
    plan->split_sides = plan->split_sides || split_;
    mastering::PlanCheckContext context = plan_check_context(here, *plan);
    context.threads = 0;
    context.progress = show_progress;
    const mastering::PlanCheck check = mastering::check_plan(*plan, context);
    end_progress();
    return mastering::plan_check_json(check);
}

int PlanLine::check(bool cue_sheet) const {
    json::value answer = asked("plan_check", {{"toml", text_of(file_)},
                                              {"name", file_},
                                              {"folder", std::filesystem::absolute(file_).parent_path().string()},
                                              {"split", split_}});
    if (answer.is_null()) {
        answer = checked_here();
    }
    ways_.show(cue_sheet ? at(answer, "cue_sheet") : answer,
               cue_sheet ? plan_cue_sheet_text(answer) : plan_check_text(answer));
    const json::value& printable_plan = at(answer, "printable");
    const bool can = printable_plan.is_bool() && printable_plan.get_bool();
    if (cue_sheet && !can) {
        std::fputs("overbias: this plan can't be printed as it is: 'overbias plan check' says why\n", stderr);
    }
    return can ? 0 : 1;
}

int PlanLine::begin() const {
    std::vector<std::string> files;
    for (const std::string& file : files_) {
        files.push_back(absolute(file));
    }
    json::value answer = asked("plan_template", {{"files", json::value_from(files)}, {"title", title_}});
    if (answer.is_null()) {
        mastering::ReelPlan plan = mastering::plan_to_fill_in(plan_defaults(config()), files);
        plan.title = title_;
        answer = json::object{{"toml", mastering::reel_plan_template(plan)}, {"plan", mastering::reel_plan_json(plan)}};
    }
    const json::value& toml = at(answer, "toml");
    ways_.show(answer, toml.is_string() ? std::string(toml.get_string()) : std::string());
    return 0;
}

} // namespace overbias::controller
