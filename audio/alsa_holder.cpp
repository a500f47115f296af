// SPDX-License-Identifier: Apache-2.0
#include "audio/alsa_holder.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace overbias::audio {

namespace fs = std::filesystem;

namespace {

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string first_line(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

/// "card1" of a number, or of an id: /proc/asound/cardN/id holds it.
std::optional<fs::path> card_folder(const std::string& card, const fs::path& asound) {
    if (number(card)) {
        return asound / ("card" + card);
    }
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(asound, error)) {
        if (entry.path().filename().string().starts_with("card") && first_line(entry.path() / "id") == card) {
            return entry.path();
        }
    }
    return std::nullopt;
}

std::optional<int> owner(const fs::path& status) {
    std::ifstream in(status);
    for (std::string line; std::getline(in, line);) {
        const auto colon = line.find(':');
        if (line.starts_with("owner_pid") && colon != std::string::npos) {
            const auto digits = line.find_first_of("0123456789", colon);
            if (digits != std::string::npos) {
                const auto pid = number(std::string_view(line).substr(digits));
                return pid && *pid > 0 ? std::optional(static_cast<int>(*pid)) : std::nullopt;
            }
        }
    }
    return std::nullopt; // "closed"
}

} // namespace

std::optional<CardAddress> parse_hw_name(const std::string& device) {
    constexpr std::string_view kPrefix = "hw:";
    if (!device.starts_with(kPrefix)) {
        return std::nullopt;
    }
    CardAddress address;
    std::string_view rest = std::string_view(device).substr(kPrefix.size());
    for (unsigned place = 0; !rest.empty(); ++place) {
        const auto comma = rest.find(',');
        std::string_view item = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        std::string_view key = place == 0 ? "CARD" : place == 1 ? "DEV" : "SUBDEV";
        if (const auto equals = item.find('='); equals != std::string_view::npos) {
            key = item.substr(0, equals);
            item = item.substr(equals + 1);
        }
        if (key == "CARD") {
            address.card = item;
        } else if (key == "DEV" && number(item)) {
            address.device = *number(item);
        } else if (key != "SUBDEV") {
            return std::nullopt;
        }
    }
    return address.card.empty() ? std::nullopt : std::optional(address);
}

std::optional<Holder> holder_of(const CardAddress& address, bool playback, const fs::path& proc) {
    const auto folder = card_folder(address.card, proc / "asound");
    if (!folder) {
        return std::nullopt;
    }
    const fs::path pcm = *folder / ("pcm" + std::to_string(address.device) + (playback ? "p" : "c"));
    std::vector<fs::path> substreams;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(pcm, error)) {
        if (entry.path().filename().string().starts_with("sub")) {
            substreams.push_back(entry.path());
        }
    }
    std::sort(substreams.begin(), substreams.end());
    for (const fs::path& substream : substreams) {
        if (const auto pid = owner(substream / "status")) {
            return Holder{*pid, first_line(proc / std::to_string(*pid) / "comm")};
        }
    }
    return std::nullopt;
}

std::string words(const Holder& holder) {
    return "held by " + (holder.command.empty() ? std::string("a program") : holder.command) + " (process " +
           std::to_string(holder.pid) + ")";
}

} // namespace overbias::audio
