// SPDX-License-Identifier: Apache-2.0
// decoder-holder DECODER FILE: opens FILE by DECODER, prints the decoder's process number and waits to be killed.
#include "audio/decoder/decoded_sound.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

int main(int, char** arguments) {
    using namespace overbias::audio;
    const auto file = SoundDescriptor::open(arguments[2]);
    const auto sound = open_in_child(*file, {.program = arguments[1]});
    if (!sound) {
        return 1;
    }
    const std::string ours = std::to_string(::getpid());
    for (const auto& process : std::filesystem::directory_iterator("/proc")) {
        std::ifstream file_of(process.path() / "stat");
        std::string text;
        std::getline(file_of, text);
        const auto name_end = text.rfind(')'); // then state, then the parent's number (proc(5))
        if (name_end != std::string::npos && text.substr(name_end + 4).starts_with(ours + " ")) {
            std::printf("%s\n", process.path().filename().c_str());
            std::fflush(stdout);
        }
    }
    for (;;) {
        ::pause();
    }
}
