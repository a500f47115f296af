// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/replay.hpp"

#include "audio/sound_stretch.hpp"
#include "base/figure.hpp"
#include "mastering/programme_match.hpp"
#include "mastering/verify/frame_store.hpp"
#include "mastering/verify/patient_match.hpp"
#include "mastering/verify/replay_figures.hpp"
#include "mastering/verify/slate_watch.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

namespace overbias::mastering {
namespace {

constexpr double kKeep_s = 40.0;  ///< of the return while it is searched
constexpr double kListen_s = 6.0; ///< of it are compared with the programme
constexpr double kSearchEvery_s = 2.0;
constexpr double kTail_s = 1.0;        ///< silence after the last section, so that it is judged to its end
constexpr double kBackToBegin_s = 8.0; ///< a track that began so shortly before is taken from its beginning
constexpr double kBeforeTrack_s = 0.5; ///< of silence: windows reach over a track's beginning
constexpr double kCutIn_s = 0.5;       ///< of a track that is heard only from its middle: not judged
constexpr double kLeastRepeat_s = 0.05;
constexpr std::size_t kChunk = 8192;

ComparisonConfig replay_of(ComparisonConfig config, const VerifyProgramme& programme) {
    config.mode = ComparisonMode::Replay;
    config.sample_rate_hz = programme.rate_hz;
    config.low_emphasis_s = programme.low_emphasis_s.value_or(config.low_emphasis_s);
    return config;
}

} // namespace

struct Replay::Impl {
    Impl(const VerifyProgramme& row, const ComparisonConfig& config, Options how)
        : kept(std::make_shared<const VerifyProgramme>(row)), programme(*kept), rate_hz(row.rate_hz),
          options(std::move(how)), source(programme), comparison(replay_of(config, row)),
          follower(
              row.rate_hz,
              [this](std::int64_t first, std::span<const float> sent, std::span<const float> came, bool) {
                  compare(first, sent, came);
              },
              [whole = kept](double begins_s, double duration_s) {
                  auto stretch = stretch_of(*whole, begins_s, duration_s);
                  return stretch ? std::move(stretch).value() : std::vector<float>();
              },
              options.apart) {
        if (!options.apart) {
            options.apart = [](std::function<void()> work) { work(); };
        }
        if (const VerifySection* slate = row.slate()) {
            watch.emplace(rate_hz, slate->tone.frequency_hz);
        }
    }

    // --- searching
    struct Search {
        std::atomic<bool> done{false};
        Result<ProgrammeMatch> match = Error{};
        double from_s = 0.0;         ///< of the row, where the stretch that was searched begins
        std::int64_t heard_from = 0; ///< return frame
    };

    void search() {
        if (watch && watch->found()) {
            const auto& slate = *watch->found();
            if (slate.onset_seen) {
                found_by = "slate";
                return begin({.programme_frame = static_cast<double>(programme.slate()->first_frame),
                              .return_frame = slate.return_frame,
                              .speed = slate.speed,
                              .uncertainty_frames = slate.uncertainty_frames},
                             0);
            }
            watch.reset(); // begun in the middle of it: the programme tells
        }
        if (searching) {
            if (!searching->done.load(std::memory_order_acquire)) {
                return;
            }
            const std::shared_ptr<Search> ended = std::exchange(searching, nullptr);
            if (ended->match) {
                return take(*ended);
            }
            why_not = ended->match.error().message;
        }
        const auto frames = static_cast<std::int64_t>(kListen_s * rate_hz);
        if (heard.end() - heard.first() < frames ||
            heard.end() - searched_to < static_cast<std::int64_t>(kSearchEvery_s * rate_hz)) {
            return;
        }
        searched_to = heard.end();
        begin_search(frames);
    }

    void begin_search(std::int64_t frames) {
        auto now = std::make_shared<Search>();
        now->heard_from = heard.end() - frames;
        auto piece = std::make_shared<std::vector<float>>(static_cast<std::size_t>(2 * frames));
        heard.copy(now->heard_from, *piece);
        const double whole_s = static_cast<double>(programme.frames) / rate_hz;
        // What was heard may begin before the row, or end after it: there is silence then.
        now->from_s = -kListen_s;
        double to_s = whole_s + kListen_s;
        if (expected_s) {
            const double here_s = *expected_s + static_cast<double>(heard.end() - heard_from) / rate_hz;
            now->from_s = std::clamp(here_s - kListen_s - within_s, -kListen_s, whole_s);
            to_s = std::clamp(here_s + within_s, now->from_s + 2.0 * kListen_s, whole_s + 2.0 * kListen_s);
        }
        searching = now;
        options.apart([now, piece, to_s, rate = rate_hz, row = kept] {
            const auto stretch = stretch_of(*row, now->from_s, to_s - now->from_s);
            if (!stretch) {
                now->match = stretch.error();
            } else {
                now->match = match_patiently(audio::at_other_rate(*piece, rate, kMatchRate_hz), *stretch, true);
            }
            now->done.store(true, std::memory_order_release);
        });
    }

