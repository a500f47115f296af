// SPDX-License-Identifier: Apache-2.0
#include "audio/alsa_error.hpp"

#include "audio/rt_guard.hpp"

#include <alsa/asoundlib.h>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>

namespace overbias::audio {

namespace {

thread_local std::string* collecting = nullptr;

// errcode is not used: the text says it
void handler(const char* /*file*/, int /*line*/, const char* function, int error, const char* format, ...) {
    if (collecting == nullptr || rt_in_scope()) {
        return; // on the audio thread there is nobody to tell: the state says what is the matter
    }
    std::array<char, 512> text{};
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text.data(), text.size(), format, arguments);
    va_end(arguments);
    if (!collecting->empty()) {
        *collecting += "; ";
    }
    *collecting += function;
    *collecting += ": ";
    *collecting += text.data();
    if (error != 0) {
        *collecting += ": ";
        *collecting += snd_strerror(error);
    }
}

} // namespace

AlsaMessages::AlsaMessages() : outer_(collecting) {
    static std::once_flag once;
    std::call_once(once, [] { snd_lib_error_set_handler(handler); });
    collecting = &collected_;
}

AlsaMessages::~AlsaMessages() {
    collecting = outer_;
}

std::string AlsaMessages::text() const {
    return collected_.empty() ? "" : " (alsa-lib: " + collected_ + ")";
}

std::string alsa_words(int error) {
    return snd_strerror(error);
}

} // namespace overbias::audio
