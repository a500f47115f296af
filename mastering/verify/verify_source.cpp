// SPDX-License-Identifier: Apache-2.0
// VerifySource: the row of sections as it was sent. (Declared in verify_programme.hpp.)
#include "audio/sound_stretch.hpp"
#include "base/units.hpp"
#include "mastering/programme_match.hpp"
#include "mastering/verify/verify_programme.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace overbias::mastering {
namespace {

constexpr double kFade_s = 0.005; ///< of a tone
constexpr double kFullScale = 2147483648.0;
constexpr std::size_t kSkipFrames = 1 << 16;

} // namespace

struct VerifySource::Impl {
    explicit Impl(const VerifyProgramme& row) : programme(row) {
        for (const VerifyFile& file : row.files) {
            auto reader = audio::open_programme(file.info, {.sample_rate_hz = row.rate_hz,
                                                            .trim_db = file.trim_db,
                                                            .converter_bits = row.converter_bits,
                                                            .dither_seed = readers.size() + 1});
            if (!reader) {
                throw std::invalid_argument(reader.error().message);
            }
            readers.push_back(std::move(reader).value());
        }
    }

    void tone(const VerifySection& section, std::span<float> out, std::int64_t from) const {
        const double amplitude =
            amplitude_from_db(programme.play_dbfs_at_operating_level + section.tone.level_re_operating_db);
        const double fade = kFade_s * programme.rate_hz;
        const auto total = static_cast<double>(section.frames);
        for (std::size_t i = 0; i < out.size() / 2; ++i) {
            const double n = static_cast<double>(from) + static_cast<double>(i);
            const double edge = std::min({1.0, (n + 1.0) / fade, (total - n) / fade});
            const double gain = 0.5 - 0.5 * std::cos(std::numbers::pi * edge);
            out[2 * i] = out[2 * i + 1] = static_cast<float>(
                amplitude * gain *
                std::sin(2.0 * std::numbers::pi * section.tone.frequency_hz / programme.rate_hz * n));
        }
    }

    Result<void> track(const VerifySection& section, std::span<float> out) {
        samples.resize(out.size());
        auto& reader = *readers[static_cast<std::size_t>(section.track)];
        std::size_t done = 0;
        while (done < out.size()) {
            const auto got = reader.read(std::span(samples).subspan(done));
            if (!got) {
                return got.error();
            }
            if (*got == 0) { // the last frame of a conversion may fall short of the rounded length
                std::fill(samples.begin() + static_cast<std::ptrdiff_t>(done), samples.end(), 0);
                break;
            }
            done += 2 * *got;
        }
        for (std::size_t n = 0; n < out.size(); ++n) {
            out[n] = static_cast<float>(samples[n] / kFullScale);
        }
        return {};
    }

    const VerifyProgramme& programme;
    std::vector<std::unique_ptr<audio::ProgrammeReader>> readers;
    std::vector<std::int32_t> samples;
    std::size_t at = 0; ///< section
    std::int64_t position = 0;
};

VerifySource::VerifySource(const VerifyProgramme& programme) : impl_(std::make_unique<Impl>(programme)) {
}

VerifySource::~VerifySource() = default;

std::int64_t VerifySource::position() const noexcept {
    return impl_->position;
}

Result<void> VerifySource::skip_to(std::int64_t frame) {
    std::vector<float> thrown(2 * kSkipFrames);
    while (impl_->position < frame) {
        const auto want = std::min<std::int64_t>(frame - impl_->position, static_cast<std::int64_t>(kSkipFrames));
        const auto got = read(std::span(thrown).first(static_cast<std::size_t>(2 * want)));
        if (!got) {
            return got.error();
        }
        if (*got == 0) {
            break;
        }
    }
    return {};
}

Result<std::size_t> VerifySource::read(std::span<float> stereo) {
    Impl& self = *impl_;
    std::size_t done = 0;
    const auto& sections = self.programme.sections;
    while (2 * done < stereo.size() && self.position < self.programme.frames) {
        while (self.at < sections.size() && self.position >= sections[self.at].first_frame + sections[self.at].frames) {
            ++self.at;
        }
        const bool inside = self.at < sections.size() && self.position >= sections[self.at].first_frame;
        const std::int64_t until = self.at >= sections.size() ? self.programme.frames
                                   : inside                   ? sections[self.at].first_frame + sections[self.at].frames
                                                              : sections[self.at].first_frame;
        const auto want =
            std::min<std::int64_t>(static_cast<std::int64_t>(stereo.size() / 2 - done), until - self.position);
        const auto part = stereo.subspan(2 * done, static_cast<std::size_t>(2 * want));
        std::ranges::fill(part, 0.0F);
        if (inside) {
            const VerifySection& section = sections[self.at];
            if (section.kind == SectionKind::Slate || section.kind == SectionKind::Tone) {
                self.tone(section, part, self.position - section.first_frame);
            } else if (section.kind == SectionKind::Track) {
                if (const auto read = self.track(section, part); !read) {
                    return read.error();
                }
            }
        }
        self.position += want;
        done += static_cast<std::size_t>(want);
    }
    return done;
}

Result<std::vector<float>> stretch_of(const VerifyProgramme& programme, double from_s, double duration_s) {
    std::vector<float> out(2 * static_cast<std::size_t>(std::max(0.0, duration_s) * kMatchRate_hz));
    for (const VerifySection& section : programme.sections) {
        if (section.kind != SectionKind::Track) {
            continue;
        }
        const double begins_s = static_cast<double>(section.first_frame) / programme.rate_hz;
        const double first_s = std::max(from_s, begins_s);
        const double last_s =
            std::min(from_s + duration_s, begins_s + static_cast<double>(section.frames) / programme.rate_hz);
        if (!(last_s > first_s)) {
            continue;
        }
        const auto samples =
            audio::read_sound_stretch(programme.files[static_cast<std::size_t>(section.track)].info.path,
                                      first_s - begins_s, last_s - first_s, kMatchRate_hz);
        if (!samples) {
            return samples.error();
        }
        const auto to = static_cast<std::size_t>(std::lround((first_s - from_s) * kMatchRate_hz));
        for (std::size_t n = 0; n < samples->size() && 2 * to + n < out.size(); ++n) {
            out[2 * to + n] = (*samples)[n];
        }
    }
    return out;
}

} // namespace overbias::mastering