    void take(const Search& ended) {
        const ProgrammeMatch& match = *ended.match;
        found_by = "programme";
        FollowPlace place{.programme_frame = (ended.from_s + match.programme_s) * rate_hz,
                          .return_frame = static_cast<double>(ended.heard_from) + match.heard_s * rate_hz,
                          .speed = 1.0 / match.speed,
                          .uncertainty_frames = std::max(2.0 * match.uncertainty_s, 0.0005) * rate_hz};
        // From the beginning of what was compared; of a track that began just before, from its first frame.
        auto first = static_cast<std::int64_t>(
            place.programme_frame - (place.return_frame - static_cast<double>(ended.heard_from)) / place.speed);
        for (const VerifySection& section : programme.sections) {
            const double back_s = static_cast<double>(first - section.first_frame) / rate_hz;
            if (section.kind == SectionKind::Track && back_s >= -kBeforeTrack_s && back_s < kBackToBegin_s) {
                const double there = place.return_frame +
                                     (static_cast<double>(section.first_frame) - place.programme_frame) * place.speed;
                if (there >= static_cast<double>(heard.first()) - kBeforeTrack_s * rate_hz) {
                    first = section.first_frame - static_cast<std::int64_t>(kBeforeTrack_s * rate_hz);
                }
            }
        }
        begin(place, std::max<std::int64_t>(0, first));
    }

    // --- following
    void begin(const FollowPlace& place, std::int64_t first_frame) {
        began = place;
        begins = first_frame;
        if (const auto skipped = source.skip_to(first_frame); !skipped) {
            broken = skipped;
            return;
        }
        add_sections();
        follower.begin(first_frame, place);
        std::vector<float> piece(2 * kChunk);
        for (std::int64_t at = heard.first(); at < heard.end(); at += static_cast<std::int64_t>(kChunk)) {
            const auto frames = std::min<std::int64_t>(static_cast<std::int64_t>(kChunk), heard.end() - at);
            const auto part = std::span(piece).first(static_cast<std::size_t>(2 * frames));
            heard.copy(at, part);
            follow(at, part);
        }
        heard = FrameStore();
    }

    void add_sections() {
        for (const VerifySection& section : programme.sections) {
            const std::int64_t end = section.first_frame + section.frames;
            const std::int64_t from = std::max(section.first_frame, begins);
            const bool whole = from == section.first_frame;
            if (end <= from || (!whole && section.kind != SectionKind::Track && section.kind != SectionKind::Gap)) {
                continue;
            }
            comparison.add_section(section.kind, section.name, from, end - from);
            if (section.kind == SectionKind::Track) {
                files.push_back(static_cast<std::size_t>(section.track));
                from_s.push_back(static_cast<double>(from - section.first_frame) / rate_hz);
                if (!whole) { // nothing is heard before it, so what it begins with looks like drop-outs
                    comparison.mark_not_proven(from, static_cast<std::int64_t>(kCutIn_s * rate_hz),
                                               "it was heard only from " + figure(from_s.back(), 1) +
                                                   " s after its beginning: begin earlier on the tape");
                }
            }
        }
    }

    void follow(std::int64_t first_frame, std::span<const float> stereo) {
        follower.push_return(first_frame, stereo);
        feed();
    }

    void feed() {
        const std::int64_t tail_end = programme.frames + static_cast<std::int64_t>(kTail_s * rate_hz);
        while (broken && follower.programme_wanted() > 0 && sent_to() < tail_end) {
            chunk.resize(2 * kChunk);
            auto got = source.read(chunk);
            if (!got) {
                broken = got.error();
                return;
            }
            std::size_t frames = *got;
            if (frames == 0) {
                frames = static_cast<std::size_t>(
                    std::min<std::int64_t>(static_cast<std::int64_t>(kChunk), tail_end - sent_to()));
                std::fill(chunk.begin(), chunk.end(), 0.0F);
                tail += static_cast<std::int64_t>(frames);
            }
            follower.push_programme(std::span(chunk).first(2 * frames));
        }
    }

    [[nodiscard]] std::int64_t sent_to() const { return source.position() + tail; }

    void compare(std::int64_t first, std::span<const float> sent, std::span<const float> came) {
        const ClockPoint same{first, static_cast<double>(first) / rate_hz};
        comparison.set_clocks(same, same);
        comparison.push_reference(first, sent);
        comparison.push_return(first, came);
    }

    [[nodiscard]] bool done() const {
        return began && follower.looked_to() >= programme.frames + static_cast<std::int64_t>(0.5 * kTail_s * rate_hz);
    }

