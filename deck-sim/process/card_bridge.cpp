// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/card_bridge.hpp"

#include "deck-sim/card-plugin/card_mapping.hpp"
#include "deck-sim/process/line_copy.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace overbias::deck_sim {

using audio::StreamState;

namespace {

constexpr std::size_t kBlock = LineCopy::kBlock;
constexpr double kMargin_s = 0.001; // between the last frame a client may still write and the first that is taken
constexpr double kLeast_s = 0.003;  // of frames in hand, or the deck's own millisecond steps run dry

/// CLOCK_MONOTONIC at deck time 0, read where both clocks were read closest together.
template <typename Now>
std::int64_t monotonic_of_zero(Now now) {
    std::int64_t best = 0;
    std::int64_t best_width = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < 16; ++i) {
        const std::int64_t before = monotonic_ns();
        const std::int64_t deck = now().time_since_epoch().count();
        const std::int64_t after = monotonic_ns();
        if (after - before < best_width) {
            best_width = after - before;
            best = before + (after - before) / 2 - deck;
        }
    }
    return best;
}

void check_pair(const char* name, const std::array<std::size_t, 2>& pair, std::size_t channels) {
    for (const std::size_t channel : pair) {
        if (channel >= channels) {
            throw std::invalid_argument(std::string("simulated card: ") + name + " on channel " +
                                        std::to_string(channel) + ": expected 0 to " + std::to_string(channels - 1));
        }
    }
}

std::int32_t scaled(std::int32_t sample, double gain) noexcept {
    return static_cast<std::int32_t>(
        std::clamp(std::nearbyint(static_cast<double>(sample) * gain), -2147483648.0, 2147483647.0));
}

} // namespace

struct CardBridge::Impl {
    Impl(Timeline& line, PacedTimeline* pace, audio::Pcm& pcm, CardBridgeConfig given);

    void start();
    void turn();
    void move_playback();
    void move_capture();
    void carry(std::int64_t first, std::size_t frames, bool plugged, bool heard) noexcept;
    void publish(std::int64_t first, std::size_t frames) noexcept;
    [[nodiscard]] std::int32_t control(CardControl which) const noexcept {
        return mapping.card().controls[static_cast<std::size_t>(which)].load(std::memory_order_relaxed);
    }
    /// 1 at the middle mark, half a decibel a step.
    [[nodiscard]] double gain(CardControl volume) const noexcept {
        const std::int32_t value = control(volume);
        return value == kUnityVolume ? 1.0 : std::pow(10.0, 0.5 * (value - kUnityVolume) / 20.0);
    }
    [[nodiscard]] bool held() const noexcept {
        return mapping.card().plugged.load(std::memory_order_acquire) != 0 &&
               mapping.claimed_elsewhere(mapping.playback_byte());
    }

    Timeline& timeline;
    PacedTimeline* paced; ///< or null
    audio::Pcm& deck;
    CardBridgeConfig config;
    CardMapping mapping;
    std::size_t lead = 0;     ///< frames kept in the deck's hands
    std::int64_t zero_ns = 0; ///< CLOCK_MONOTONIC at deck time 0
    std::optional<LineCopy> line_in;
    bool patched = false;
    bool playback_lost = false, capture_lost = false; ///< within an xrun that clients know of already
    std::uint64_t played = 0, captured = 0;
    std::vector<std::int32_t> stereo, line;
    std::size_t deck_channels = 2; ///< of its capture: 4 with bias
    std::vector<std::int32_t> from_deck;
};

