// SPDX-License-Identifier: Apache-2.0
#include "controller/part_settings.hpp"

#include "tape/equalisation.hpp"

namespace overbias::controller {

transport::TransportConfig transport_config(const Config& config) {
    const tape::DeckProfile& profile = config.deck.profile;
    transport::TransportConfig transport;
    transport.play_speed_ips = config.tape.speed_ips;
    if (config.deck.tach_edges_per_metre > 0.0) {
        transport.edges_per_metre = config.deck.tach_edges_per_metre;
    }
    transport.slip = config.deck.roller_slip_percent / 100.0;
    transport.proof_by_tally = profile.proof_of_play == tape::ProofOfPlay::Tally;
    transport.settle_after_still_s = profile.settle_after_still_s.value;
    transport.start_timeout_s = profile.start_timeout_s.value;
    transport.still_timeout_s = profile.still_timeout_s.value;
    transport.tape_length_m = config.tape.length_m;
    transport.record_tracks = profile.tracks;
    if (profile.cue_limit_m_s) {
        transport.cue_limit_m_s = profile.cue_limit_m_s->value;
    }
    return transport;
}

audio::EngineConfig engine_config(const Config& config, double turn_s) {
    audio::EngineConfig engine;
    engine.block_frames = static_cast<std::size_t>(config.audio.sample_rate_hz * turn_s);
    engine.playback_latency_frames = engine.block_frames * 4;
    return engine;
}

mastering::PrintRequest print_defaults(const PrintConfig& print) {
    mastering::PrintRequest request;
    request.slate = {.frequency_hz = print.slate_hz,
                     .duration_s = print.slate_s,
                     .level_re_operating_db = print.slate_level_re_operating_db};
    request.start_m = print.start_m;
    request.lead_in_s = print.lead_in_s;
    request.gap_s = print.gap_s;
    request.post_roll_s = print.post_roll_s;
    request.stop_on_bias_failure = print.stop_on_bias_failure;
    return request;
}

mastering::PrintInstallation print_installation(const Config& config) {
    return {.sample_rate_hz = config.audio.sample_rate_hz,
            .converter_bits = config.audio.converter_bits,
            .tape_speed_ips = config.tape.speed_ips,
            .tape_length_m = config.tape.length_m,
            .spare_m = config.print.spare_m,
            .play_dbfs_at_operating_level = config.audio.levels.play_dbfs_at_operating_level};
}

mastering::ComparisonConfig comparison_config(const Config& config) {
    mastering::ComparisonConfig comparison;
    comparison.sample_rate_hz = config.audio.sample_rate_hz;
    comparison.tape_speed_ips = config.tape.speed_ips;
    comparison.record_to_reproduce_m = config.deck.record_to_reproduce_mm / 1000.0;
    comparison.round_trip_s = config.audio.round_trip_s();
    comparison.play_dbfs_at_operating_level = config.audio.levels.play_dbfs_at_operating_level;
    comparison.capture_dbfs_at_operating_level = config.audio.levels.capture_dbfs_at_operating_level;
    comparison.calibrated_head_delay_s = config.deck.calibrated_head_delay_ms / 1000.0;
    comparison.limits = config.limits;
    const auto constants = tape::time_constants(config.tape.equalisation, config.tape.speed_ips);
    comparison.low_emphasis_s = constants ? constants->low_us * 1e-6 : 0.0;
    return comparison;
}

calibration::AlignmentLimits alignment_limits(const AlignmentConfig& alignment) {
    calibration::AlignmentLimits limits;
    limits.level_db = alignment.level_db;
    limits.high_db = alignment.high_db;
    limits.overbias_db = alignment.overbias_db;
    limits.timing_us = alignment.timing_us;
    limits.source = alignment.limits_source;
    if (alignment.low_db) {
        limits.low_db = *alignment.low_db;
        limits.low_source = alignment.limits_source;
    }
    return limits;
}

} // namespace overbias::controller
