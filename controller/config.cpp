// SPDX-License-Identifier: Apache-2.0
#include "controller/config.hpp"

#include "base/toml/strict_toml.hpp"
#include "base/uuid.hpp"
#include "controller/config_alignment.hpp"
#include "controller/config_bias.hpp"
#include "controller/config_devices.hpp"
#include "controller/default_places.hpp"
#include "tape/profile_path.hpp"
#include "tape/reel.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace overbias::controller {

namespace {

namespace fs = std::filesystem;

// What only the operator of a real deck can know has no default there. The simulated deck's own figures stand in for a
// measurement of it (docs/simulated-deck.md).
struct SimulatedDefaults {
    const char* profile = "simulated";
    const char* stock = "generic-2500ft";
    double length_m = 762.0;
    double speed_ips = 15.0;
    const char* equalisation = "IEC1";
    double operating_level_nwb_per_m = 320.0;
    const char* operating_level_school = "DIN";
    double dbfs_at_operating_level = -14.0;
    double round_trip_frames = 61.37;
};
constexpr SimulatedDefaults kSimulated;

constexpr std::size_t kLongestSocketPath = 107; // sun_path of sockaddr_un less the final zero, unix(7)
constexpr double kLeastSlate_s = 2.0;

class Reader {
  public:
    Reader(TomlDocument& document, bool simulate) : root_(document.root()), simulate_(simulate) {
        config_.simulate = simulate;
    }

    Config read() {
        read_daemon();
        read_deck();
        read_tape();
        read_audio();
        DeviceReader(root_, config_, {.simulate = simulate_, .have_profile = have_profile_}).read();
        check_bias();
        read_print();
        read_limits();
        read_alignment(root_, directories_, config_.alignment);
        read_files(root_, config_.files);
        read_transfer(root_, config_.transfer);
        read_listening(root_, config_.listening, config_.audio.playback_roles);
        return std::move(config_);
    }

  private:
    // A value the operator of a real deck has to give.
    double figure(TomlSection& table, const char* key, double simulated, TomlBounds bounds) const {
        return simulate_ ? table.number(key, simulated, bounds) : table.required_number(key, bounds);
    }
    std::string word(TomlSection& table, const char* key, const char* simulated) const {
        return simulate_ ? table.text(key, simulated) : table.required_text(key);
    }

    static void check_uuid(TomlSection& table, const char* key, const std::string& text) {
        if (!text.empty() && !is_uuid(text)) {
            table.error(key, "expected a UUID like 6f9619ff-8b86-4d01-b42d-00cf4fc964ff, got \"" + text + "\"");
        }
    }
    /// Loading a profile can fail with several lines; each is told at the key that named it.
    static void profile_errors(TomlSection& table, const char* key, const std::string& lines) {
        for (std::size_t at = 0; at < lines.size();) {
            const std::size_t end = std::min(lines.find('\n', at), lines.size());
            table.error(key, lines.substr(at, end - at));
            at = end + 1;
        }
    }

    void read_daemon() {
        TomlSection table = root_.section("daemon");
        const fs::path state_dir = simulate_ ? simulated_state_dir() : fs::path(kServiceStateDir);
        config_.daemon.state_dir = absolute_path(table, "state_dir", state_dir);
        const fs::path socket = simulate_ ? config_.daemon.state_dir / kSocketName : fs::path(kServiceSocket);
        config_.daemon.socket = absolute_path(table, "socket", socket);
        if (config_.daemon.socket.native().size() > kLongestSocketPath) {
            table.error("socket", "a socket's path has at most " + std::to_string(kLongestSocketPath) +
                                      " bytes, got \"" + config_.daemon.socket.string() + "\"; give a shorter one");
        }
        config_.daemon.profiles = absolute_path(table, "profiles", {});
    }
    static fs::path absolute_path(TomlSection& table, const char* key, const fs::path& otherwise) {
        const auto given = table.optional_text(key);
        if (given && given->front() != '/') {
            table.error(key, "expected an absolute path, got \"" + *given + "\"");
            return otherwise;
        }
        return given ? fs::path(*given) : otherwise;
    }