    std::shared_ptr<const VerifyProgramme> kept; ///< a search on another thread may outlive this
    const VerifyProgramme& programme;
    double rate_hz;
    Options options;
    VerifySource source;
    OffTapeComparison comparison;
    TapeFollower follower;
    std::optional<SlateWatch> watch;
    std::optional<double> expected_s;
    double within_s = 0.0;
    FrameStore heard;
    bool any = false;
    std::int64_t heard_from = 0, next = 0, searched_to = 0;
    std::shared_ptr<Search> searching;
    std::string found_by, why_not;
    std::optional<FollowPlace> began;
    std::int64_t begins = 0, tail = 0;
    std::vector<std::size_t> files;
    std::vector<double> from_s;
    std::vector<float> chunk;
    Result<void> broken;
    std::optional<ClockPoint> first_clock, last_clock;
};

Replay::Replay(const VerifyProgramme& programme, ComparisonConfig comparison, Options options)
    : impl_(std::make_unique<Impl>(programme, comparison, std::move(options))) {
}

Replay::~Replay() = default;

Result<void> Replay::push_return(std::int64_t first_frame, std::span<const float> stereo) {
    Impl& self = *impl_;
    if (!self.broken || stereo.empty()) {
        return self.broken;
    }
    if (!self.any) {
        self.any = true;
        self.heard_from = self.next = self.searched_to = first_frame;
        self.heard.begin(first_frame);
    }
    if (first_frame > self.next && self.began) {
        const double from = self.follower.programme_at(static_cast<double>(self.next));
        const double to = self.follower.programme_at(static_cast<double>(first_frame));
        self.comparison.mark_not_proven(static_cast<std::int64_t>(std::floor(from)) - 1,
                                        static_cast<std::int64_t>(std::ceil(to - from)) + 2,
                                        "frames of the tape return were lost");
    }
    self.next = first_frame + static_cast<std::int64_t>(stereo.size() / 2);
    if (self.began) {
        self.follow(first_frame, stereo);
        return self.broken;
    }
    self.heard.push(first_frame, stereo);
    self.heard.forget_before(self.heard.end() - static_cast<std::int64_t>(kKeep_s * self.rate_hz));
    if (self.watch) {
        self.watch->push(first_frame, stereo);
    }
    self.search();
    return self.broken;
}

void Replay::expect(double row_s, double within_s) {
    impl_->expected_s = row_s;
    impl_->within_s = within_s;
}

void Replay::set_clock(ClockPoint tape_return) {
    Impl& self = *impl_;
    if (!self.first_clock) {
        self.first_clock = tape_return;
    }
    self.last_clock = tape_return;
}

ReplayStatus Replay::status() const {
    const Impl& self = *impl_;
    ReplayStatus out;
    out.heard_s = static_cast<double>(self.next - self.heard_from) / self.rate_hz;
    if (self.began) {
        out.phase = self.done() ? ReplayStatus::Phase::Done : ReplayStatus::Phase::Following;
        out.programme_s = static_cast<double>(self.follower.given_to()) / self.rate_hz;
        out.lost = self.follower.lost();
        out.live = self.comparison.live();
    }
    return out;
}

Result<ReplayResult> Replay::finish() {
    Impl& self = *impl_;
    ReplayResult out;
    if (self.began) {
        self.follower.finish();
    }
    if (!self.broken) {
        return self.broken.error();
    }
    out.found = self.began.has_value();
    out.found_by = out.found              ? self.found_by
                   : self.why_not.empty() ? "nothing was heard that could be compared"
                                          : self.why_not;
    out.began = self.began;
    out.begins_programme_s = static_cast<double>(self.begins) / self.rate_hz;
    out.lost = self.follower.lost_stretches();
    out.files = self.files;
    out.from_s = self.from_s;
    if (!out.found) {
        return out;
    }
    out.comparison = self.comparison.finish();
    std::optional<double> clock_ppm;
    if (self.first_clock && self.last_clock && self.last_clock->time_s - self.first_clock->time_s > 10.0) {
        const double frames = static_cast<double>(self.last_clock->frame - self.first_clock->frame);
        clock_ppm = (frames / self.rate_hz / (self.last_clock->time_s - self.first_clock->time_s) - 1.0) * 1e6;
    }
    out.figures = replay_figures(self.follower.points(), self.follower.hop_frames(), self.follower.frame_size(),
                                 self.rate_hz, self.follower.given_to() - self.begins, clock_ppm);
    for (const LostStretch& lost : out.lost) {
        const double length_s = static_cast<double>(lost.to_frame - lost.from_frame) / self.rate_hz;
        if (lost.kind != LostStretch::Kind::Repeated || length_s < kLeastRepeat_s) {
            continue;
        }
        for (std::size_t track = 0; track < out.comparison.tracks.size(); ++track) {
            const auto& section =
                *std::ranges::find(self.programme.sections, static_cast<int>(self.files[track]), &VerifySection::track);
            if (lost.from_frame < section.first_frame || lost.from_frame >= section.first_frame + section.frames) {
                continue;
            }
            const double at_s = static_cast<double>(lost.from_frame - section.first_frame) / self.rate_hz;
            out.comparison.tracks[track].findings.push_back({.reason = "missing",
                                                             .text = "the programme does not go on at " +
                                                                     figure(at_s, 2) + " s: " + figure(length_s, 2) +
                                                                     " s come twice, or something else is spliced in",
                                                             .channel = -1,
                                                             .from_s = at_s,
                                                             .to_s = at_s});
            out.comparison.tracks[track].pass = out.comparison.pass = false;
            if (out.comparison.reason.empty()) {
                out.comparison.reason = "missing";
            }
        }
    }
    return out;
}

} // namespace overbias::mastering
