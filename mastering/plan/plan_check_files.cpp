// SPDX-License-Identifier: Apache-2.0
// The files of a plan: found, hashed, opened as they will be played, and what their levels do to converter and tape.
#include "base/figure.hpp"
#include "base/toml/message_text.hpp"
#include "mastering/plan/plan_check_parts.hpp"
#include "mastering/plan/programme_levels.hpp"
#include "mastering/plan/tape_limits.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr std::size_t kMostPassages = 5; ///< told of a track and kind, the worst ones
constexpr std::array kGroupKinds{"mol", "sol"};

/// What one file gave.
struct FileOutcome {
    PlanFile file;
    std::string sha256_expected;
    std::vector<PlanFinding> refusals, warnings;
};

/// The files of a plan on their way through the check. Threads share nothing but the counters and what the caller is
/// told.
class FileCheck {
  public:
    FileCheck(const ReelPlan& plan, const PlanCheckContext& context) : plan_(plan), context_(context) {
        levels_.sample_rate_hz = context.installation.sample_rate_hz;
        levels_.play_dbfs_at_operating_level = context.installation.play_dbfs_at_operating_level;
        if (context.stock) {
            limits_ = tape_band_limits(*context.stock, plan.tape, level_bands_hz());
        }
        for (const auto& limit : limits_) {
            levels_.bands.push_back(
                limit ? std::optional(LevelsConfig::BandLimit{.level_re_operating_db = limit->level_re_operating_db,
                                                              .group = limit->saturation ? 1 : 0})
                      : std::nullopt);
        }
        if (!plan.slate.voice.empty()) {
            add(plan.slate.voice, plan.slate.voice_trim_db, "", -1, "");
        }
        for (const PlanSide& side : plan.sides) {
            for (std::size_t t = 0; t < side.tracks.size(); ++t) {
                const PlanTrack& track = side.tracks[t];
                add(track.file, track.trim_db, side.name, static_cast<int>(t), track.sha256);
            }
        }
    }

    std::vector<FileOutcome> run() {
        unsigned threads = context_.threads != 0 ? context_.threads : std::max(1U, std::thread::hardware_concurrency());
        threads = std::min(threads, static_cast<unsigned>(outcomes_.size()));
        std::vector<std::jthread> helpers;
        for (unsigned i = 1; i < threads; ++i) {
            helpers.emplace_back([this] { work(); });
        }
        work();
        helpers.clear(); // waits for them
        return std::move(outcomes_);
    }

  private:
    void add(const std::string& file, double trim_db, const std::string& side, int track, const std::string& sha256) {
        FileOutcome outcome;
        outcome.file.file = file;
        outcome.file.trim_db = trim_db;
        outcome.file.side = side;
        outcome.file.track = track;
        outcome.sha256_expected = sha256;
        outcomes_.push_back(std::move(outcome));
    }
    void work() {
        for (std::size_t i = next_++; i < outcomes_.size(); i = next_++) {
            check(outcomes_[i]);
        }
    }
    static PlanFinding finding(const FileOutcome& of, std::string kind, std::string words) {
        PlanFinding said;
        said.kind = std::move(kind);
        said.side = of.file.side;
        said.track = of.file.track;
        said.words = std::move(words);
        return said;
    }
    void check(FileOutcome& outcome) {
        PlanFile& file = outcome.file;
        file.path = file.file;
        if (context_.resolve) {
            auto path = context_.resolve(file.file);
            if (!path) {
                outcome.refusals.push_back(finding(outcome, "file_missing", path.error().message));
                return;
            }
            file.path = std::move(path).value();
        }
        auto info = audio::inspect_sound_file(file.path);
        if (!info) {
            std::error_code failure;
            const bool there = std::filesystem::exists(file.path, failure);
            outcome.refusals.push_back(
                finding(outcome, there ? "file_unusable" : "file_missing", info.error().message));
            return;
        }
        file.info = std::move(info).value();
        file.converted = file.info.sample_rate_hz != levels_.sample_rate_hz;
        if (!outcome.sha256_expected.empty() && outcome.sha256_expected != file.info.sha256) {
            outcome.refusals.push_back(finding(
                outcome, "hash_differs",
                file.path.string() + ": expected SHA-256 " + outcome.sha256_expected + ", got " + file.info.sha256 +
                    "; this is not the file that was meant: get that one, or take sha256 out of the plan"));
        }
        if (file.converted) {
            PlanFinding converted =
                finding(outcome, "sample_rate",
                        file.path.string() + " is " + number_text(file.info.sample_rate_hz) +
                            " Hz and will be converted to " + number_text(levels_.sample_rate_hz) + " Hz");
            converted.basis = "sample rate of the card";
            outcome.warnings.push_back(std::move(converted));
        }
        auto reader = audio::open_programme(file.info, {.sample_rate_hz = levels_.sample_rate_hz,
                                                        .trim_db = file.trim_db,
                                                        .converter_bits = context_.installation.converter_bits});
        if (!reader) {
            const bool over = reader.error().message.find("full scale") != std::string::npos;
            outcome.refusals.push_back(
                finding(outcome, over ? "over_full_scale" : "file_unusable", reader.error().message));
            return;
        }
        const auto levels = measure_levels(**reader, levels_, [&](std::int64_t frames) {
            return walked(outcome, static_cast<double>(frames) / static_cast<double>((*reader)->frames()));
        });
        if (!levels) {
            outcome.refusals.push_back(finding(outcome, "file_unusable", levels.error().message));
            return;
        }
        take_levels(*levels, outcome);
    }