    void read_deck() {
        TomlSection table = root_.section("deck");
        DeckConfig& deck = config_.deck;
        const std::string name = word(table, "profile", kSimulated.profile);
        directories_ = tape::profile_directories(config_.daemon.profiles);
        if (!name.empty()) {
            const auto file = tape::find_profile(tape::ProfileKind::Deck, name, directories_);
            auto profile = file ? tape::load_deck_profile(*file) : Result<tape::DeckProfile>(file.error());
            if (profile) {
                deck.profile = std::move(profile).value();
                have_profile_ = true;
                refuse_template(table, deck.profile);
                choose_head_block(table, deck.profile);
            } else {
                profile_errors(table, "profile", profile.error().message);
            }
        }
        deck.uuid = table.text("uuid", "");
        check_uuid(table, "uuid", deck.uuid);
        deck.head_block_uuid = table.text("head_block_uuid", "");
        check_uuid(table, "head_block_uuid", deck.head_block_uuid);

        const auto distance_mm = table.optional_number("record_to_reproduce_mm", {.min = 5.0, .max = 300.0});
        const auto& nominal_mm = deck.profile.record_to_reproduce_mm;
        if (have_profile_ && !distance_mm && !nominal_mm) {
            table.error("record_to_reproduce_mm",
                        "profile \"" + deck.profile.id +
                            "\" does not say it: measure it on your head block and give it here");
        }
        deck.record_to_reproduce_mm = distance_mm.value_or(nominal_mm ? nominal_mm->value : 0.0);
        const auto edges = table.optional_number("tach_edges_per_metre", {.min = 1.0, .max = 100000.0});
        const auto& nominal_edges = deck.profile.tach_edges_per_metre;
        deck.tach_edges_per_metre = edges.value_or(nominal_edges ? nominal_edges->value : 0.0);
        if (have_profile_ && deck.profile.proof_of_play == tape::ProofOfPlay::Tach && !deck.profile.counts_itself() &&
            deck.tach_edges_per_metre == 0.0) {
            table.error("tach_edges_per_metre",
                        "profile \"" + deck.profile.id +
                            "\" proves play by the tach: measure its edges per metre and give them here");
        }
        deck.roller_slip_percent =
            table.number("roller_slip_percent", deck.roller_slip_percent, {.min = 0.0, .max = 10.0});
        deck.calibrated_head_delay_ms = table.number("calibrated_head_delay_ms", 0.0, {.min = 0.0, .max = 5000.0});
    }

    /// The simulated card has each track's bias beside the tape return (deck-sim), whatever roles are configured.
    void check_bias() {
        const auto roles = simulate_
                               ? std::vector{audio::ChannelRole::TapeReturnLeft, audio::ChannelRole::TapeReturnRight,
                                             audio::ChannelRole::Bias, audio::ChannelRole::Bias}
                               : config_.audio.capture_roles;
        TomlSection table = root_.section("deck");
        for (const std::string& why :
             bias_obstacles(config_.deck.profile, config_.audio.capture_sample_rate_hz, roles)) {
            table.error("profile", "\"" + config_.deck.profile.id + "\": " + why);
        }
    }

    static void refuse_template(TomlSection& table, const tape::DeckProfile& profile) {
        if (profile.to_fill_in.empty()) {
            return;
        }
        std::string keys;
        for (const std::string& key : profile.to_fill_in) {
            keys += (keys.empty() ? "" : ", ") + key;
        }
        table.error("profile", "\"" + profile.id + "\" is a template and cannot drive a deck yet: copy it, fill in " +
                                   keys + " from your deck's manual, and name your copy here");
    }
    static void choose_head_block(TomlSection& table, tape::DeckProfile& profile) {
        if (const auto variant = table.optional_text("head_block")) {
            if (const auto chosen = profile.choose_head_block(*variant); !chosen) {
                table.error("head_block", chosen.error().message);
            }
        }
    }

