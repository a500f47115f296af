// SPDX-License-Identifier: Apache-2.0
#include "reproduce_rig.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace overbias::test {

using calibration::AlignmentView;
using calibration::OperatorSays;
using calibration::OperatorTask;
using calibration::OperatorWord;
using calibration::TrackReading;

namespace {

constexpr double kPlace_m = 1.0; ///< of the tape's beginning at the heads; the content begins a metre later

void check(const Result<void>& done) {
    if (!done) {
        throw std::runtime_error(done.error().message);
    }
}

tape::CalibrationTape tape_of(const deck_sim::TapeContent& content, tape::Equalisation equalisation) {
    tape::CalibrationTape tape;
    tape.maker = "a maker";
    tape.speed_ips = 15.0;
    tape.equalisation = equalisation;
    tape.reference = {.fluxivity = {.nwb_per_m = 250.0, .school = tape::CalibrationSchool::Ansi}, .source = "a test"};
    for (const deck_sim::TapeTone& tone : content.tones) {
        tape::CalibrationTone& each = tape.tones.emplace_back();
        each.frequency_hz = tone.frequency_hz;
        each.level_db = tone.level_db;
    }
    tape.complete = tape.full_track = true;
    tape.source = "a test";
    return tape;
}

} // namespace

deck_sim::TapeContent three_tones_content(double seconds) {
    deck_sim::TapeContent content;
    content.fringing_db = 0.0;
    for (const double hz : {1000.0, 10000.0, 50.0}) {
        content.tones.push_back({.frequency_hz = hz, .seconds = seconds, .announcement_s = 2.0});
    }
    return content;
}

tape::CalibrationTape three_tones(tape::Equalisation equalisation) {
    tape::CalibrationTape tape = tape_of(three_tones_content(), equalisation);
    tape.id = "three-" + std::string(tape::equalisation_name(equalisation));
    tape.name = "three tones, " + std::string(tape::equalisation_name(equalisation));
    tape.fringing_compensated = true;
    return tape;
}

deck_sim::TapeContent ten_tones_content(double seconds) {
    deck_sim::TapeContent content;
    for (const double hz : {1000.0, 8000.0, 16000.0, 63.0, 125.0, 250.0, 500.0, 2000.0, 4000.0, 20000.0}) {
        content.tones.push_back({.frequency_hz = hz, .seconds = seconds, .announcement_s = 1.5});
    }
    return content;
}

tape::CalibrationTape ten_tones(tape::Equalisation equalisation) {
    tape::CalibrationTape tape = tape_of(ten_tones_content(), equalisation);
    tape.id = "ten-" + std::string(tape::equalisation_name(equalisation));
    tape.name = "ten tones, " + std::string(tape::equalisation_name(equalisation));
    tape.order_known = true;
    return tape;
}

void thread(AlignmentRig& rig, const deck_sim::TapeContent& content) {
    check(rig.deck->mount(content));
    check(rig.deck->thread_at(kPlace_m));
}

calibration::AlignmentContext reproduce_context(AlignmentRig& rig, calibration::OperatorPort& person, bool guided) {
    calibration::AlignmentContext context = rig.context();
    context.installation.chart.operating_level =
        tape::Fluxivity{.nwb_per_m = 250.0, .school = tape::CalibrationSchool::Ansi};
    context.operator_port = &person;
    context.operator_name = "the operator";
    context.guided = guided;
    return context;
}

std::uint64_t reproduce_seeds() {
    const char* wanted = std::getenv("OVERBIAS_ALIGNMENT_SEEDS");
    return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 3;
}

void without_tach(AlignmentRig& rig) {
    const transport::TransportConfig config = rig.transport->config();
    rig.transport.reset();
    rig.timeline.run_for(std::chrono::seconds(1)); // the pulse of the driver's STOP ends before the driver goes
    rig.driver.reset();                            // lets go of the lines before the next one takes them
    rig.driver = std::make_unique<transport::ParallelRemote>(rig.timeline, rig.deck->lines(), nullptr,
                                                             transport::ParallelRemoteConfig{});
    rig.transport = std::make_unique<transport::Transport>(rig.timeline, *rig.driver, *rig.adjust, config);
    rig.transport->on_fault([&rig](const std::string& what) { rig.runner->machine_fault(what); });
    rig.timeline.run_for(std::chrono::seconds(2));
}

ReproduceOperator::ReproduceOperator(AlignmentRig& rig, deck_sim::TapeContent content, std::uint64_t seed)
    : rig_(rig), content_(std::move(content)),
      head_([&rig] { return rig.deck->screw(deck_sim::Screw::ReproduceAzimuth, 0); },
            [&rig](double to) { rig.deck->set_screw(deck_sim::Screw::ReproduceAzimuth, 0, to); }, {}, seed) {
    const std::vector<std::pair<std::string, deck_sim::Screw>> screws{
        {"reproduce.level", deck_sim::Screw::ReproduceLevel},
        {"reproduce.high", deck_sim::Screw::ReproduceHigh},
        {"reproduce.low", deck_sim::Screw::ReproduceLow}};
    for (const auto& [step, screw] : screws) {
        for (std::size_t track = 0; track < 2; ++track) {
            hands_[step].push_back(std::make_unique<deck_sim::Screwdriver>(
                [&rig, screw = screw, track] { return rig.deck->screw(screw, track); },
                [&rig, screw = screw, track](double to) { rig.deck->set_screw(screw, track, to); },
                deck_sim::Screwdriver::Hand{}, seed * 10 + track));
        }
    }
}

