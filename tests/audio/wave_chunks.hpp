// SPDX-License-Identifier: Apache-2.0
// A strict reader of RIFF/WAVE and RF64 for tests, from the published layouts (Microsoft/IBM 1991, EBU Tech 3285, EBU
// Tech 3306): whatever does not fit to the byte throws.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace overbias::test {

struct WaveChunks {
    struct Chunk {
        std::string id;
        std::uint64_t at = 0; ///< of its body
        std::uint64_t bytes = 0;
        std::string body; ///< empty for data
    };
    struct Label {
        std::uint32_t frame = 0, length = 0;
        std::string label, note;
    };
    bool rf64 = false;
    std::uint64_t ends_at = 0; ///< by the header
    std::vector<Chunk> chunks;

    static std::uint64_t number(const std::string& bytes, std::size_t at, int count) {
        if (at + static_cast<std::size_t>(count) > bytes.size()) {
            throw std::runtime_error("a number lies beyond the end of its chunk");
        }
        std::uint64_t value = 0;
        for (int i = 0; i < count; ++i) {
            value |= std::uint64_t{static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)])} << (8 * i);
        }
        return value;
    }

    [[nodiscard]] const Chunk* find(const std::string& id) const {
        const Chunk* found = nullptr;
        for (const Chunk& chunk : chunks) {
            if (chunk.id == id && found != nullptr && id != "JUNK") {
                throw std::runtime_error("two chunks '" + id + "'");
            }
            found = chunk.id == id ? &chunk : found;
        }
        return found;
    }
    [[nodiscard]] const Chunk& at(const std::string& id) const {
        if (const Chunk* found = find(id)) {
            return *found;
        }
        throw std::runtime_error("no chunk '" + id + "'");
    }
    [[nodiscard]] std::uint64_t frames() const { return at("data").bytes / number(at("fmt ").body, 12, 2); }

    /// Labels by cue point, in the order of the cue chunk.
    [[nodiscard]] std::vector<Label> labels() const {
        std::vector<Label> labels;
        const Chunk* cue = find("cue ");
        if (cue == nullptr) {
            return labels;
        }
        std::map<std::uint64_t, std::size_t> index;
        const std::uint64_t count = number(cue->body, 0, 4);
        if (cue->bytes != 4 + 24 * count) {
            throw std::runtime_error("cue: length and number of points differ");
        }
        for (std::uint64_t n = 0; n < count; ++n) {
            const std::size_t from = 4 + 24 * n;
            if (cue->body.substr(from + 8, 4) != "data") {
                throw std::runtime_error("cue: a point is not in 'data'");
            }
            if (!index.emplace(number(cue->body, from, 4), labels.size()).second) {
                throw std::runtime_error("cue: a point's number is there twice");
            }
            labels.push_back({static_cast<std::uint32_t>(number(cue->body, from + 20, 4)), 0, {}, {}});
            if (labels.back().frame >= frames()) {
                throw std::runtime_error("cue: a point lies behind the samples");
            }
        }
        const std::string& list = at("LIST").body;
        if (list.substr(0, 4) != "adtl") {
            throw std::runtime_error("LIST is no adtl");
        }
        for (std::size_t from = 4; from < list.size();) {
            const std::string id = list.substr(from, 4);
            const auto bytes = static_cast<std::size_t>(number(list, from + 4, 4));
            Label& label = labels.at(index.at(number(list, from + 8, 4)));
            const std::string text = list.substr(from + 12, bytes - 4);
            if (id == "ltxt") {
                label.length = static_cast<std::uint32_t>(number(text, 0, 4));
            } else if (text.empty() || text.back() != '\0') {
                throw std::runtime_error(id + " does not end with a zero");
            } else {
                (id == "labl" ? label.label : label.note) = text.substr(0, text.size() - 1);
            }
            from += 8 + bytes + bytes % 2;
            if (from > list.size()) {
                throw std::runtime_error("LIST: a part is longer than it");
            }
        }
        return labels;
    }

    /// `cut_off`: the file may be longer than the header says (it grew when its writer was killed), never shorter.
    static WaveChunks read(const std::filesystem::path& path, bool cut_off = false) {
        std::ifstream file(path, std::ios::binary);
        const std::uint64_t size = std::filesystem::file_size(path);
        const auto bytes = [&](std::uint64_t at, std::uint64_t count) {
            std::string out(count, '\0');
            file.seekg(static_cast<std::streamoff>(at));
            file.read(out.data(), static_cast<std::streamsize>(count));
            if (static_cast<std::uint64_t>(file.gcount()) != count) {
                throw std::runtime_error("the file ends too early");
            }
            return out;
        };
        WaveChunks wave;
        const std::string head = bytes(0, 12);
        wave.rf64 = head.substr(0, 4) == "RF64";
        if ((!wave.rf64 && head.substr(0, 4) != "RIFF") || head.substr(8, 4) != "WAVE") {
            throw std::runtime_error("not a WAVE file");
        }
        wave.ends_at = number(head, 4, 4) + 8;
        std::uint64_t data_bytes = 0;
        if (wave.rf64) {
            const std::string ds64 = bytes(12, 8 + 28);
            if (number(head, 4, 4) != 0xFFFFFFFFU || ds64.substr(0, 4) != "ds64" || number(ds64, 4, 4) != 28) {
                throw std::runtime_error("RF64 without its ds64");
            }
            wave.ends_at = number(ds64, 8, 8) + 8;
            data_bytes = number(ds64, 16, 8);
        }
        if (cut_off ? wave.ends_at > size : wave.ends_at != size) {
            throw std::runtime_error("the header says " + std::to_string(wave.ends_at) + " bytes, the file has " +
                                     std::to_string(size));
        }
        for (std::uint64_t at = 12; at < wave.ends_at;) {
            const std::string two = bytes(at, 8);
            Chunk chunk{two.substr(0, 4), at + 8, number(two, 4, 4), {}};
            if (chunk.id == "data" && chunk.bytes == 0xFFFFFFFFU && wave.rf64) {
                chunk.bytes = data_bytes;
            }
            at += 8 + chunk.bytes + chunk.bytes % 2;
            if (at > wave.ends_at) {
                throw std::runtime_error("'" + chunk.id + "' is longer than the file");
            }
            if (chunk.id != "data") {
                chunk.body = bytes(chunk.at, chunk.bytes);
            }
            wave.chunks.push_back(std::move(chunk));
        }
        if (wave.rf64 && number(wave.at("ds64").body, 16, 8) != wave.frames()) {
            throw std::runtime_error("ds64 counts other frames than data has");
        }
        return wave;
    }
};

} // namespace overbias::test