CardBridge::Impl::Impl(Timeline& time, PacedTimeline* pace, audio::Pcm& pcm, CardBridgeConfig given)
    : timeline(time), paced(pace), deck(pcm), config(std::move(given)), stereo(2 * kBlock), line(2 * kBlock) {
    if (timeline.simulated()) {
        throw std::invalid_argument("simulated card " + config.file.string() +
                                    ": simulated time can't be shared with other programs; run it in real time");
    }
    check_pair("the deck's line input", config.deck_input, config.playback_channels);
    check_pair("the deck's line output", config.deck_output, config.capture_channels);
    check_pair("the pair on the deck's line input", config.source_in, config.capture_channels);
    const std::size_t out_channels = deck.playback().format().channels();
    deck_channels = deck.capture().format().channels();
    if (out_channels != 2 || (deck_channels != 2 && deck_channels != 4)) {
        throw std::invalid_argument("simulated card: a deck with " + std::to_string(out_channels) + " and " +
                                    std::to_string(deck_channels) +
                                    " channels: expected 2 on the way out, and 2, or 4 with bias, on the way back");
    }
    if (deck_channels > 2) {
        config.capture_channels += deck_channels - 2;
    }
    from_deck.resize(deck_channels * kBlock);
    const double rate = deck.playback().format().sample_rate_hz;
    const auto margin = static_cast<std::size_t>(std::ceil(rate * kMargin_s));
    const auto least = static_cast<std::size_t>(std::ceil(rate * (kMargin_s + kLeast_s)));
    if (config.playback_fifo_frames < least) {
        throw std::invalid_argument(
            "simulated card: playback_fifo_frames = " + std::to_string(config.playback_fifo_frames) + ": expected " +
            std::to_string(least) + " or more at " + std::to_string(std::lround(rate)) + " Hz");
    }
    lead = config.playback_fifo_frames - margin;
    const int error = mapping.create(config.file.string(), config.playback_channels, config.capture_channels);
    if (error < 0) {
        throw std::runtime_error("simulated card: can't make " + config.file.string() + ": " + std::strerror(-error) +
                                 "; its folder must be there, writable and have some megabytes free");
    }
    SharedCard& card = mapping.card();
    card.controls[static_cast<std::size_t>(CardControl::LinePlaybackVolume)] = kUnityVolume;
    card.controls[static_cast<std::size_t>(CardControl::LineCaptureVolume)] = kUnityVolume;
    card.controls[static_cast<std::size_t>(CardControl::LineCaptureSwitch)] = 1;
    card.plugged = 1;
    const auto describe = [](SharedDirection& direction, std::size_t channels, double nominal_hz, double ppm) {
        direction.channels = static_cast<std::uint32_t>(channels);
        direction.rate_hz = static_cast<std::uint32_t>(std::lround(nominal_hz));
        direction.true_rate_hz = nominal_hz * (1.0 + ppm * 1e-6);
    };
    const audio::StreamFormat& in = deck.capture().format();
    const bool one_crystal = in.clock_domain == deck.playback().format().clock_domain;
    describe(card.playback, config.playback_channels, rate, config.play_clock_ppm);
    describe(card.capture, config.capture_channels, in.sample_rate_hz,
             one_crystal ? config.play_clock_ppm : config.capture_clock_ppm);
    card.playback.fifo_frames = config.playback_fifo_frames;
    line_in.emplace(card.playback.true_rate_hz / card.capture.true_rate_hz, config.round_trip_frames,
                    config.converter_noise_dbfs, config.seed * 7 + 3);
}

void CardBridge::Impl::start() {
    SharedCard& card = mapping.card();
    if (paced != nullptr) {
        paced->go_on(paced->real_now());
    }
    if (const Result<void> started = deck.start(lead); !started) {
        throw std::runtime_error(started.error().message);
    }
    zero_ns = monotonic_of_zero([this] { return paced != nullptr ? paced->real_now() : timeline.now(); });
    const auto frame_0 = [this](SharedDirection& direction, audio::StreamTimestamp stamp) {
        direction.zero_ns = zero_ns + stamp.at.time_since_epoch().count() -
                            std::llround(static_cast<double>(stamp.frame) / direction.true_rate_hz * 1e9);
    };
    frame_0(card.playback, deck.playback().rt_timestamp());
    frame_0(card.capture, deck.capture().rt_timestamp());
    card.playback.frontier = static_cast<std::int64_t>(lead); // silent frames are in the deck's hands
    card.turned_ns = monotonic_ns();
    card.magic.store(kCardMagic, std::memory_order_release);
    mapping.touch();
}

