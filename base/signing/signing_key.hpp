// SPDX-License-Identifier: Apache-2.0
// Signatures: Ed25519 (RFC 8032, without prehash, through libsodium). Keys, signatures and messages are shown as
// lower-case hexadecimal. Any thread; a key is used by one at a time.
#pragma once

#include "base/result.hpp"

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace overbias {

class SigningKey {
  public:
    /// The key pair kept in `file`; made there when there is none: mode 0600, whole or not at all, on the disk before
    /// it is used, and never written over, also when two programs make it at once. The folder is made when needed.
    /// Errors name the file: can't be read or made, is no key, others may read it.
    [[nodiscard]] static Result<SigningKey> load_or_make(const std::filesystem::path& file);
    /// From the 32 bytes of RFC 8032's private key.
    [[nodiscard]] static Result<SigningKey> of_seed(std::string_view hex);

    SigningKey(SigningKey&& from) noexcept;
    SigningKey& operator=(SigningKey&& from) noexcept;
    SigningKey(const SigningKey&) = delete;
    SigningKey& operator=(const SigningKey&) = delete;
    /// The secret leaves the memory with it.
    ~SigningKey();

    [[nodiscard]] std::string public_key() const;                   ///< 64 digits
    [[nodiscard]] std::string sign(std::string_view message) const; ///< 128 digits

  private:
    SigningKey() = default;
    std::array<unsigned char, 64> secret_{}; ///< seed and public key
};

/// Whether `signature` was made of `message` with the secret half of `public_key`. False for what are no keys or
/// signatures at all.
[[nodiscard]] bool signature_fits(std::string_view public_key, std::string_view message, std::string_view signature);

/// Of a public key, short enough to be read aloud: the first 8 bytes of the SHA-256 of its 32 bytes, as
/// "1a2b-3c4d-5e6f-7081". Empty for what is no key.
[[nodiscard]] std::string key_fingerprint(std::string_view public_key);

} // namespace overbias
