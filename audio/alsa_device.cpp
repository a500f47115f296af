// SPDX-License-Identifier: Apache-2.0
#include "audio/alsa_device.hpp"

#include "audio/alsa_error.hpp"
#include "audio/alsa_holder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <utility>

namespace overbias::audio {

namespace {

constexpr std::size_t kFewestPeriods = 4;
constexpr std::array<std::pair<CardSample, snd_pcm_format_t>, 4> kFormats{{
    {CardSample::S32, SND_PCM_FORMAT_S32_LE},
    {CardSample::S24, SND_PCM_FORMAT_S24_LE},
    {CardSample::S24Packed, SND_PCM_FORMAT_S24_3LE},
    {CardSample::S16, SND_PCM_FORMAT_S16_LE},
}};
constexpr std::array<unsigned, 11> kUsualRates{8000,  16000, 22050, 32000,  44100, 48000,
                                               64000, 88200, 96000, 176400, 192000};

struct HwParams {
    snd_pcm_hw_params_t* it = nullptr;
    HwParams() { snd_pcm_hw_params_malloc(&it); }
    ~HwParams() { snd_pcm_hw_params_free(it); }
    HwParams(const HwParams&) = delete;
    HwParams& operator=(const HwParams&) = delete;
};
struct SwParams {
    snd_pcm_sw_params_t* it = nullptr;
    SwParams() { snd_pcm_sw_params_malloc(&it); }
    ~SwParams() { snd_pcm_sw_params_free(it); }
    SwParams(const SwParams&) = delete;
    SwParams& operator=(const SwParams&) = delete;
};

std::string named(const AlsaStreamConfig& config, bool playback) {
    return std::string("sound card ") + config.device + ", " + (playback ? "playback" : "capture");
}

std::string failed_to_open(const AlsaStreamConfig& config, bool playback, int error, const AlsaMessages& messages) {
    std::string text = named(config, playback) + ": ";
    if (error == -EBUSY) {
        const auto address = parse_hw_name(config.device);
        const auto holder = address ? holder_of(*address, playback, "/proc") : std::nullopt;
        return text + "expected it to be free, but it is busy, " +
               (holder ? words(*holder) : std::string("held by another program")) + messages.text() +
               "; end that program (a sound server: exclude this card from it) and try again";
    }
    if (error == -ENODEV || error == -ENOENT || error == -ENXIO) {
        return text + "there is no such card now: " + alsa_words(error) + messages.text() +
               "; check cable and power, and the name against `aplay -l`";
    }
    if (error == -EACCES || error == -EPERM) {
        return text + "not permitted: " + alsa_words(error) + messages.text() +
               "; put the daemon's user into the group `audio`";
    }
    return text + "can't be opened: " + alsa_words(error) + messages.text() + "; check the name against `aplay -l`";
}

std::string offered_rates(snd_pcm_t* handle, snd_pcm_hw_params_t* params) {
    std::string list;
    for (const unsigned rate : kUsualRates) {
        if (snd_pcm_hw_params_test_rate(handle, params, rate, 0) == 0) {
            list += (list.empty() ? "" : ", ") + std::to_string(rate);
        }
    }
    if (!list.empty()) {
        return list + " Hz";
    }
    unsigned least = 0;
    unsigned most = 0;
    int direction = 0;
    snd_pcm_hw_params_get_rate_min(params, &least, &direction);
    snd_pcm_hw_params_get_rate_max(params, &most, &direction);
    return std::to_string(least) + " to " + std::to_string(most) + " Hz";
}

std::string offered_formats(snd_pcm_t* handle, snd_pcm_hw_params_t* params) {
    std::string list;
    for (int format = 0; format <= SND_PCM_FORMAT_LAST; ++format) {
        const auto candidate = static_cast<snd_pcm_format_t>(format);
        if (snd_pcm_format_name(candidate) != nullptr &&
            snd_pcm_hw_params_test_format(handle, params, candidate) == 0) {
            list += (list.empty() ? "" : ", ") + std::string(snd_pcm_format_name(candidate));
        }
    }
    return list;
}

/// Empty: done.
std::string set_hardware(AlsaDevice& device, const AlsaStreamConfig& config, Interleaving interleaving) {
    snd_pcm_t* const handle = device.handle.get();
    const HwParams params;
    const std::string name = named(config, device.playback);
    if (const int error = snd_pcm_hw_params_any(handle, params.it); error < 0) {
        return name + ": the card tells nothing of itself: " + alsa_words(error) + "; unplug it and plug it in again";
    }
    snd_pcm_hw_params_set_rate_resample(handle, params.it, 0);
    constexpr std::array<snd_pcm_access_t, 2> kAccess{SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_RW_NONINTERLEAVED};
    const std::size_t first = interleaving == Interleaving::Preferred ? 0 : 1;
    if (snd_pcm_hw_params_set_access(handle, params.it, kAccess[first]) == 0) {
        device.interleaved = first == 0;
    } else if (snd_pcm_hw_params_set_access(handle, params.it, kAccess[1 - first]) == 0) {
        device.interleaved = first == 1;
    } else {
        return name +
               ": expected read and write access, interleaved or not, and the card has neither; use another card";
    }
    const auto format = std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& candidate) {
        return snd_pcm_hw_params_set_format(handle, params.it, candidate.second) == 0;
    });
    if (format == kFormats.end()) {
        return name + ": expected one of S32_LE, S24_LE, S24_3LE, S16_LE, the card offers " +
               offered_formats(handle, params.it) + "; use another card";
    }
    device.sample = format->first;
    device.channels = config.roles.size();
    if (snd_pcm_hw_params_set_channels(handle, params.it, static_cast<unsigned>(device.channels)) < 0) {
        unsigned least = 0;
        unsigned most = 0;
        snd_pcm_hw_params_get_channels_min(params.it, &least);
        snd_pcm_hw_params_get_channels_max(params.it, &most);
        return name + ": " + std::to_string(device.channels) + " channels were asked (one a role), the card offers " +
               (least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most)) +
               "; give it as many roles, with \"unused\" for channels that are not wired";
    }
    device.rate_hz = static_cast<unsigned>(std::lround(config.sample_rate_hz));
    if (snd_pcm_hw_params_set_rate(handle, params.it, device.rate_hz, 0) < 0) {
        return name + ": " + std::to_string(device.rate_hz) + " Hz were asked, the card offers " +
               offered_rates(handle, params.it) + " with " + std::to_string(device.channels) + " channels in " +
               sample_name(device.sample) +
               "; set sample_rate_hz to one of them (or the card's own clock, if it has a switch)";
    }
    snd_pcm_uframes_t period = config.period_frames;
    int direction = 0;
    snd_pcm_hw_params_set_period_size_near(handle, params.it, &period, &direction);
    snd_pcm_uframes_t buffer = std::max<snd_pcm_uframes_t>(config.buffer_frames, kFewestPeriods * period);
    snd_pcm_hw_params_set_buffer_size_near(handle, params.it, &buffer);
    if (const int error = snd_pcm_hw_params(handle, params.it); error < 0) {
        return name + ": the card refuses " + sample_name(device.sample) + ", " + std::to_string(device.channels) +
               " channels, " + std::to_string(device.rate_hz) + " Hz, period " + std::to_string(period) + ", buffer " +
               std::to_string(buffer) + ": " + alsa_words(error) + "; try other period_frames and buffer_frames";
    }
    snd_pcm_hw_params_get_period_size(params.it, &period, &direction);
    snd_pcm_hw_params_get_buffer_size(params.it, &buffer);
    device.period_frames = period;
    device.buffer_frames = buffer;
    return {};
}