    void read_tape() {
        TomlSection table = root_.section("tape");
        TapeConfig& tape = config_.tape;
        const std::string name = word(table, "stock", kSimulated.stock);
        if (!name.empty()) {
            const auto file = tape::find_profile(tape::ProfileKind::Tape, name, directories_);
            auto stock = file ? tape::load_tape_stock(*file) : Result<tape::TapeStock>(file.error());
            if (stock) {
                tape.stock = std::move(stock).value();
            } else {
                profile_errors(table, "stock", stock.error().message);
            }
        }
        tape.batch = table.text("batch", "");
        read_length(table);
        const std::size_t errors = table.errors_so_far();
        tape.speed_ips = figure(table, "speed_ips", kSimulated.speed_ips, {.min = 3.75, .max = 30.0});
        const bool speed_known = table.errors_so_far() == errors;
        const std::string equalisation = word(table, "equalisation", kSimulated.equalisation);
        if (const auto known = tape::equalisation_from_name(equalisation)) {
            tape.equalisation = *known;
            if (have_profile_ && speed_known) {
                check_deck_does(table, *known);
            }
        } else if (!equalisation.empty()) {
            table.error("equalisation", "expected one of \"NAB\", \"IEC1\", \"AES\", got \"" + equalisation + "\"");
        }
        tape.operating_level.nwb_per_m = figure(table, "operating_level_nwb_per_m",
                                                kSimulated.operating_level_nwb_per_m, {.min = 100.0, .max = 1500.0});
        const std::string school = word(table, "operating_level_school", kSimulated.operating_level_school);
        if (const auto known = tape::school_from_name(school)) {
            tape.operating_level.school = *known;
        } else if (!school.empty()) {
            table.error("operating_level_school",
                        "expected \"ANSI\" or \"DIN\" (0.9 dB apart), got \"" + school + "\"");
        }
    }
    void read_length(TomlSection& table) {
        TapeConfig& tape = config_.tape;
        const auto metres = table.optional_number("length_m", {.min = 10.0, .max = 2500.0});
        const auto feet = table.optional_number("length_ft", {.min = 30.0, .max = 8000.0});
        if (table.has("length_m") && table.has("length_ft")) {
            table.error("length_ft", "length_m is given too; leave one of them out");
        }
        if (metres || feet) {
            tape.length_m = metres ? *metres : tape::metres_from_feet(*feet);
        } else if (tape.stock.length_m) {
            tape.length_m = tape.stock.length_m->value;
        } else if (simulate_) {
            tape.length_m = kSimulated.length_m;
        } else if (!table.has("length_m") && !table.has("length_ft")) {
            table.error("length_m", "expected length_m or length_ft, got neither; this tape stock does not say it");
        }
    }
    void check_deck_does(TomlSection& table, tape::Equalisation equalisation) const {
        const tape::DeckProfile& profile = config_.deck.profile;
        const double speed_ips = config_.tape.speed_ips;
        if (profile.speed(speed_ips) == nullptr) {
            std::string speeds;
            for (const tape::DeckSpeed& one : profile.speeds) {
                speeds += (speeds.empty() ? "" : ", ") + number_word(one.speed_ips);
            }
            table.error("speed_ips",
                        "deck \"" + profile.id + "\" runs at " + speeds + " ips, got " + number_word(speed_ips));
        } else if (!profile.supports(speed_ips, equalisation)) {
            std::string known;
            for (const tape::Equalisation one : profile.speed(speed_ips)->equalisations) {
                known += (known.empty() ? "\"" : ", \"") + std::string(tape::equalisation_name(one)) + "\"";
            }
            table.error("equalisation", "deck \"" + profile.id + "\" has " + known + " at " + number_word(speed_ips) +
                                            " ips, got \"" + std::string(tape::equalisation_name(equalisation)) + "\"");
        }
    }
    static std::string number_word(double value) {
        std::array<char, 32> text{};
        (void)std::snprintf(text.data(), text.size(), "%g", value);
        return text.data();
    }

    void read_audio() {
        TomlSection table = root_.section("audio");
        AudioConfig& audio = config_.audio;
        audio.sample_rate_hz = table.number("sample_rate_hz", audio.sample_rate_hz, {.min = 44100.0, .max = 192000.0});
        audio.converter_bits =
            static_cast<int>(table.integer("converter_bits", audio.converter_bits, {.min = 16, .max = 32}));
        const TomlBounds level{.min = -40.0, .max = 0.0};
        audio.levels.play_dbfs_at_operating_level =
            figure(table, "play_dbfs_at_operating_level", kSimulated.dbfs_at_operating_level, level);
        audio.levels.capture_dbfs_at_operating_level =
            figure(table, "capture_dbfs_at_operating_level", kSimulated.dbfs_at_operating_level, level);
        audio.levels.play_dbu_at_full_scale =
            table.optional_number("play_dbu_at_full_scale", {.min = -20.0, .max = 40.0});
        audio.levels.capture_dbu_at_full_scale =
            table.optional_number("capture_dbu_at_full_scale", {.min = -20.0, .max = 40.0});
        audio.levels.dbu_at_0_vu = table.optional_number("dbu_at_0_vu", {.min = -20.0, .max = 20.0});
        audio.cue_mute_dbfs = table.number("cue_mute_dbfs", audio.cue_mute_dbfs, {.min = -60.0, .max = 0.0});
        audio.round_trip_frames = table.optional_number("round_trip_frames", {.min = 0.0, .max = 20000.0});
        if (simulate_ && !audio.round_trip_frames) {
            audio.round_trip_frames = kSimulated.round_trip_frames;
        }
    }

