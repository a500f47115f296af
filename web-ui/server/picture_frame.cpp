// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/picture_frame.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::web_ui {

std::string encode(const PictureFrame& picture) {
    std::string bytes;
    const auto put = [&](std::uint64_t value, int count) {
        for (int i = 0; i < count; ++i) {
            bytes.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
        }
    };
    const auto put_scaled = [&](float value, float one) {
        const long whole = std::lround(std::clamp(value * one, -32768.0F, 32767.0F));
        put(static_cast<std::uint16_t>(static_cast<std::int16_t>(whole)), 2);
    };
    put(2, 1);
    put(1, 1);
    put(static_cast<std::uint64_t>(picture.source), 2);
    put(0, 4);
    put(picture.capture_time_ns, 8);
    put(picture.points.size(), 2);
    put(picture.bands_dbfs[0].size(), 2);
    put(static_cast<std::uint16_t>(static_cast<std::int16_t>(picture.first_band)), 2);
    put(0, 2);
    for (const auto& [x, y] : picture.points) {
        put_scaled(x, 32767.0F);
        put_scaled(y, 32767.0F);
    }
    for (const auto& levels :
         {picture.bands_dbfs[0], picture.bands_dbfs[1], picture.peaks_dbfs[0], picture.peaks_dbfs[1]}) {
        for (const float level : levels) {
            put_scaled(level, 100.0F);
        }
    }
    return bytes;
}

} // namespace overbias::web_ui
