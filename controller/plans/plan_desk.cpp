// SPDX-License-Identifier: Apache-2.0
#include "controller/plans/plan_desk.hpp"

#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "base/toml/toml_json.hpp"
#include "controller/plans/plan_defaults.hpp"
#include "mastering/plan/plan_check_json.hpp"
#include "mastering/plan/reel_plan_text.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr std::size_t kAlignments = 20; ///< so many earlier ones are looked through
constexpr std::chrono::milliseconds kProgressEvery{200};

std::string text(const json::object& parameters, const char* key) {
    const json::value* value = parameters.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

using Resolver = std::function<Result<std::filesystem::path>(const std::string&)>;

Resolver resolver_for(const PlanDesk::Parts& parts, bool local) {
    if (!parts.resolve) {
        return [](const std::string& file) -> Result<std::filesystem::path> { return std::filesystem::path(file); };
    }
    return [resolve = parts.resolve, local](const std::string& file) { return resolve(file, local); };
}

Result<mastering::ReelPlan> read(const PlanDesk::Given& given, const Resolver& resolve,
                                 mastering::PlanDefaults defaults) {
    if (!given.json.empty()) {
        return mastering::reel_plan_from_json(json::parse(given.json), defaults);
    }
    if (!given.toml.empty()) {
        defaults.folder = given.folder;
        return mastering::reel_plan_from_toml(given.toml, given.name, defaults);
    }
    auto path = resolve(given.path);
    return path ? mastering::read_reel_plan(*path, defaults) : Result<mastering::ReelPlan>(path.error());
}

} // namespace

/// What the worker asks while the desk may be gone.
struct PlanDesk::Shared {
    std::atomic<bool> ending = false;
};

PlanDesk::PlanDesk(Parts parts)
    : parts_(std::move(parts)), shared_(std::make_shared<Shared>()), worker_(std::make_unique<Worker>()) {
}

PlanDesk::~PlanDesk() {
    shared_->ending = true;
}

Result<PlanDesk::Given> PlanDesk::given(const json::object& parameters, const Caller& caller) {
    Given out;
    out.local = caller.local;
    if (const json::value* plan = parameters.if_contains("plan")) {
        if (plan->is_object()) {
            out.json = json_line(*plan);
        } else {
            out.path = text(parameters, "plan");
        }
    }
    if (parameters.contains("path")) {
        out.path = text(parameters, "path");
    }
    out.toml = text(parameters, "toml");
    out.name = text(parameters, "name");
    out.folder = text(parameters, "folder");
    if (out.name.empty()) {
        out.name = "plan";
    }
    const int ways = (out.json.empty() ? 0 : 1) + (out.path.empty() ? 0 : 1) + (out.toml.empty() ? 0 : 1);
    if (ways != 1) {
        return Error{"expected one of: plan (an object, or the path of a TOML file), path, toml (its text); got " +
                     std::to_string(ways)};
    }
    if (!out.path.empty() && !out.path.starts_with("upload:") && !std::filesystem::path(out.path).is_absolute()) {
        return Error{"'" + out.path + "' is not an absolute path; the daemon does not know your folder"};
    }
    if (!out.folder.empty() && !out.folder.is_absolute()) {
        return Error{"folder '" + out.folder.string() + "' is not an absolute path"};
    }
    if (const json::value* split = parameters.if_contains("split")) {
        out.split = split->is_bool() && split->get_bool();
    }
    return out;
}

mastering::PlanDeck PlanDesk::deck_for(const mastering::ReelPlan& plan) const {
    mastering::PlanDeck deck = plan_deck(parts_.config);
    const tape::AlignmentKey key{.deck_uuid = parts_.deck_uuid,
                                 .head_block_uuid = parts_.head_block_uuid,
                                 .speed_ips = plan.tape.speed_ips,
                                 .equalisation = plan.tape.equalisation,
                                 .stock = plan.tape.stock,
                                 .batch = plan.tape.batch};
    for (std::size_t n = 0; n < kAlignments; ++n) {
        auto record = parts_.alignments.earlier(key, n);
        if (!record) {
            break;
        }
        deck.alignments.push_back(std::move(*record));
    }
    deck.now_utc = utc_text(host_now().utc_ns);
    return deck;
}

void PlanDesk::check(Given given, std::function<void(Result<mastering::PlanCheck>)> done) {
    worker_->post([this, config = std::make_shared<const Config>(parts_.config), given = std::move(given),
                   done = std::move(done)] { read_and_check(config, given, done); });
}

