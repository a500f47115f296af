// SPDX-License-Identifier: Apache-2.0
#include "audio/alsa_pcm.hpp"

#include "audio/alsa_error.hpp"
#include "audio/alsa_holder.hpp"
#include "audio/alsa_mixer.hpp"
#include "audio/alsa_stream.hpp"
#include "audio/rt_guard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <mutex>
#include <stdexcept>

namespace overbias::audio {

namespace {

constexpr std::int64_t kSlice_ns = 20'000'000; ///< a wait is cut into these, so that a card that stands still is seen
constexpr std::int64_t kRecovering_ns = 2'000'000; ///< between two looks at a stream that is being restarted

void check(const AlsaStreamConfig& config, const std::string& direction, bool playback) {
    const std::string name = "sound card, " + direction + ": ";
    if (!parse_hw_name(config.device)) {
        throw std::invalid_argument(name + "device '" + config.device +
                                    "': expected the hardware itself, \"hw:CARD=Name,DEV=0\"; behind `default`, "
                                    "`plughw:` or a sound server the "
                                    "samples may be converted or mixed. `aplay -l` lists the cards");
    }
    if (!(config.sample_rate_hz > 0.0) || config.sample_rate_hz != std::round(config.sample_rate_hz)) {
        throw std::invalid_argument(name + "sample rate " + std::to_string(config.sample_rate_hz) +
                                    " Hz: expected a whole number above 0");
    }
    if (config.roles.empty()) {
        throw std::invalid_argument(name + "no channel has a role; give one role for each channel of the device");
    }
    if (config.period_frames == 0) {
        throw std::invalid_argument(name + "period_frames = 0: expected 1 or more");
    }
    for (const ChannelRole role : config.roles) {
        const bool out = role == ChannelRole::ProgrammeOutLeft || role == ChannelRole::ProgrammeOutRight ||
                         role == ChannelRole::MonitorOutLeft || role == ChannelRole::MonitorOutRight;
        if (role != ChannelRole::Unused && out != playback) {
            throw std::invalid_argument(name + "a role of the other direction is among its channels' (programme_out_* "
                                               "and monitor_out_* belong to playback, the others to capture)");
        }
    }
}

StreamFormat format_of(const AlsaStreamConfig& config, std::string clock_domain) {
    return {config.sample_rate_hz, config.roles, std::move(clock_domain)};
}

void rt_sleep(std::int64_t duration_ns) noexcept {
    const timespec duration{duration_ns / 1'000'000'000, duration_ns % 1'000'000'000};
    ppoll(nullptr, 0, &duration, nullptr);
}

} // namespace

struct AlsaPcm::Impl {
    struct Capture final : CaptureStream {
        explicit Capture(AlsaStream& used) : stream(used) {}
        [[nodiscard]] const StreamFormat& format() const noexcept override { return stream.format(); }
        [[nodiscard]] StreamState rt_state() noexcept override { return stream.rt_check(); }
        [[nodiscard]] std::size_t rt_available() noexcept override {
            stream.rt_check();
            return stream.rt_ready();
        }
        std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept override {
            return stream.rt_read(out, first_frame);
        }
        bool rt_recover() noexcept override { return stream.rt_recover(); }
        [[nodiscard]] StreamTimestamp rt_timestamp() noexcept override { return stream.rt_timestamp(); }
        AlsaStream& stream;
    };
    struct Playback final : PlaybackStream {
        explicit Playback(AlsaStream& used) : stream(used) {}
        [[nodiscard]] const StreamFormat& format() const noexcept override { return stream.format(); }
        [[nodiscard]] StreamState rt_state() noexcept override { return stream.rt_check(); }
        [[nodiscard]] std::size_t rt_writable() noexcept override {
            stream.rt_check();
            return stream.rt_ready();
        }
        std::size_t rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept override {
            return stream.rt_write(in, first_frame);
        }
        bool rt_recover() noexcept override { return stream.rt_recover(); }
        [[nodiscard]] StreamTimestamp rt_timestamp() noexcept override { return stream.rt_timestamp(); }
        AlsaStream& stream;
    };

    Impl(const SteadyTimeline& timeline, AlsaConfig config_used)
        : config(std::move(config_used)),
          in(timeline,
             format_of(config.capture, config.shared_clock ? "sound card" : config.capture.device + " capture"), false),
          out(timeline,
              format_of(config.playback, config.shared_clock ? "sound card" : config.playback.device + " playback"),
              true) {}

