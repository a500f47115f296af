// SPDX-License-Identifier: Apache-2.0
#include "mastering/programme_stream.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace overbias::mastering {

namespace {

constexpr std::size_t kChunkFrames = 4096;
constexpr double kSlateFadeS = 0.005; ///< so that the onset is no click, and still sharp to a millisecond

} // namespace

ProgrammeStream::ProgrammeStream(const PrintPlan& plan, const PrintInstallation& installation)
    : plan_(plan), installation_(installation), chunk_(kChunkFrames * 2) {
    const auto open = [&](const audio::SoundFileInfo& file, double trim_db) {
        auto reader = audio::open_programme(file, {.sample_rate_hz = installation.sample_rate_hz,
                                                   .trim_db = trim_db,
                                                   .converter_bits = installation.converter_bits,
                                                   .dither_seed = readers_.size() + 1});
        if (!reader) {
            throw std::invalid_argument(reader.error().message);
        }
        return std::move(reader).value();
    };
    for (std::size_t i = 0; i < plan.files.size(); ++i) {
        readers_.push_back(open(plan.files[i], plan.trims_db[i]));
    }
    if (plan.voice) {
        voice_ = open(*plan.voice, plan.voice_trim_db);
    }
}

void ProgrammeStream::tone(const SlateTone& tone, std::span<std::int32_t> out, std::int64_t from) const {
    const double rate_hz = installation_.sample_rate_hz;
    const double amplitude =
        amplitude_from_db(installation_.play_dbfs_at_operating_level + tone.level_re_operating_db) * 2147483647.0;
    const double total = std::round(tone.duration_s * rate_hz);
    const double fade = kSlateFadeS * rate_hz;
    for (std::size_t i = 0; i < out.size() / 2; ++i) {
        const double n = static_cast<double>(from) + static_cast<double>(i);
        const double edge = std::min({1.0, (n + 1.0) / fade, (total - n) / fade});
        const double gain = 0.5 - 0.5 * std::cos(std::numbers::pi * edge);
        const double value = amplitude * gain * std::sin(2.0 * std::numbers::pi * tone.frequency_hz / rate_hz * n);
        out[2 * i] = out[2 * i + 1] = static_cast<std::int32_t>(std::lround(value));
    }
}

Result<std::size_t> ProgrammeStream::read(std::span<std::int32_t> out) {
    std::size_t done = 0;
    while (done * 2 < out.size() && section_ < plan_.sections.size()) {
        const ProgrammeSection& section = plan_.sections[section_];
        const std::int64_t inside = position_ - section.first_frame;
        if (inside >= section.frames) {
            ++section_;
            continue;
        }
        const auto want =
            std::min<std::size_t>(out.size() / 2 - done, static_cast<std::size_t>(section.frames - inside));
        const auto part = out.subspan(done * 2, want * 2);
        std::size_t got = want;
        switch (section.kind) {
        case ProgrammeSection::Kind::LeadIn:
        case ProgrammeSection::Kind::Gap:
        case ProgrammeSection::Kind::PostRoll:
            std::ranges::fill(part, 0);
            break;
        case ProgrammeSection::Kind::Slate:
        case ProgrammeSection::Kind::Tone:
            tone(plan_.tones[static_cast<std::size_t>(section.index)], part, inside);
            break;
        case ProgrammeSection::Kind::Voice:
        case ProgrammeSection::Kind::Track: {
            audio::ProgrammeReader& reader = section.kind == ProgrammeSection::Kind::Voice
                                                 ? *voice_
                                                 : *readers_[static_cast<std::size_t>(section.index)];
            auto read = reader.read(part);
            if (!read) {
                return read.error();
            }
            got = *read;
            if (got == 0) { // the last frame of a conversion may fall short of the rounded length
                std::ranges::fill(part, 0);
                got = want;
            }
            break;
        }
        }
        done += got;
        position_ += static_cast<std::int64_t>(got);
    }
    return done;
}

Result<void> ProgrammeStream::fill(audio::BlockEngine& engine) {
    for (;;) {
        if (pending_ > 0) {
            const std::span<const std::int32_t> rest(chunk_.data() + pending_at_ * 2, pending_ * 2);
            const std::size_t taken = engine.queue_write(rest);
            pending_at_ += taken;
            pending_ -= taken;
            if (pending_ > 0) {
                return {};
            }
        }
        auto got = read(chunk_);
        if (!got) {
            return got.error();
        }
        if (*got == 0) {
            return {};
        }
        pending_ = *got;
        pending_at_ = 0;
    }
}

} // namespace overbias::mastering