/// Worker's thread: the plan is read, the timeline asked for the deck's alignments, the files are read.
void PlanDesk::read_and_check(const std::shared_ptr<const Config>& config, const Given& given,
                              const std::function<void(Result<mastering::PlanCheck>)>& done) {
    const Resolver resolve = resolver_for(parts_, given.local);
    auto plan = read(given, resolve, plan_defaults(*config));
    if (!plan) {
        parts_.timeline.post([done, error = plan.error()] { done(error); });
        return;
    }
    plan->split_sides = plan->split_sides || given.split;
    parts_.timeline.post([this, shared = shared_, config, resolve, plan = std::move(plan).value(), done] {
        if (shared->ending) {
            return;
        }
        worker_->post([this, shared, config, resolve, plan, deck = deck_for(plan), done] {
            mastering::PlanCheckContext context = plan_check_context(*config, plan);
            context.deck = deck;
            context.resolve = resolve;
            context.cancelled = [shared] { return shared->ending.load(); };
            context.progress = [this, shared, told = std::chrono::steady_clock::time_point{}](
                                   double share, const std::string& file) mutable {
                const auto now = std::chrono::steady_clock::now();
                if (now - told < kProgressEvery) {
                    return;
                }
                told = now;
                const std::string progress = json_line(json::object{{"done", share}, {"file", file}});
                parts_.timeline.post([this, shared, progress] {
                    if (!shared->ending) {
                        parts_.progress(progress);
                    }
                });
            };
            auto checked = std::make_shared<mastering::PlanCheck>(mastering::check_plan(plan, context));
            parts_.timeline.post([done, checked] { done(std::move(*checked)); });
        });
    });
}

void PlanDesk::make_template(const json::object& parameters, const Answer& answer) {
    mastering::ReelPlan plan = mastering::plan_to_fill_in(
        plan_defaults(parts_.config), json::value_to<std::vector<std::string>>(parameters.at("files")));
    plan.title = text(parameters, "title");
    answer(Reply::with(
        json::object{{"toml", mastering::reel_plan_template(plan)}, {"plan", mastering::reel_plan_json(plan)}}));
}

/// What stands in a text, and nothing that a plan takes from the configuration. One with mistakes is answered all the
/// same, with what they are: it is read to be gone on with.
void PlanDesk::read_text(const json::object& parameters, const Answer& answer) {
    const std::string toml = text(parameters, "toml");
    const std::string name = parameters.contains("name") ? text(parameters, "name") : "plan";
    const auto written = toml_as_json(toml, name);
    if (!written) {
        return answer(Reply::error(ErrorCode::UnusableInput, written.error().message));
    }
    mastering::PlanDefaults defaults = plan_defaults(parts_.config);
    defaults.folder = "/"; // where its files lie is for the check to say
    const auto plan = mastering::reel_plan_from_toml(toml, name, defaults);
    boost::system::error_code bad;
    const json::value told = json::parse(*written, bad);
    const json::value* const sides = bad ? nullptr : told.as_object().if_contains("sides");
    if (sides == nullptr || !sides->is_array()) {
        return answer(Reply::error(ErrorCode::UnusableInput, name + " is no reel plan: it has no [[sides]]"));
    }
    answer(Reply::with(
        json::object{{"plan", told}, {"against", plan ? json::value(nullptr) : json::value(plan.error().message)}}));
}

void PlanDesk::add_commands(CommandRegistry& registry) {
    registry.add(
        {.name = "plan_check",
         .help = "checks the plan of a reel before anything moves: lengths, files, levels, alignment; with the "
                 "cue sheet of a dry run",
         .parameters = {{"plan", ParameterType::ObjectOrText, false, "the plan, or the path of its TOML file"},
                        {"path", ParameterType::Text, false, "the path of its TOML file"},
                        {"toml", ParameterType::Text, false, "its TOML text"},
                        {"name", ParameterType::Text, false, "what the text is called in messages"},
                        {"folder", ParameterType::Text, false,
                         "of the text: files that are not named by an absolute path lie there"},
                        {"split", ParameterType::Flag, false, "split sides that do not fit at a track boundary"}},
         .handler = [this](const json::object& parameters, const Caller& caller, const Answer& answer) {
             auto asked = given(parameters, caller);
             if (!asked) {
                 return answer(Reply::error(ErrorCode::InvalidParams, "plan_check: " + asked.error().message));
             }
             check(std::move(asked).value(), [answer](const Result<mastering::PlanCheck>& checked) {
                 answer(checked ? Reply::with(mastering::plan_check_json(*checked))
                                : Reply::error(ErrorCode::UnusableInput, checked.error().message));
             });
         }});
    registry.add({.name = "plan_template",
                  .help = "a reel plan to be filled in, with these files as the tracks of one side",
                  .parameters = {{"files", ParameterType::TextList, true, "absolute paths or upload:ID, in order"},
                                 {"title", ParameterType::Text, false, "of the reel"}},
                  .handler = [this](const json::object& parameters, const Caller&, const Answer& answer) {
                      make_template(parameters, answer);
                  }});
    registry.add({.name = "plan_read",
                  .help = "a plan as it is written: what its text says, without what it leaves to the configuration",
                  .parameters = {{"toml", ParameterType::Text, true, "its TOML text"},
                                 {"name", ParameterType::Text, false, "what the text is called in messages"}},
                  .handler = [this](const json::object& parameters, const Caller&, const Answer& answer) {
                      read_text(parameters, answer);
                  }});
}

} // namespace overbias::controller
