// SPDX-License-Identifier: Apache-2.0
#include "base/journal.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace overbias {

namespace {

std::atomic<int> g_level{static_cast<int>(JournalLevel::Info)};

bool under_systemd() {
    // set by systemd when standard error is connected to the journal; read once, before threads are started
    static const bool value = std::getenv("JOURNAL_STREAM") != nullptr; // NOLINT(concurrency-mt-unsafe)
    return value;
}

const char* word(JournalLevel level) {
    switch (level) {
    case JournalLevel::Error:
        return "error: ";
    case JournalLevel::Warning:
        return "warning: ";
    case JournalLevel::Notice:
    case JournalLevel::Info:
        return "";
    case JournalLevel::Debug:
        return "debug: ";
    }
    return "";
}

} // namespace

void journal(JournalLevel level, std::string_view component, std::string_view message) {
    if (static_cast<int>(level) > g_level.load(std::memory_order_relaxed)) {
        return;
    }
    std::string line = under_systemd() ? "<" + std::to_string(static_cast<int>(level)) + ">" : word(level);
    line.append(component).append(": ").append(message).append("\n");
    std::fwrite(line.data(), 1, line.size(), stderr); // one call, so lines of two threads do not mix
}

void set_journal_level(JournalLevel level) noexcept {
    g_level.store(static_cast<int>(level), std::memory_order_relaxed);
}

} // namespace overbias