void CardBridge::Impl::turn() {
    SharedCard& card = mapping.card();
    if (card.magic.load(std::memory_order_relaxed) == 0) {
        start();
    }
    if (paced == nullptr) {
        move_playback();
        move_capture();
    } else {
        const DeckTime now = paced->real_now();
        const DeckDuration step = deck_seconds(static_cast<double>(lead) / 2.0 / card.playback.true_rate_hz);
        // slots of so long ago may have been written over by now
        const double behind = seconds(now - paced->now()) * card.playback.true_rate_hz;
        if (behind > static_cast<double>(kCardRingFrames) / 2.0) {
            card.playback.xruns.fetch_add(1, std::memory_order_release);
        }
        while (paced->now() < now) { // never farther than what the deck's card was fed for in the step before
            paced->go_on(std::min(now, paced->now() + step));
            move_playback();
            move_capture();
        }
    }
    card.turned_ns.store(monotonic_ns(), std::memory_order_release);
}

void CardBridge::Impl::move_playback() {
    SharedDirection& shared = mapping.card().playback;
    audio::PlaybackStream& out = deck.playback();
    if (out.rt_state() == StreamState::Xrun) {
        if (!playback_lost) {
            playback_lost = true;
            shared.xruns.fetch_add(1, std::memory_order_release);
        }
        if (!out.rt_recover()) {
            return;
        }
    }
    playback_lost = false;
    const bool plugged = mapping.card().plugged.load(std::memory_order_acquire) != 0;
    const bool heard = plugged && held();
    std::int64_t next = 0;
    out.rt_write({}, next); // its number only
    const std::int64_t now_ns = zero_ns + timeline.now().time_since_epoch().count();
    const std::int64_t end = static_cast<std::int64_t>(shared.frames_at(now_ns)) + static_cast<std::int64_t>(lead);
    while (next < end) {
        const std::size_t frames = std::min({kBlock, static_cast<std::size_t>(end - next), out.rt_writable()});
        if (frames == 0) {
            return;
        }
        carry(next, frames, plugged, heard);
        if (out.rt_write(std::span(stereo).first(2 * frames), next) != frames) {
            return; // the deck's card has just run dry; the next turn sees it
        }
        line_in->play(next, std::span(stereo).first(2 * frames));
        next += static_cast<std::int64_t>(frames);
    }
}

