// SPDX-License-Identifier: Apache-2.0
#include "controller/client/generate_line.hpp"

#include "base/figure.hpp"
#include "base/json/json_text.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/texts.hpp"

#include <boost/json.hpp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr int kInterruptedStatus = 130; ///< of a shell: 128 + SIGINT

volatile std::sig_atomic_t g_interrupted = 0;

void take_interrupts() {
    struct sigaction action {};
    action.sa_handler = [](int) { g_interrupted = 1; };
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

} // namespace

GenerateLine::GenerateLine(CLI::App& generate, bool& json, const std::function<void(std::function<int()>)>& chosen)
    : json_(json) {
    generate.require_subcommand(1);
    signals_ = std::make_unique<SignalOptions>(
        generate, SignalOptions::Ways{.common = [this](CLI::App& signal) { add_common(signal); },
                                      .chosen = [this, chosen] { chosen([this] { return write(); }); },
                                      .repeat = false,
                                      .silence = true});
}

void GenerateLine::add_common(CLI::App& signal) {
    signal.add_option("-o,--output,FILE", file_, "the WAV file to write (above 4 GB an RF64)")->required();
    if (signal.get_name() != "tones" && signal.get_name() != "sweep") { // they last as long as they say
        signal.add_option("--duration", options_.duration_s, "seconds (30)");
    }
    signal.add_option("--rate", options_.sample_rate_hz, "samples a second, 44100 to 192000 (48000)");
    signal.add_option("--channels", options_.channels, "1 or 2 (2)")->check(CLI::IsMember({1, 2}));
    signal.add_option("--channel", channel_, "which of two carry it: left, right or both (both)")
        ->check(CLI::IsMember({"left", "right", "both"}));
    signal.add_option("--bits", bits_, "16, 24 or 32, with TPDF dither, or float (24)")
        ->check(CLI::IsMember({"16", "24", "32", "float"}));
    signal.add_option("--seed", options_.seed, "other noise and dither for another number (1)");
    signal.add_flag("--force", options_.overwrite, "write over a file that is there");
    signal.add_flag("--json", json_, "print one JSON object");
}

int GenerateLine::write() const {
    const auto signal = signal_of(signals_->request());
    if (!signal) {
        throw UnusableArgument("generate " + signal.error().message);
    }
    audio::SignalFileOptions options = options_;
    options.bits = bits_ == "float" ? 0 : std::stoi(bits_);
    options.carrying = channel_ == "left"    ? audio::OscillatorChannels::Left
                       : channel_ == "right" ? audio::OscillatorChannels::Right
                                             : audio::OscillatorChannels::Both;
    take_interrupts();
    const auto written = audio::write_signal_file(file_, *signal, options, [] { return g_interrupted == 0; });
    if (!written) {
        if (g_interrupted != 0) {
            std::fprintf(stderr, "overbias: %s\n", printable(written.error().message).c_str());
            return kInterruptedStatus;
        }
        throw UnusableArgument(written.error().message);
    }
    const std::int64_t frames = audio::signal_frames(*signal, options);
    const double duration_s = static_cast<double>(frames) / options.sample_rate_hz;
    if (json_) {
        const json::object told{{"file", file_},
                                {"signal", signals_->request().signal},
                                {"duration_s", duration_s},
                                {"frames", frames},
                                {"sample_rate_hz", options.sample_rate_hz},
                                {"channels", options.channels},
                                {"channel", channel_},
                                {"bits", options.bits == 0 ? json::value("float") : json::value(options.bits)}};
        std::printf("%s\n", json_line(told).c_str());
    } else {
        std::printf("wrote %s: %s, %s s, %d Hz, %d %s, %s\n", printable(file_).c_str(),
                    signal_help(signals_->request().signal).c_str(), figure(duration_s, 3).c_str(),
                    options.sample_rate_hz, options.channels, options.channels == 1 ? "channel" : "channels",
                    options.bits == 0 ? "float" : (bits_ + " bit, dithered").c_str());
    }
    return 0;
}

} // namespace overbias::controller