    void take_levels(const ProgrammeLevels& levels, FileOutcome& outcome) {
        PlanFile& file = outcome.file;
        const double operating_dbfs = levels_.play_dbfs_at_operating_level;
        for (std::size_t c = 0; c < 2; ++c) {
            file.true_peak_dbtp[c] = levels.true_peak_dbtp[c];
            file.sample_peak_dbfs[c] = levels.sample_peak_dbfs[c];
            file.vu_max[c] = levels.vu_max[c];
            file.vu_max_dbfs[c] = levels.vu_max[c] + operating_dbfs;
        }
        file.integrated_lufs = levels.integrated_lufs;
        file.loudness_range_lu = levels.loudness_range_lu;
        const double peak_dbtp = std::max(levels.true_peak_dbtp[0], levels.true_peak_dbtp[1]);
        if (peak_dbtp > 0.0) {
            PlanFinding over = finding(outcome, "true_peak",
                                       "true peak " + figure(peak_dbtp, 2, true) +
                                           " dBTP: between the samples it is over full scale, and what the converter "
                                           "makes of that is its own affair; trim it by " +
                                           figure(-peak_dbtp, 2) + " dB to be sure");
            over.db = peak_dbtp;
            over.basis = "0 dBTP, ITU-R BS.1770-5";
            outcome.warnings.push_back(std::move(over));
        }
        if (file.track >= 0) {
            for (std::size_t group = 0; group < kGroupKinds.size(); ++group) {
                tell_passages(levels.passages, static_cast<int>(group), outcome);
            }
        }
    }

