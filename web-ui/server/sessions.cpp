// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/sessions.hpp"

#include "base/journal.hpp"
#include "base/result.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sodium.h>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace overbias::web_ui {

namespace {

constexpr std::size_t kTokenBytes = 16;
constexpr std::size_t kSessionBytes = 32;
constexpr std::size_t kMostSessions = 64; ///< then the one that was used longest ago goes
constexpr std::int64_t kSaveEvery_s = 600;
constexpr const char* kFileHead = "overbias sessions 1";

SessionId hash(std::string_view secret) {
    SessionId id{};
    crypto_hash_sha256(id.data(), reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
    return id;
}

bool same(const SessionId& a, const SessionId& b) {
    return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

template <std::size_t Bytes>
std::string random_text() {
    std::array<unsigned char, Bytes> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::array<char, sodium_base64_ENCODED_LEN(Bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text{};
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text.data();
}

std::string hex(const SessionId& id) {
    std::array<char, 2 * std::tuple_size_v<SessionId> + 1> text{};
    sodium_bin2hex(text.data(), text.size(), id.data(), id.size());
    return text.data();
}

/// Replaces the file as a whole; only its owner can read it.
Result<void> replace_file(const std::filesystem::path& path, const std::string& text) {
    const std::string fresh = path.string() + ".new";
    const auto failed = [&](const std::string& doing) {
        return Error{"cannot " + doing + " '" + fresh + "': " + std::strerror(errno)};
    };
    ::unlink(fresh.c_str()); // of one that was interrupted
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return failed("make");
    }
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t written = ::write(file, rest.data(), rest.size());
        if (written < 0) {
            const Error error = failed("write");
            ::close(file);
            return error;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    ::fsync(file);
    ::close(file);
    if (::rename(fresh.c_str(), path.c_str()) != 0) {
        return failed("put in place");
    }
    return {};
}

} // namespace

/// The sessions on disk. Written on a thread of its own: a slow disk must not keep a STOP waiting.
class Sessions::File {
  public:
    explicit File(std::filesystem::path path) : path_(std::move(path)) {}
    ~File() { writer_.join(); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    void save(std::string text) {
        boost::asio::post(writer_, [path = path_, text = std::move(text)] {
            if (const auto written = replace_file(path, text); !written) {
                journal(JournalLevel::Warning, "web",
                        "paired browsers could not be kept, a restart unpairs them: " + written.error().message);
            }
        });
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    boost::asio::thread_pool writer_{1};
};

Sessions::Sessions(const WebConfig& config)
    : token_life_(config.token_life), session_idle_(config.session_idle), session_life_(config.session_life),
      tries_per_minute_(config.pairing_tries_per_minute), commands_per_s_(config.commands_per_s), clock_(config.clock) {
    if (sodium_init() < 0) {
        throw std::runtime_error("web: libsodium has no source of random numbers on this machine");
    }
    if (!config.sessions_file.empty()) {
        file_ = std::make_unique<File>(config.sessions_file);
        load();
    }
}

Sessions::~Sessions() {
    if (unsaved_) { // nobody else is here any more
        locked_save();
    }
}

std::int64_t Sessions::now_s() const {
    const auto now = clock_ ? clock_() : std::chrono::system_clock::now();
    return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

bool Sessions::expired(const Session& session, std::int64_t now) const {
    return now - session.used_s > session_idle_.count() || now - session.made_s > session_life_.count();
}

void Sessions::load() {
    std::ifstream file(file_->path());
    std::string line;
    if (!file || !std::getline(file, line)) {
        return;
    }
    bool good = line == kFileHead;
    while (good && std::getline(file, line) && sessions_.size() < kMostSessions) {
        std::istringstream words(line);
        std::string digest;
        Session session;
        std::size_t bytes = 0;
        good = static_cast<bool>(words >> digest >> session.made_s >> session.used_s) &&
               sodium_hex2bin(session.id.data(), session.id.size(), digest.data(), digest.size(), nullptr, &bytes,
                              nullptr) == 0 &&
               bytes == session.id.size();
        if (good && !expired(session, now_s())) {
            sessions_.push_back(session);
        }
    }
    if (!good) {
        journal(JournalLevel::Warning, "web",
                "'" + file_->path().string() + "' is not a list of paired browsers (line '" + line.substr(0, 40) +
                    "'); those from there on have to be paired again");
    }
}

void Sessions::locked_save() {
    if (!file_) {
        return;
    }
    saved_s_ = now_s();
    unsaved_ = false;
    std::string text = std::string(kFileHead) + "\n";
    for (const Session& session : sessions_) {
        text += hex(session.id) + " " + std::to_string(session.made_s) + " " + std::to_string(session.used_s) + "\n";
    }
    file_->save(std::move(text));
}

std::string Sessions::new_token() {
    const std::string token = random_text<kTokenBytes>();
    const std::lock_guard lock(mutex_);
    token_ = hash(token);
    token_until_s_ = now_s() + token_life_.count();
    return token;
}

Sessions::Pairing Sessions::pair(std::string_view token, std::string& value) {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = now_s();
    // a clock that was set back must not lock everybody out
    std::erase_if(tries_s_, [now](std::int64_t at) { return at <= now - 60 || at > now; });
    if (tries_s_.size() >= static_cast<std::size_t>(std::max(0, tries_per_minute_))) {
        return Pairing::TooMany;
    }
    tries_s_.push_back(now);
    if (!token_ || !same(*token_, hash(token)) || now > token_until_s_) {
        return Pairing::Wrong;
    }
    token_.reset();
    value = random_text<kSessionBytes>();
    std::erase_if(sessions_, [&](const Session& session) { return expired(session, now); });
    if (sessions_.size() >= kMostSessions) {
        sessions_.erase(std::ranges::min_element(sessions_, {}, &Session::used_s));
    }
    sessions_.push_back({.id = hash(value), .made_s = now, .used_s = now});
    locked_save();
    return Pairing::Paired;
}

Sessions::Session* Sessions::locked_find(const SessionId& id) {
    Session* found = nullptr;
    for (Session& session : sessions_) { // all of them, whichever it is
        if (same(session.id, id)) {
            found = &session;
        }
    }
    return found != nullptr && !expired(*found, now_s()) ? found : nullptr;
}

std::optional<SessionId> Sessions::find(std::string_view value) {
    const SessionId id = hash(value);
    return alive(id, true) ? std::optional(id) : std::nullopt;
}

bool Sessions::alive(const SessionId& id, bool used) {
    const std::lock_guard lock(mutex_);
    Session* const session = locked_find(id);
    if (session == nullptr) {
        return false;
    }
    if (used) {
        session->used_s = now_s();
        unsaved_ = true;
        if (session->used_s - saved_s_ > kSaveEvery_s) {
            locked_save();
        }
    }
    return true;
}

void Sessions::forget(const SessionId& id) {
    const std::lock_guard lock(mutex_);
    std::erase_if(sessions_, [&](const Session& session) { return same(session.id, id); });
    locked_save();
}

bool Sessions::may_command(const SessionId& id) {
    const std::lock_guard lock(mutex_);
    Session* const session = locked_find(id);
    if (session == nullptr) {
        return false;
    }
    // a second's worth at once, then as many as grow back
    const auto now = std::chrono::steady_clock::now();
    const double since_s = std::chrono::duration<double>(now - session->counted).count();
    session->commands = std::min(commands_per_s_, session->commands + since_s * commands_per_s_);
    session->counted = now;
    if (session->commands < 1.0) {
        return false;
    }
    session->commands -= 1.0;
    return true;
}

} // namespace overbias::web_ui