    void read_print() {
        TomlSection table = root_.section("print");
        PrintConfig& print = config_.print;
        print.start_m = table.optional_number("start_m", {.min = 0.0, .max = 2500.0});
        print.slate_hz = table.number("slate_hz", print.slate_hz, {.min = 400.0, .max = 4000.0});
        print.slate_s = table.number("slate_s", print.slate_s, {.min = kLeastSlate_s, .max = 120.0});
        print.slate_level_re_operating_db =
            table.number("slate_level_re_operating_db", print.slate_level_re_operating_db, {.min = -20.0, .max = 6.0});
        print.lead_in_s = table.number("lead_in_s", print.lead_in_s, {.min = 0.5, .max = 60.0});
        print.gap_s = table.number("gap_s", print.gap_s, {.min = 1.0, .max = 60.0});
        print.post_roll_s = table.number("post_roll_s", print.post_roll_s, {.min = 1.0, .max = 60.0});
        print.spare_m = table.number("spare_m", print.spare_m, {.min = 0.0, .max = 100.0});
        print.stop_on_bias_failure = table.boolean("stop_on_bias_failure", print.stop_on_bias_failure);
        print.alignment_within_days = static_cast<int>(
            table.integer("alignment_within_days", print.alignment_within_days, {.min = 0.0, .max = 3650.0}));
        print.studio = table.text("studio", "");
        print.engineer = table.text("engineer", "");
        if (config_.tape.length_m > 0.0 && print.start_m && *print.start_m + print.spare_m >= config_.tape.length_m) {
            table.error("start_m", "expected a place on the tape (" + number_word(config_.tape.length_m) +
                                       " m, of which " + number_word(print.spare_m) + " m are kept free), got " +
                                       number_word(*print.start_m));
        }
    }

    void read_limits() {
        TomlSection table = root_.section("limits");
        // every field by name: a limit that is added to the verdict does not compile until it can be configured
        auto& [delay, level, slate, third_octave, dropout_depth, dropout_length, speed_change, phase, not_proven,
               missing, azimuth, wow, noise_rise] = config_.limits;
        delay = table.number("delay_tolerance", delay, {.min = 0.001, .max = 0.2});
        level = table.number("level_difference_db", level, {.min = 0.05, .max = 20.0});
        slate = table.number("level_re_slate_db", slate, {.min = 0.05, .max = 20.0});
        third_octave = table.number("third_octave_difference_db", third_octave, {.min = 0.1, .max = 20.0});
        dropout_depth = table.number("dropout_depth_db", dropout_depth, {.min = 1.0, .max = 40.0});
        dropout_length = table.number("dropout_length_ms", dropout_length, {.min = 0.5, .max = 1000.0});
        speed_change = table.number("speed_change_ppm", speed_change, {.min = 10.0, .max = 50000.0});
        phase = table.number("phase_deg_at_1khz", phase, {.min = 1.0, .max = 180.0});
        not_proven = table.number("not_proven_s", not_proven, {.min = 0.0, .max = 60.0});
        missing = table.number("missing_s", missing, {.min = 0.1, .max = 60.0});
        azimuth = table.number("azimuth_us", azimuth, {.min = 0.5, .max = 100.0});
        wow = table.number("wow_percent", wow, {.min = 0.01, .max = 5.0});
        noise_rise = table.number("noise_rise_db", noise_rise, {.min = 1.0, .max = 40.0});
    }

    TomlSection root_;
    bool simulate_;
    bool have_profile_ = false;
    std::vector<fs::path> directories_;
    Config config_;
};

Result<Config> read_document(Result<TomlDocument> document, bool simulate) {
    if (!document) {
        return document.error();
    }
    Config config = Reader(*document, simulate).read();
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return config;
}

} // namespace

Result<Config> load_config(const fs::path& file, bool simulate) {
    auto config = read_document(TomlDocument::read(file), simulate);
    if (config) {
        config->file = file;
    }
    return config;
}

Result<Config> parse_config(const std::string& text, const std::string& name, bool simulate) {
    return read_document(TomlDocument::parse(text, name), simulate);
}

Result<Config> simulated_config(const std::string& deck_profile) {
    std::string text;
    if (!deck_profile.empty()) {
        if (deck_profile.find_first_of("\"\\\n") != std::string::npos) {
            return Error{"--deck: '" + deck_profile + "' is not a profile's name; profiles/decks has them"};
        }
        text = "[deck]\nprofile = \"" + deck_profile + "\"\n";
    }
    return parse_config(text, "built-in configuration of the simulated deck", true);
}

std::vector<std::string> config_keys() {
    // keys of an array of tables are asked for where there is one
    auto document = TomlDocument::parse("[[audio.mixer.control]]", "keys");
    (void)Reader(*document, true).read();
    std::vector<std::string> keys = document->asked_keys();
    // the sections themselves
    std::erase_if(keys, [all = keys](const std::string& key) {
        return key.find('.') == std::string::npos || std::ranges::any_of(all, [&key](const std::string& other) {
                   return other.starts_with(key + ".") || other.starts_with(key + "[]");
               });
    });
    for (std::string& key : keys) {
        for (const std::string lines : {"gpio.outputs.", "gpio.inputs."}) {
            if (key.starts_with(lines)) {
                key = lines + "NAME" + key.substr(key.rfind('.'));
            }
        }
    }
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
}

} // namespace overbias::controller