/// Slots become the frames that the deck hears.
void CardBridge::Impl::carry(std::int64_t first, std::size_t frames, bool plugged, bool heard) noexcept {
    SharedCard& card = mapping.card();
    // Said before it is done: a client writes its slots and then looks here, so one of the two sees the other.
    card.playback.frontier.store(first + static_cast<std::int64_t>(frames), std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const std::uint32_t run = card.playback_run.load(std::memory_order_acquire) & 0xffffU;
    const std::uint64_t final = card.playback_final.load(std::memory_order_acquire);
    const auto final_run = static_cast<std::uint32_t>(final >> 48U);
    const CardSlots& slots = mapping.playback();
    const double volume = gain(CardControl::LinePlaybackVolume);
    for (std::size_t i = 0; i < frames; ++i) {
        const std::int64_t frame = first + static_cast<std::int64_t>(i);
        std::int32_t* to = stereo.data() + 2 * i;
        // what lay behind the pointer when its run ended is played to its end, also when its owner has closed by now
        const bool ended = CardSlots::behind(CardSlots::tag(frame, final_run), final) && slots.holds(frame, final_run);
        if (!(heard && slots.holds(frame, run)) && !(plugged && ended)) {
            to[0] = to[1] = 0;
            continue;
        }
        ++played;
        const std::int32_t* from = slots.at(frame);
        for (std::size_t c = 0; c < 2; ++c) {
            const std::int32_t sample = from[config.deck_input[c]];
            to[c] = volume == 1.0 ? sample : scaled(sample, volume);
        }
    }
}

void CardBridge::Impl::move_capture() {
    SharedDirection& shared = mapping.card().capture;
    audio::CaptureStream& in = deck.capture();
    if (in.rt_state() == StreamState::Xrun) {
        if (!capture_lost) {
            capture_lost = true;
            shared.xruns.fetch_add(1, std::memory_order_release);
        }
        if (!in.rt_recover()) {
            return;
        }
    }
    capture_lost = false;
    for (;;) {
        std::int64_t first = 0;
        const std::size_t frames = in.rt_read(from_deck, first);
        if (frames == 0) {
            return;
        }
        for (std::size_t i = 0; i < frames; ++i) {
            stereo[2 * i] = from_deck[deck_channels * i];
            stereo[2 * i + 1] = from_deck[deck_channels * i + 1];
        }
        line_in->capture(first, std::span(line).first(2 * frames));
        publish(first, frames);
        captured += frames;
        shared.frontier.store(first + static_cast<std::int64_t>(frames), std::memory_order_release);
    }
}

void CardBridge::Impl::publish(std::int64_t first, std::size_t frames) noexcept {
    const double volume = control(CardControl::LineCaptureSwitch) == 0 ? 0.0 : gain(CardControl::LineCaptureVolume);
    const CardSlots& slots = mapping.capture();
    for (std::size_t i = 0; i < frames; ++i) {
        const std::int64_t frame = first + static_cast<std::int64_t>(i);
        std::int32_t* to = slots.at(frame);
        std::fill_n(to, slots.channels, 0);
        for (std::size_t c = 0; c < 2; ++c) {
            const std::int32_t input = line[2 * i + c];
            const std::int32_t output = patched ? input : stereo[2 * i + c];
            to[config.source_in[c]] = volume == 1.0 ? input : scaled(input, volume);
            to[config.deck_output[c]] = volume == 1.0 ? output : scaled(output, volume);
        }
        for (std::size_t c = 2; c < deck_channels; ++c) { // bias, on the last channels
            to[slots.channels - deck_channels + c] = from_deck[deck_channels * i + c];
        }
        slots.publish(frame, 0);
    }
}

CardBridge::CardBridge(Timeline& timeline, audio::Pcm& deck, CardBridgeConfig config)
    : impl_(std::make_unique<Impl>(timeline, nullptr, deck, std::move(config))) {
}

CardBridge::CardBridge(PacedTimeline& timeline, audio::Pcm& deck, CardBridgeConfig config)
    : impl_(std::make_unique<Impl>(timeline, &timeline, deck, std::move(config))) {
}

CardBridge::~CardBridge() {
    unplug(); // clients that are left find out at once
}

void CardBridge::turn() {
    impl_->turn();
}

void CardBridge::unplug() {
    SharedCard& card = impl_->mapping.card();
    if (card.plugged.exchange(0) != 0) {
        card.plug_number.fetch_add(1);
        card.playback_pid = 0;
        impl_->mapping.touch();
    }
}

void CardBridge::plug_in() {
    impl_->mapping.card().plugged = 1;
    impl_->mapping.touch();
}

bool CardBridge::plugged() const noexcept {
    return impl_->mapping.card().plugged.load() != 0;
}

void CardBridge::patch_cable(bool on) {
    impl_->patched = on;
}

CardBridge::Counts CardBridge::counts() const {
    const SharedCard& card = impl_->mapping.card();
    Counts counts;
    counts.playback_frames = impl_->played;
    counts.capture_frames = impl_->captured;
    counts.playback_xruns = card.playback.xruns_told.load();
    counts.capture_xruns = card.capture.xruns_told.load();
    counts.playback_pid = impl_->held() ? card.playback_pid.load() : 0;
    return counts;
}

} // namespace overbias::deck_sim
