// SPDX-License-Identifier: Apache-2.0
#include "base/signing/signing_key.hpp"

#include "base/sha256.hpp"

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <optional>
#include <sodium.h>
#include <span>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace overbias {

namespace fs = std::filesystem;

namespace {

static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_BYTES == 64);

constexpr std::size_t kSeedDigits = 64;
constexpr std::string_view kHead =
    "# Signing key of this installation (Ed25519): its certificates are told by it. Keep "
    "it, and keep it secret.\n";

Error failed(const fs::path& file, const std::string& what, int number) {
    return Error{"signing key '" + file.string() + "' " + what + ": " + std::generic_category().message(number) +
                 "; expected a file of the daemon's own user in a folder it may write to"};
}

template <std::size_t Bytes>
std::optional<std::array<unsigned char, Bytes>> bytes_of(std::string_view hex) {
    std::array<unsigned char, Bytes> bytes{};
    std::size_t count = 0;
    const bool digits = hex.size() == 2 * Bytes && sodium_hex2bin(bytes.data(), bytes.size(), hex.data(), hex.size(),
                                                                  nullptr, &count, nullptr) == 0;
    return digits && count == Bytes ? std::optional(bytes) : std::nullopt;
}

std::string hex_of(const unsigned char* bytes, std::size_t count) {
    std::string text(2 * count + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes, count);
    text.pop_back(); // its terminator
    return text;
}

const unsigned char* bytes_in(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

/// The last line of the file, and nobody else may read it.
Result<std::string> read_seed(const fs::path& file) {
    const int handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (handle < 0) {
        return failed(file, "can't be read", errno);
    }
    std::array<char, 512> buffer{};
    struct ::stat about {};
    const ssize_t count = ::fstat(handle, &about) == 0 ? ::read(handle, buffer.data(), buffer.size()) : -1;
    const int number = errno;
    ::close(handle);
    if (count < 0) {
        return failed(file, "can't be read", number);
    }
    if ((about.st_mode & 077U) != 0) {
        return Error{"signing key '" + file.string() +
                     "' may be read by others: expected mode 0600; whoever has read it can sign in your name. Run "
                     "'chmod 600' on it if you are sure that nobody has"};
    }
    std::string text(buffer.data(), static_cast<std::size_t>(count));
    sodium_memzero(buffer.data(), buffer.size());
    if (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    const std::size_t line = text.rfind('\n');
    std::string seed = line == std::string::npos ? text : text.substr(line + 1);
    sodium_memzero(text.data(), text.size());
    return seed;
}

/// Under a name of its own, then linked to its place: that never writes over a key that is there.
Result<void> keep_seed(const fs::path& file, const std::string& seed) {
    std::error_code error;
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    fs::create_directories(folder, error);
    if (error) {
        return failed(file, "can't be made", error.value());
    }
    std::string temporary = file.string() + ".XXXXXX";
    const int handle = ::mkostemp(temporary.data(), O_CLOEXEC); // mode 0600
    if (handle < 0) {
        return failed(file, "can't be made", errno);
    }
    const bool whole = write_all(handle, kHead) && write_all(handle, seed + "\n") && ::fchmod(handle, 0600) == 0 &&
                       ::fsync(handle) == 0;
    int number = errno;
    bool there = ::close(handle) == 0 && whole && ::link(temporary.c_str(), file.c_str()) == 0;
    number = whole ? errno : number;
    ::unlink(temporary.c_str());
    if (!there && !(whole && number == EEXIST)) { // another one was faster: its key counts
        return failed(file, "can't be made", number);
    }
    if (const int place = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); place >= 0) {
        ::fsync(place); // best effort: some file systems refuse it
        ::close(place);
    }
    return {};
}

} // namespace

Result<SigningKey> SigningKey::of_seed(std::string_view hex) {
    auto seed = bytes_of<crypto_sign_SEEDBYTES>(hex);
    if (sodium_init() < 0 || !seed) {
        return Error{"expected a key of 64 hexadecimal digits, got " + std::to_string(hex.size()) + " characters"};
    }
    SigningKey key;
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_half{}; // is in the secret half too
    crypto_sign_seed_keypair(public_half.data(), key.secret_.data(), seed->data());
    sodium_memzero(seed->data(), seed->size());
    return key;
}

Result<SigningKey> SigningKey::load_or_make(const fs::path& file) {
    if (sodium_init() < 0) {
        return Error{"signing key '" + file.string() + "': this machine has no source of random numbers"};
    }
    std::error_code unknown;
    if (fs::symlink_status(file, unknown).type() == fs::file_type::not_found) {
        std::array<unsigned char, crypto_sign_SEEDBYTES> random{};
        randombytes_buf(random.data(), random.size());
        std::string seed = hex_of(random.data(), random.size());
        sodium_memzero(random.data(), random.size());
        const auto kept = keep_seed(file, seed);
        sodium_memzero(seed.data(), seed.size());
        if (!kept) {
            return kept.error();
        }
    }
    auto seed = read_seed(file); // also what was just made: it is the one that will be read next time
    if (!seed) {
        return seed.error();
    }
    auto key = of_seed(*seed);
    sodium_memzero(seed->data(), seed->size());
    if (!key) {
        return Error{
            "signing key '" + file.string() + "' is none: expected a last line of " + std::to_string(kSeedDigits) +
            " hexadecimal digits; put back the copy you keep. Only if there is none: move it away, a new key is "
            "made, and earlier certificates are then of another key"};
    }
    return key;
}

SigningKey::SigningKey(SigningKey&& from) noexcept : secret_(from.secret_) {
    sodium_memzero(from.secret_.data(), from.secret_.size());
}

SigningKey& SigningKey::operator=(SigningKey&& from) noexcept {
    if (this != &from) {
        secret_ = from.secret_;
        sodium_memzero(from.secret_.data(), from.secret_.size());
    }
    return *this;
}

SigningKey::~SigningKey() {
    sodium_memzero(secret_.data(), secret_.size());
}

std::string SigningKey::public_key() const {
    return hex_of(secret_.data() + crypto_sign_SEEDBYTES, crypto_sign_PUBLICKEYBYTES);
}

std::string SigningKey::sign(std::string_view message) const {
    std::array<unsigned char, crypto_sign_BYTES> signature{};
    crypto_sign_detached(signature.data(), nullptr, bytes_in(message), message.size(), secret_.data());
    return hex_of(signature.data(), signature.size());
}

bool signature_fits(std::string_view public_key, std::string_view message, std::string_view signature) {
    const auto key = bytes_of<crypto_sign_PUBLICKEYBYTES>(public_key);
    const auto bytes = bytes_of<crypto_sign_BYTES>(signature);
    return sodium_init() >= 0 && key && bytes &&
           crypto_sign_verify_detached(bytes->data(), bytes_in(message), message.size(), key->data()) == 0;
}

std::string key_fingerprint(std::string_view public_key) {
    const auto key = bytes_of<crypto_sign_PUBLICKEYBYTES>(public_key);
    if (!key) {
        return {};
    }
    const std::string digest = sha256_hex(std::string_view(reinterpret_cast<const char*>(key->data()), key->size()));
    return digest.substr(0, 4) + "-" + digest.substr(4, 4) + "-" + digest.substr(8, 4) + "-" + digest.substr(12, 4);
}

} // namespace overbias