bool ReproduceOperator::was_told(const std::string& text) const {
    return std::any_of(seen.begin(), seen.end(), [&](const AlignmentView& view) {
        return view.note.find(text) != std::string::npos || view.instruction.find(text) != std::string::npos;
    });
}

void ReproduceOperator::show(const AlignmentView& view) {
    if (std::none_of(seen.begin(), seen.end(), [&](const AlignmentView& each) {
            return each.note == view.note && each.step_id == view.step_id;
        })) {
        seen.push_back(view);
    }
    if (sees) {
        sees(view);
    }
    if (view.step_id != step_) {
        step_ = view.step_id;
        views_ = 0;
    }
    if (view.task == OperatorTask::Watch) {
        return;
    }
    const auto own = answers.find(view.step_id);
    if (view.task == OperatorTask::Confirm) {
        confirmed.push_back(view.step_id);
        if (own != answers.end()) {
            says_ = own->second();
            return;
        }
        if (view.step_id == "reproduce.tape") {
            thread(rig_, content_);
            tape_is_on = true;
        } else if (view.step_id == "reproduce.rewind") {
            check(rig_.deck->thread_at(kPlace_m));
        } else if (view.step_id == "reproduce.tape_off") {
            check(rig_.deck->mount_blank());
            tape_is_on = false;
        }
        says_ = OperatorWord{};
        return;
    }
    if (own != answers.end()) {
        says_ = own->second();
        return;
    }
    turn(view);
    if (view.done()) {
        says_ = OperatorWord{};
    }
}

void ReproduceOperator::turn(const AlignmentView& view) {
    // looks what a turn has done before the next; the timing is the mean of some seconds
    if (++views_ % (view.unit == "us" ? 25 : 6) != 0) {
        return;
    }
    for (const TrackReading& track : view.tracks) {
        if (!track.turn || *track.turn == 0.0) {
            continue;
        }
        if (track.channel == 0) {
            // another microsecond is the weave's
            known_ = known_ || std::abs(*track.turn) < std::abs(turn_us_) - 3.0;
            if (!known_ && std::abs(*track.turn) > std::abs(turn_us_) + 1.0) {
                way_ = -way_;
            }
            turn_us_ = *track.turn;
            head_.turn(way_ * turn_us_ * 0.004);
            continue;
        }
        // a whole travel is some 12 dB
        hands_.at(view.step_id)[static_cast<std::size_t>(track.channel - 1)]->turn(*track.turn / 14.0);
    }
}

std::optional<OperatorWord> ReproduceOperator::take() {
    return std::exchange(says_, std::nullopt);
}

Metered metered(AlignmentRig& rig, const deck_sim::TapeContent& content, std::size_t tone,
                const deck_sim::Settings& settings, double seconds) {
    check(rig.deck->mount(content));
    const double v = 0.0254 * settings.play_speed_ips;
    double begin_s = 0.0;
    for (std::size_t n = 0; n <= tone; ++n) {
        const deck_sim::TapeTone& each = content.tones[n];
        begin_s += each.announcement_s > 0.0 ? each.announcement_s + each.gap_s : 0.0;
        begin_s += n < tone ? each.seconds + each.gap_s : 0.0;
    }
    check(rig.deck->thread_at(content.begin_m + begin_s * v - 0.2));
    rig.transport->play();
    rig.timeline.run_for(std::chrono::milliseconds(1500));
    const auto samples = rig.taken(dsp::sine_signal(1000.0, -119.0), audio::OscillatorChannels::Both, seconds);
    rig.to_rest();
    const double hz =
        content.tones[tone].frequency_hz * (1.0 + settings.speed_error) * (1.0 + rig.deck->screws().speed_trim);
    // An average-of-squares meter behind a narrow filter: sine and cosine sums over windows of so many frames.
    const std::size_t window = hz < 200.0 ? 9600 : 1000;
    const double angle = 2.0 * std::numbers::pi * hz / settings.sample_rate_hz;
    std::array<double, 2> power{};
    double in_phase = 0.0, right_ahead = 0.0;
    std::size_t windows = 0;
    for (std::size_t at = 0; at + window <= samples[0].size(); at += window) {
        std::array<std::array<double, 2>, 2> sums{};
        for (std::size_t n = 0; n < window; ++n) {
            const double hann =
                1.0 - std::cos(2.0 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(window));
            for (std::size_t c = 0; c < 2; ++c) {
                sums[c][0] += hann * samples[c][at + n] * std::cos(angle * static_cast<double>(n));
                sums[c][1] += hann * samples[c][at + n] * std::sin(angle * static_cast<double>(n));
            }
        }
        in_phase += sums[0][0] * sums[1][0] + sums[0][1] * sums[1][1];
        right_ahead += sums[0][1] * sums[1][0] - sums[0][0] * sums[1][1];
        for (std::size_t c = 0; c < 2; ++c) {
            power[c] +=
                (sums[c][0] * sums[c][0] + sums[c][1] * sums[c][1]) * 4.0 / static_cast<double>(window * window);
        }
        ++windows;
    }
    Metered out;
    for (std::size_t c = 0; c < 2; ++c) {
        out.level_db[c] =
            10.0 * std::log10(power[c] / static_cast<double>(windows)) - settings.capture_dbfs_at_operating_level;
    }
    out.late_us = -1e6 * std::atan2(right_ahead, in_phase) / (2.0 * std::numbers::pi * hz);
    return out;
}

} // namespace overbias::test