    [[nodiscard]] bool rt_lost() const noexcept {
        return in.rt_state() == StreamState::Lost || out.rt_state() == StreamState::Lost;
    }

    AlsaConfig config;
    AlsaStream in, out;
    Capture capture{in};
    Playback playback{out};
    mutable std::mutex report_mutex;
    Report report; ///< what open() and start() know
};

AlsaPcm::AlsaPcm(const SteadyTimeline& timeline, AlsaConfig config) {
    check(config.capture, "capture", false);
    check(config.playback, "playback", true);
    if (!config.mixer.empty() && config.mixer_card.empty()) {
        throw std::invalid_argument(
            "sound card: mixer controls are configured, but no card for them; set [audio.mixer] "
            "card, \"hw:CARD=Name\"");
    }
    impl_ = std::make_unique<Impl>(timeline, std::move(config));
}

AlsaPcm::~AlsaPcm() = default;

Result<void> AlsaPcm::open() {
    close();
    Impl& self = *impl_;
    Result<AlsaDevice> out = open_alsa_device(self.config.playback, true);
    if (!out) {
        return out.error();
    }
    Result<AlsaDevice> in = open_alsa_device(self.config.capture, false);
    if (!in) {
        return in.error();
    }
    if (Result<void> mixed = apply_mixer(self.config.mixer_card, self.config.mixer); !mixed) {
        return mixed;
    }
    self.out.take(std::move(*out));
    self.in.take(std::move(*in));
    const std::lock_guard lock(self.report_mutex);
    self.report = {};
    self.report.capture_device = self.config.capture.device;
    self.report.playback_device = self.config.playback.device;
    self.report.capture_format = self.in.device().description();
    self.report.playback_format = self.out.device().description();
    return {};
}

void AlsaPcm::close() noexcept {
    impl_->in.close();
    impl_->out.close();
}

bool AlsaPcm::present() const {
    const AlsaMessages quiet;
    const auto there = [](const std::string& device) {
        // the card's control device: opening it takes nothing from anybody
        const auto address = parse_hw_name(device);
        const std::string name = "hw:" + address->card;
        snd_ctl_t* handle = nullptr;
        if (snd_ctl_open(&handle, name.c_str(), SND_CTL_NONBLOCK) < 0) {
            return false;
        }
        snd_ctl_close(handle);
        return true;
    };
    return there(impl_->config.playback.device) && there(impl_->config.capture.device);
}

CaptureStream& AlsaPcm::capture() noexcept {
    return impl_->capture;
}

PlaybackStream& AlsaPcm::playback() noexcept {
    return impl_->playback;
}

Result<void> AlsaPcm::start(std::size_t playback_latency_frames) {
    Impl& self = *impl_;
    AlsaStream& in = self.in;
    AlsaStream& out = self.out;
    const auto failed = [&](const AlsaStreamConfig& config, const char* what, int error) {
        stop();
        return Error{"sound card " + config.device + ": can't be " + what + ": " + alsa_words(error) +
                     "; check cable and power; it is opened again by itself"};
    };
    if (!in.is_open() || !out.is_open()) {
        return Error{"sound card " + self.config.playback.device + ": start before it was opened; open it first"};
    }
    if (in.rt_state() == StreamState::Running || out.rt_state() == StreamState::Running) {
        return Error{"sound card " + self.config.playback.device + ": start while it is running; stop it first"};
    }
    const AlsaMessages quiet;
    if (const int error = out.prepare(playback_latency_frames); error < 0) {
        return failed(self.config.playback, "prepared for playback", error);
    }
    if (const int error = in.prepare(0); error < 0) {
        return failed(self.config.capture, "prepared for capture", error);
    }
    snd_pcm_t* const play = out.device().handle.get();
    snd_pcm_t* const record = in.device().handle.get();
    // Linked for the start only: while they stay linked, an xrun of one stops the other as well.
    const bool linked =
        out.device().card >= 0 && out.device().card == in.device().card && snd_pcm_link(play, record) >= 0;
    int error = out.start();
    if (error < 0) {
        if (linked) {
            snd_pcm_unlink(record);
        }
        return failed(self.config.playback, "started for playback", error);
    }
    if (linked) {
        in.started();
        snd_pcm_unlink(record);
    } else if (error = in.start(); error < 0) {
        return failed(self.config.capture, "started for capture", error);
    }
    const std::lock_guard lock(self.report_mutex);
    self.report.linked = linked;
    return {};
}

void AlsaPcm::stop() noexcept {
    impl_->out.stop();
    impl_->in.stop();
}

bool AlsaPcm::rt_wait(std::chrono::milliseconds most) noexcept {
    const RtScope scope;
    Impl& self = *impl_;
    const std::int64_t end_ns = rt_monotonic_ns() + std::chrono::nanoseconds(most).count();
    if (self.rt_lost() || (self.in.rt_state() == StreamState::Stopped && self.out.rt_state() == StreamState::Stopped)) {
        rt_sleep(std::chrono::nanoseconds(most).count());
        return false;
    }
    struct Side {
        AlsaStream* stream;
        std::size_t wake_at = 0; ///< frames that are worth a turn
        bool poll = true;        ///< its descriptors, or the clock alone
    };
    std::array<Side, 2> sides{{{&self.in}, {&self.out}}};
    for (Side& side : sides) {
        side.stream->rt_check();
        // What the caller left over (less than its block) doesn't wake it again, a period more does; alsa-lib would
        // report it as ready all the time.
        const std::size_t period = side.stream->device().period_frames;
        const std::size_t left = side.stream->rt_ready();
        side.poll = left < period;
        side.wake_at = side.poll ? period : std::min(left + period, side.stream->device().buffer_frames);
    }
    if (self.rt_lost()) {
        return true;
    }
    for (;;) {
        std::array<pollfd, 2 * AlsaStream::kMostDescriptors> descriptors{};
        std::array<std::size_t, 2> counts{};
        std::size_t used = 0;
        const std::int64_t now_ns = rt_monotonic_ns();
        std::int64_t timeout_ns = std::min(end_ns - now_ns, kSlice_ns);
        for (std::size_t i = 0; i < sides.size(); ++i) {
            AlsaStream& stream = *sides[i].stream;
            if (stream.rt_state() == StreamState::Xrun) {
                timeout_ns = std::min(timeout_ns, kRecovering_ns);
                continue;
            }
            if (!sides[i].poll && stream.rt_state() == StreamState::Running) {
                const auto missing =
                    static_cast<double>(sides[i].wake_at - std::min(stream.rt_ready(), sides[i].wake_at));
                const auto needed_ns = static_cast<std::int64_t>(missing / stream.format().sample_rate_hz * 1e9);
                timeout_ns = std::min(timeout_ns, needed_ns + 100'000);
            }
            counts[i] =
                stream.rt_poll_descriptors(std::span(descriptors).subspan(used).first(AlsaStream::kMostDescriptors));
            for (std::size_t k = used; !sides[i].poll && k < used + counts[i]; ++k) {
                descriptors[k].events = 0; // only that it is gone
            }
            used += counts[i];
        }
        if (timeout_ns > 0) {
            const timespec timeout{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
            ppoll(descriptors.data(), used, &timeout, nullptr);
        }
        std::size_t at = 0;
        bool wake = false;
        for (std::size_t i = 0; i < sides.size(); ++i) {
            AlsaStream& stream = *sides[i].stream;
            const std::span<pollfd> own = std::span(descriptors).subspan(at, counts[i]);
            at += counts[i];
            const bool before = stream.rt_state() == StreamState::Running;
            const bool told = std::any_of(own.begin(), own.end(), [](const pollfd& d) { return d.revents != 0; }) &&
                              stream.rt_poll_answer(own);
            const StreamState now = stream.rt_check();
            wake = wake || (before && now != StreamState::Running) || now == StreamState::Xrun ||
                   (now == StreamState::Running && stream.rt_ready() >= sides[i].wake_at);
            // said to be ready and isn't: by the clock from here on, not round and round
            sides[i].poll = sides[i].poll && !told;
        }
        if (wake) {
            return true;
        }
        if (rt_monotonic_ns() >= end_ns) {
            return false;
        }
    }
}

AlsaPcm::Report AlsaPcm::report() const {
    const Impl& self = *impl_;
    const std::lock_guard lock(self.report_mutex);
    Report report = self.report;
    report.capture_card_timestamps = self.in.card_timestamps();
    report.playback_card_timestamps = self.out.card_timestamps();
    const auto known = [](double ppm) { return std::isnan(ppm) ? std::nullopt : std::optional(ppm); };
    report.capture_drift_ppm = known(self.in.drift_ppm());
    report.playback_drift_ppm = known(self.out.drift_ppm());
    return report;
}

} // namespace overbias::audio