std::string set_software(AlsaDevice& device, const AlsaStreamConfig& config) {
    snd_pcm_t* const handle = device.handle.get();
    const SwParams params;
    snd_pcm_uframes_t boundary = 0;
    int error = snd_pcm_sw_params_current(handle, params.it);
    const auto then = [&](int next) { error = error < 0 ? error : next; };
    then(snd_pcm_sw_params_get_boundary(params.it, &boundary));
    then(snd_pcm_sw_params_set_start_threshold(handle, params.it, boundary)); // we start, not the first write
    then(snd_pcm_sw_params_set_stop_threshold(handle, params.it, device.buffer_frames));
    then(snd_pcm_sw_params_set_avail_min(handle, params.it, device.period_frames));
    then(snd_pcm_sw_params_set_tstamp_mode(handle, params.it, SND_PCM_TSTAMP_ENABLE));
    then(snd_pcm_sw_params_set_tstamp_type(handle, params.it, SND_PCM_TSTAMP_TYPE_MONOTONIC));
    then(snd_pcm_sw_params(handle, params.it));
    return error < 0 ? named(config, device.playback) + ": the card takes no thresholds: " + alsa_words(error) +
                           "; unplug it and plug it in again"
                     : "";
}

} // namespace

std::string AlsaDevice::description() const {
    const bool whole = period_frames > 0 && buffer_frames % period_frames == 0;
    return std::string(sample_name(sample)) + (interleaved ? ", interleaved, " : ", non-interleaved, ") +
           std::to_string(channels) + " channels, " + std::to_string(rate_hz) + " Hz, " +
           std::to_string(period_frames) +
           (whole ? " x " + std::to_string(buffer_frames / period_frames) : " of " + std::to_string(buffer_frames));
}

Result<AlsaDevice> open_alsa_device(const AlsaStreamConfig& config, bool playback, Interleaving interleaving) {
    const AlsaMessages messages;
    AlsaDevice device;
    device.playback = playback;
    snd_pcm_t* handle = nullptr;
    const int error = snd_pcm_open(&handle, config.device.c_str(),
                                   playback ? SND_PCM_STREAM_PLAYBACK : SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
    if (error < 0) {
        return Error{failed_to_open(config, playback, error, messages)};
    }
    device.handle.reset(handle);
    std::string problem = set_hardware(device, config, interleaving);
    if (problem.empty()) {
        problem = set_software(device, config);
    }
    if (!problem.empty()) {
        return Error{problem + messages.text()};
    }
    snd_pcm_info_t* info = nullptr;
    if (snd_pcm_info_malloc(&info) == 0) {
        device.card = snd_pcm_info(handle, info) == 0 ? snd_pcm_info_get_card(info) : -1;
        snd_pcm_info_free(info);
    }
    return device;
}

} // namespace overbias::audio
