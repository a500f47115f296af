// SPDX-License-Identifier: Apache-2.0
// Settings of the simulated deck. The defaults are a decent but not ideal machine: /docs/simulated-deck.md says where
// each comes from.
#pragma once

#include "deck-sim/equalisation.hpp"
#include "deck-sim/tape_content.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace overbias::deck_sim {

inline constexpr double kBiasFullScale_ma = 20.0;

struct Settings {
    // --- tape and mechanics
    double tape_length_m = 762.0;      ///< 2500 ft
    double tape_thickness_m = 54.1e-6; ///< 2.13 mil
    double hub_radius_m = 0.05715;     ///< 2.25 in
    std::optional<TapeContent> tape{}; ///< what is on it at power-on; nothing: bulk-erased
    double start_place_m = 12.0;       ///< tape already on the take-up reel at power-on
    double play_speed_ips = 15.0;
    double speed_error = 0.0004; ///< constant, of play speed
    double start_time_s = 0.45;  ///< stop to play speed
    double wind_speed_m_s = 8.3; ///< mean fast wind
    double roller_edges_per_metre = 16.0 / 0.0254;
    double roller_slip = 0.0003;      ///< share of the travel that the tape roller misses, either way
    double roller_grip_m_s2 = 6.0;    ///< a tape that gains or loses speed faster than this leaves the roller behind
    double roller_grip_spread = 0.15; ///< how far the grip differs from one slip to the next, as a share
    double fastest_shuttle_m_s = 8.0; ///< of the reel servo, either way
    double shuttle_acceleration_m_s2 = 2.0; ///< the most the reel servo asks of its motors
    double library_wind_m_s = 2.5;          ///< slow even winding
    double near_end_m = 15.0;               ///< so much tape on a reel counts as almost none
    bool tracks_ready = true;         ///< at power-on: as the deck's own switches stand; false: a remote readies them
    std::vector<double> speeds_ips{}; ///< what the speed switch offers a remote; empty: play_speed_ips alone
    bool senses_motion = false;       ///< true: holds play back until the tape is still by itself
    // --- head block; the true distances, which need not be the profile's figures
    double erase_to_record_m = 0.0330;
    double record_to_reproduce_m = 0.0351;
    double track_width_m = 2.0e-3; ///< 2 mm tracks on quarter-inch tape
    double track_spacing_m = 4.0e-3;
    // --- wow and flutter: peak speed deviation of each component
    double wow_peak = 0.00015;             ///< once a revolution of the supply reel
    double capstan_flutter_peak = 0.00012; ///< at capstan_hz
    double capstan_hz = 12.0;
    double roller_flutter_peak = 0.00006;
    double scrape_flutter_rms = 0.00005; ///< noise, 20 to 200 Hz
    double weave_peak_to_peak_rad = 600e-6;
    // --- magnetics
    Equalisation equalisation = Equalisation::Iec1;
    double azimuth_error_rad = 60e-6; ///< reproduce against record
    std::array<double, 2> record_gain_error_db{0.2, -0.25};
    std::array<double, 2> reproduce_gain_error_db{-0.15, 0.3};
    double bias_db_over_peak = 3.0; ///< overbias at 10 kHz
    /// Record current of greatest 10 kHz output at 15 ips, with this tape and these heads.
    std::array<double, 2> bias_peak_ma{5.0, 5.0};
    double bias_slope = 2.0; ///< dB that 10 kHz falls a dB of bias at 3 dB overbias
    /// The reproduce side's EQ switch; unset: as `equalisation`.
    std::optional<Equalisation> reproduce_equalisation{};
    std::uint64_t misaligned = 0;       ///< not 0: every screw is off by an amount this seed gives (screws.hpp)
    double noise_a_weighted_db = -64.0; ///< re operating level
    double mol_re_operating_db = 10.0;  ///< level of 3 % third harmonic at 1 kHz
    double crosstalk_db = -50.0;
    double erase_depth_db = -78.0;
    // --- card
    double sample_rate_hz = 48000.0;
    double capture_sample_rate_hz = 0.0; ///< 0: as playback
    double play_clock_ppm = 7.0;
    double capture_clock_ppm = -13.0; ///< 20 ppm between the two
    double round_trip_frames = 61.37; ///< converters, playback to capture; in frames of the playback
    double play_dbfs_at_operating_level = -14.0;
    double capture_dbfs_at_operating_level = -14.0;
    double converter_noise_dbfs = -110.0;
    bool shared_clock = false; ///< true: capture runs on the playback crystal
    /// Two more capture channels (ChannelRole::Bias): each track's bias mixed down to bias_hz - bias_mixer_hz, full
    /// scale at kBiasFullScale_ma.
    bool bias_capture = false;
    /// An outside source on the deck's line input in place of our playback (a workstation through analog gear), for
    /// masters that do not come from us: interleaved stereo at the playback's rate, full scale 1 as the playback's. The
    /// operator lets it run once each time the deck has gone into record.
    std::shared_ptr<const std::vector<float>> source{};
    double source_after_record_s = 4.0;
    /// Two more capture channels, the last (ChannelRole::SourceInLeft, SourceInRight): what is on the deck's line
    /// input.
    bool source_capture = false;
    /// Two more playback channels, the last (ChannelRole::MonitorOutLeft, MonitorOutRight), and who hears what leaves
    /// them, by playback frame.
    bool monitor_playback = false;
    std::function<void(std::int64_t frame, std::int32_t left, std::int32_t right)> monitor_heard{};
    double bias_hz = 153600.0;
    double bias_mixer_hz = 144000.0;
    /// Bias left on a recording track's line output, re operating level, at the current the deck comes with; heard
    /// where the capture's rate carries bias_hz.
    double bias_leak_db = -60.0;
    std::uint64_t seed = 1;

    [[nodiscard]] double capture_rate_hz() const noexcept {
        return capture_sample_rate_hz > 0.0 ? capture_sample_rate_hz : sample_rate_hz;
    }
};

} // namespace overbias::deck_sim
