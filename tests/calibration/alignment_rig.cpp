// SPDX-License-Identifier: Apache-2.0
#include "alignment_rig.hpp"

#include "pulled_card.hpp"
#include "transport/drivers/relay_adjust.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <numbers>
#include <span>
#include <stdexcept>

namespace overbias::test {

AlignmentRig::AlignmentRig(const deck_sim::Settings& settings, const std::vector<std::string>& faults)
    : settings_(settings) {
    std::vector<deck_sim::Fault> parsed;
    for (const std::string& text : faults) {
        auto fault = deck_sim::parse_fault(text);
        if (!fault) {
            throw std::runtime_error(fault.error().message);
        }
        parsed.push_back(*fault);
    }
    deck = std::make_unique<deck_sim::SimulatedDeck>(timeline, settings_, std::move(parsed));
    transport::ParallelRemoteConfig remote;
    if (!settings_.tracks_ready) {
        remote.ready = {"ready_1", "ready_2"};
    }
    driver = std::make_unique<transport::ParallelRemote>(timeline, deck->lines(), &deck->tach(), remote);
    transport::RelayLines relays = transport::RelayAdjust::output_switch();
    relays.source = "route_source";
    adjust = std::make_unique<controller::SimulatedAdjust>(
        *deck, std::make_unique<transport::RelayAdjust>(deck->lines(), relays));
    transport::TransportConfig config;
    config.play_speed_ips = settings_.play_speed_ips;
    config.tape_length_m = settings_.tape_length_m - settings_.start_place_m;
    transport = std::make_unique<transport::Transport>(timeline, *driver, *adjust, config);
    card = std::make_unique<PulledCard>(deck->pcm());
    audio::EngineConfig engine_config; // 10 ms, four of them ahead
    engine_config.block_frames = static_cast<std::size_t>(settings_.sample_rate_hz / 100.0);
    engine_config.playback_latency_frames = 4 * engine_config.block_frames;
    engine = std::make_unique<audio::BlockEngine>(*card, engine_config);
    oscillator_ = &engine->add_oscillator();
    const auto second = static_cast<std::size_t>(settings_.sample_rate_hz);
    return_ = &engine->add_return_tap(second);
    meter_ = &engine->add_return_tap(20 * second);
    swapped_return = &engine->add_capture_tap(second, {1, 0});
    if (settings_.bias_capture) {
        dead_right_return = &engine->add_capture_tap(second, {0, 2});
    }
    if (auto started = engine->start(); !started) {
        throw std::runtime_error(started.error().message);
    }
    engine_turn_ =
        std::make_unique<PeriodicTimer>(timeline, std::chrono::milliseconds(10), [this] { engine->rt_process(); });
    runner = std::make_unique<controller::JobRunner>(
        timeline,
        controller::JobRunner::Hooks{
            .make_safe = [this] { transport->stop(); },
            .where = [this] { return "the tape stands at " + std::to_string(transport->state().position_m) + " m"; },
            .event = [this](const transport::JobEvent& event, const std::string&) { events.push_back(event); },
            .keep = [](controller::JobEnd end, std::function<void(controller::JobEnd)> kept) { kept(std::move(end)); },
            .ended = [this](const controller::JobEnd& end) { end_ = end; },
            .at_rest =
                [this] {
                    const transport::MachineState& state = transport->state();
                    return state.current != transport::Motion::Braking && state.speed_m_s == 0.0 && !state.record_tally;
                }});
    transport->on_fault([this](const std::string& what) { runner->machine_fault(what); });
    timeline.run_for(std::chrono::seconds(1));
    transport->zero_counter();
}

AlignmentRig::~AlignmentRig() {
    runner.reset();
    engine_turn_.reset();
    transport.reset();
    timeline.run_for(std::chrono::seconds(1)); // the pulse of the driver's STOP ends before the driver goes
    driver.reset();
}

calibration::AlignmentContext AlignmentRig::context() {
    tape::AlignmentRecord record;
    record.uuid = "00000000-0000-4000-8000-000000000001";
    record.key = {.deck_uuid = "deck",
                  .head_block_uuid = "heads",
                  .speed_ips = settings_.play_speed_ips,
                  .equalisation = tape::Equalisation::Iec1,
                  .stock = "stock",
                  .batch = ""};
    record.begun_at = "2024-05-03T10:15:00.000Z";
    calibration::AlignmentInstallation installation;
    installation.chart.play_dbfs_at_operating_level = settings_.play_dbfs_at_operating_level;
    installation.chart.capture_dbfs_at_operating_level = settings_.capture_dbfs_at_operating_level;
    installation.tape_speed_ips = settings_.play_speed_ips;
    installation.record_to_reproduce_m = 0.0350; // what a profile would say, not the truth
    installation.round_trip_s = 61.37 / settings_.sample_rate_hz;
    installation.return_rate_hz = settings_.capture_rate_hz();
    return {.timeline = timeline,
            .transport = *transport,
            .adjust = *adjust,
            .engine = *engine,
            .oscillator = *oscillator_,
            .tape_return = *return_,
            .installation = installation,
            .record = std::move(record),
            .history = history,
            .utc_now = [] { return std::string("2024-05-03T10:20:00.000Z"); }};
}

void AlignmentRig::start(calibration::AlignmentContext context, calibration::Procedure procedure) {
    start(calibration::make_alignment_job(std::move(context), std::move(procedure)));
}

void AlignmentRig::start(std::unique_ptr<transport::Job> job) {
    end_.reset();
    if (auto started = runner->start(std::move(job), "job-1"); !started) {
        throw std::runtime_error(started.error().message);
    }
}

void AlignmentRig::unplug_card() {
    card->pull();
}

controller::JobEnd AlignmentRig::finish(double limit_s) {
    if (!timeline.run_until([this] { return end_.has_value(); }, timeline.now() + deck_seconds(limit_s))) {
        throw std::runtime_error("the job did not end within " + std::to_string(limit_s) + " s of deck time");
    }
    return *end_;
}

void AlignmentRig::into_record() {
    transport->play();
    timeline.run_for(std::chrono::seconds(2));
    transport->arm();
    transport->record();
    timeline.run_for(std::chrono::seconds(1));
    if (transport->state().current != transport::Motion::Recording) {
        throw std::runtime_error("the deck did not record");
    }
}

void AlignmentRig::to_rest() {
    oscillator_->stop();
    transport->stop();
    timeline.run_for(std::chrono::seconds(5));
}

AlignmentRig::Samples AlignmentRig::taken(const dsp::Signal& signal, audio::OscillatorChannels channels,
                                          double seconds) {
    if (auto playing = oscillator_->play(signal, channels); !playing) {
        throw std::runtime_error(playing.error().message);
    }
    timeline.run_for(std::chrono::milliseconds(500));
    std::vector<std::int32_t> samples(2 * 4800);
    while (meter_->read(samples).frames > 0) {
    }
    timeline.run_for(deck_seconds(seconds));
    Samples out;
    for (auto block = meter_->read(samples); block.frames > 0; block = meter_->read(samples)) {
        for (std::size_t i = 0; i < 2 * block.frames; ++i) {
            out[i % 2].push_back(samples[i] / 2147483648.0);
        }
    }
    return out;
}

AlignmentRig::Recorded AlignmentRig::recorded(double frequency_hz, double level_db, double seconds) {
    into_record();
    const double sent_dbfs = settings_.play_dbfs_at_operating_level + level_db;
    if (auto playing = oscillator_->play(dsp::sine_signal(frequency_hz, sent_dbfs)); !playing) {
        throw std::runtime_error(playing.error().message);
    }
    timeline.run_for(std::chrono::milliseconds(500));
    std::vector<std::int32_t> samples(2 * 4800);
    while (meter_->read(samples).frames > 0) {
    }
    timeline.run_for(deck_seconds(seconds));
    // An average-of-squares meter behind a narrow filter: sine and cosine sums over windows of 1000 frames, or as many
    // as twelve periods need.
    const auto window =
        static_cast<std::int64_t>(std::max(1000.0, std::round(12.0 * settings_.sample_rate_hz / frequency_hz)));
    std::array<double, 2> power{};
    double in_phase = 0.0;
    double right_ahead = 0.0;
    std::array<std::array<double, 2>, 2> sums{};
    std::int64_t frames = 0;
    std::int64_t windows = 0;
    const double turn = 2.0 * std::numbers::pi * frequency_hz / settings_.sample_rate_hz;
    for (auto block = meter_->read(samples); block.frames > 0; block = meter_->read(samples)) {
        for (std::size_t i = 0; i < block.frames; ++i) {
            const double angle = turn * static_cast<double>(block.first_frame + static_cast<std::int64_t>(i));
            const double hann =
                1.0 - std::cos(2.0 * std::numbers::pi * static_cast<double>(frames) / static_cast<double>(window));
            for (std::size_t c = 0; c < 2; ++c) {
                const double sample = samples[2 * i + c] / 2147483648.0;
                sums[c][0] += hann * sample * std::cos(angle);
                sums[c][1] += hann * sample * std::sin(angle);
            }
            if (++frames == window) {
                in_phase += sums[0][0] * sums[1][0] + sums[0][1] * sums[1][1];
                right_ahead += sums[0][1] * sums[1][0] - sums[0][0] * sums[1][1];
                for (std::size_t c = 0; c < 2; ++c) {
                    power[c] += (sums[c][0] * sums[c][0] + sums[c][1] * sums[c][1]) /
                                (0.25 * static_cast<double>(window * window));
                    sums[c] = {};
                }
                frames = 0;
                ++windows;
            }
        }
    }
    to_rest();
    Recorded out;
    for (std::size_t c = 0; c < 2; ++c) {
        out.level_db[c] = 10.0 * std::log10(power[c] / static_cast<double>(windows)) -
                          settings_.capture_dbfs_at_operating_level - level_db;
    }
    out.late_us = -1e6 * std::atan2(right_ahead, in_phase) / (2.0 * std::numbers::pi * frequency_hz);
    return out;
}

deck_sim::Settings deck_off(std::uint64_t seed) {
    deck_sim::Settings settings;
    settings.seed = seed;
    settings.misaligned = seed;
    settings.reproduce_gain_error_db = {0.0, 0.0};
    settings.azimuth_error_rad = 0.0;
    settings.bias_peak_ma = {4.0 + 0.03 * static_cast<double>(seed % 50), 6.0 - 0.03 * static_cast<double>(seed % 50)};
    return settings;
}

void align_reproduce(deck_sim::SimulatedDeck& deck) {
    deck_sim::Screws screws = deck.screws();
    for (deck_sim::TrackScrews& track : screws.tracks) {
        track.reproduce_level_db = track.reproduce_high_db = track.reproduce_low_db = 0.0;
    }
    screws.reproduce_azimuth_rad = screws.record_azimuth_rad = 0.0;
    deck.turn(screws);
}

double injected_drop_db(double bias_ma, double peak_ma) {
    const double bias_db = 20.0 * std::log10(bias_ma / peak_ma);
    return bias_db > 0.0 ? bias_db * bias_db / 3.0 : -bias_db * bias_db / 2.0;
}

std::uint64_t alignment_seeds() {
    const char* wanted = std::getenv("OVERBIAS_ALIGNMENT_SEEDS");
    return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 10;
}

tape::TapeStock stock_with(double overbias_db) {
    tape::TapeStock stock;
    stock.id = "stock";
    stock.name = "a stock";
    tape::Overbias overbias;
    overbias.speed_ips = 15.0;
    overbias.frequency_hz = 10000.0;
    overbias.overbias_db = overbias_db;
    overbias.source = "this test";
    stock.overbias.push_back(overbias);
    return stock;
}

} // namespace overbias::test