    void tell_passages(const std::vector<LoudPassage>& all, int group, FileOutcome& outcome) const {
        std::vector<LoudPassage> passages;
        std::ranges::copy_if(all, std::back_inserter(passages), [group](const auto& p) { return p.group == group; });
        std::ranges::stable_sort(passages, std::ranges::greater(), &LoudPassage::over_db);
        double all_s = 0.0;
        for (const LoudPassage& passage : passages) {
            all_s += passage.to_s - passage.from_s;
        }
        const std::size_t count = passages.size();
        passages.resize(std::min(count, kMostPassages));
        std::ranges::stable_sort(passages, {}, &LoudPassage::from_s);
        const auto& bands = level_bands_hz();
        for (const LoudPassage& passage : passages) {
            const auto band = static_cast<std::size_t>(std::ranges::find(bands, passage.band_hz) - bands.begin());
            const TapeBandLimit& limit = *limits_[band];
            PlanFinding loud = finding(outcome, kGroupKinds[static_cast<std::size_t>(group)],
                                       figure(passage.from_s, 2) + " to " + figure(passage.to_s, 2) + " s: the " +
                                           number_text(passage.band_hz) + " Hz third octave reaches " +
                                           figure(passage.level_re_operating_db, 1, true) + " dB re operating level (" +
                                           (passage.channel == 0 ? "left" : "right") + ", 10 ms), " +
                                           figure(passage.over_db, 1) + " dB more than the tape takes there");
            loud.at_s = passage.worst_at_s;
            loud.to_s = passage.to_s;
            loud.db = passage.over_db;
            loud.basis = limit.basis;
            if (count > kMostPassages && &passage == &passages.back()) {
                loud.words += "; " + std::to_string(count) + " passages in all, " + figure(all_s, 1) +
                              " s, of which the worst " + std::to_string(kMostPassages) + " are told";
            }
            outcome.warnings.push_back(std::move(loud));
        }
    }

    /// As the plan calls it: on disk an upload has no name of its own.
    [[nodiscard]] std::string name_of(const PlanFile& file) const {
        const auto side = std::ranges::find(plan_.sides, file.side, &PlanSide::name);
        return side != plan_.sides.end() && file.track >= 0
                   ? side->tracks.at(static_cast<std::size_t>(file.track)).name()
                   : "voice slate";
    }

    bool walked(const FileOutcome& outcome, double share) {
        const std::lock_guard lock(mutex_);
        const auto index = static_cast<std::size_t>(&outcome - outcomes_.data());
        shares_.resize(outcomes_.size(), 0.0);
        shares_[index] = share;
        double done = 0.0;
        for (const double each : shares_) {
            done += each;
        }
        if (context_.progress) {
            context_.progress(done / static_cast<double>(shares_.size()), name_of(outcome.file));
        }
        return !context_.cancelled || !context_.cancelled();
    }

    const ReelPlan& plan_;
    const PlanCheckContext& context_;
    LevelsConfig levels_;
    std::vector<std::optional<TapeBandLimit>> limits_;
    std::vector<FileOutcome> outcomes_;
    std::atomic<std::size_t> next_ = 0;
    std::mutex mutex_;
    std::vector<double> shares_;
};

/// What could not be held against the tape, and why.
void tell_missing_figures(PlanCheck& check, const PlanCheckContext& context) {
    if (!context.stock) {
        PlanFinding unknown;
        unknown.kind = "stock_unknown";
        unknown.words = context.stock_error.empty()
                            ? "there is no profile of tape stock \"" + check.plan.tape.stock + "\""
                            : context.stock_error;
        check.refusals.push_back(std::move(unknown));
        return;
    }
    const tape::TapeStock& stock = *context.stock;
    const double speed_ips = check.plan.tape.speed_ips;
    const bool mol = stock.mol_at(speed_ips) != nullptr;
    const bool sol = std::ranges::any_of(
        stock.sol, [&](const auto& each) { return stock.sol_at(speed_ips, each.frequency_hz) == &each; });
    for (const auto& [known, kind, name] :
         {std::tuple(mol, "mol_unknown", "MOL"), std::tuple(sol, "sol_unknown", "SOL")}) {
        if (!known) {
            PlanFinding note;
            note.kind = kind;
            note.words = "no level was held against " + std::string(name) + ": the profile of " + stock.name +
                         " has none at " + number_text(speed_ips) + " ips";
            note.basis = "profile " + stock.id;
            check.notes.push_back(std::move(note));
        }
    }
}

} // namespace

void check_files(PlanCheck& check, const PlanCheckContext& context) {
    tell_missing_figures(check, context);
    for (FileOutcome& outcome : FileCheck(check.plan, context).run()) {
        check.files.push_back(std::move(outcome.file));
        std::ranges::move(outcome.refusals, std::back_inserter(check.refusals));
        std::ranges::move(outcome.warnings, std::back_inserter(check.warnings));
    }
}

} // namespace overbias::mastering
