// SPDX-License-Identifier: Apache-2.0
#include "audio/decoder/child_decoding.hpp"

#include "audio/decoder/decoder_nursery.hpp"
#include "audio/sndfile_handle.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace overbias::audio {

namespace {

using Kind = DecoderMessage::Kind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kBlocksBefore = 2; ///< decoded before the first is asked for; many files are open at a time

/// Closes what it still has at the end.
struct Descriptor {
    int number = -1;
    Descriptor() = default;
    explicit Descriptor(int opened) : number(opened) {}
    ~Descriptor() {
        if (number >= 0) {
            ::close(number);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
};

std::string seconds(milliseconds time) {
    return std::to_string(time.count() / 1000) + "." + std::to_string(time.count() % 1000 / 100);
}

} // namespace

Error DecoderChild::fault(const std::string& what) const {
    return Error{name_ + ": " + what};
}

Error DecoderChild::lied(const std::string& what) const {
    return fault("cannot be decoded: the decoder answered with " + what +
                 "; the file is damaged or made to do harm, "
                 "export it again");
}

Result<std::unique_ptr<DecoderChild>> DecoderChild::start(const SoundDescriptor& file,
                                                          const DecoderSettings& settings) {
    auto child = std::unique_ptr<DecoderChild>(new DecoderChild(file.path().string()));
    const auto failed = [&child](const std::string& what) {
        const std::string why = std::strerror(errno);
        return child->fault("cannot be decoded: " + what + " (" + why + "); close other programs and try again");
    };
    const Descriptor memory(::memfd_create("overbias-decoder", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (memory.number < 0 || ::ftruncate(memory.number, static_cast<off_t>(kDecoderMemoryBytes)) != 0) {
        return failed("there is no shared memory for it");
    }
    // its length is for ever: a child that cut it off would take us along
    if (::fcntl(memory.number, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        return failed("its shared memory cannot be sealed");
    }
    void* const mapped = ::mmap(nullptr, kDecoderMemoryBytes, PROT_READ, MAP_SHARED, memory.number, 0);
    if (mapped == MAP_FAILED) {
        return failed("there is no shared memory for it");
    }
    child->memory_ = static_cast<const std::byte*>(mapped);
    std::array<int, 2> pair{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return failed("there is no way to the decoder");
    }
    child->socket_ = pair[0];
    const Descriptor theirs(pair[1]);
    auto born = DecoderNursery::instance().spawn(settings.program, file.get(), memory.number, theirs.number);
    if (!born) {
        return child->fault("cannot be decoded: " + born.error().message +
                            "; install overbias-decoder beside overbiasd, or name it in files.decoder");
    }
    child->pid_ = *born;
    child->work_given();
    return child;
}

DecoderChild::~DecoderChild() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
    if (pid_ > 0) {
        DecoderNursery::instance().bury(pid_);
    }
    if (memory_ != nullptr) {
        ::munmap(const_cast<std::byte*>(memory_), kDecoderMemoryBytes);
    }
}

bool DecoderChild::say(const DecoderMessage& message) const {
    return ::send(socket_, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(sizeof message);
}

/// Its end of the socket is closed: it has ended, or is about to.
Error DecoderChild::died() {
    constexpr int kLooks = 200; // of 5 ms
    int status = 0;
    for (int look = 0; look < kLooks; ++look) {
        const pid_t gone = ::waitpid(pid_, &status, WNOHANG);
        if (gone == pid_) {
            pid_ = -1;
            break;
        }
        (void)::poll(nullptr, 0, 5);
    }
    if (pid_ > 0) {
        return lied("the end of the talk while it goes on");
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
        return fault("cannot be decoded: the decoder tried on it what it may not, and was ended; the file is damaged "
                     "or made to do harm, export it again");
    }
    if (WIFSIGNALED(status)) {
        return fault("cannot be decoded: the decoder crashed on it (" + std::string(::strsignal(WTERMSIG(status))) +
                     "); the file is damaged, export it again");
    }
    if (WEXITSTATUS(status) == kDecoderNotLockedIn) {
        return fault("cannot be decoded: the decoder could not lock itself in (seccomp); this kernel or container does "
                     "not allow it, docs/files.md says what it needs");
    }
    return fault("cannot be decoded: the decoder ended with status " + std::to_string(WEXITSTATUS(status)) +
                 " before the file did; install the one that belongs to this overbiasd");
}

Result<std::optional<DecoderMessage>> DecoderChild::heard_already() {
    DecoderMessage message;
    std::array<char, sizeof message + 1> bytes{};
    const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got == static_cast<ssize_t>(sizeof message)) {
        std::memcpy(&message, bytes.data(), sizeof message);
        heard_ = steady_clock::now();
        return std::optional(message);
    }
    if (got > 0) {
        return lied("a message of " + std::to_string(got) + " bytes or more, expected " +
                    std::to_string(sizeof message));
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return std::optional<DecoderMessage>();
    }
    return died();
}

Result<DecoderMessage> DecoderChild::hear(milliseconds patience) {
    for (;;) {
        const auto message = heard_already();
        if (!message) {
            return message.error();
        }
        if (*message) {
            return **message;
        }
        const auto left = std::chrono::ceil<milliseconds>(heard_ + patience - steady_clock::now());
        if (left <= milliseconds(0)) {
            return fault("cannot be decoded: the decoder said nothing for " + seconds(patience) +
                         " s; the disk does not answer, or the file is damaged: check both and try again");
        }
        pollfd wait{socket_, POLLIN, 0};
        (void)::poll(&wait, 1, static_cast<int>(left.count()));
    }
}

Result<DecodedSound::Counted> ChildDecoding::count() {
    child_->work_given();
    (void)child_->say({.kind = Kind::Count});
    // one that says for ever that it counts is not believed either
    const std::int64_t most = std::max<std::int64_t>(format().frames, 0) / static_cast<std::int64_t>(kBlockFrames) + 2;
    for (std::int64_t blocks = 0; blocks <= most; ++blocks) {
        const auto message = child_->hear(patience_);
        if (!message) {
            return message.error();
        }
        if (message->kind == Kind::Counted && message->frames >= 0) {
            return Counted{message->frames, message->error != 0};
        }
        if (message->kind != Kind::Counting) {
            return child_->lied("a message of kind " + std::to_string(static_cast<unsigned>(message->kind)) +
                                " where it counts");
        }
    }
    return child_->lied("more frames than the header of the file promises (" + std::to_string(format().frames) + ")");
}

void ChildDecoding::prepare() {
    if (allowed_ == 0) {
        allowed_ = std::min(kBlocksBefore, blocks_);
        child_->work_given();
        (void)child_->say({.kind = Kind::Begin,
                           .frames = static_cast<std::int64_t>(blocks_),
                           .allowed = static_cast<std::int32_t>(allowed_)});
    }
}

void ChildDecoding::give(std::size_t blocks) {
    if (filled_.size() + (holds_ ? 1 : 0) == allowed_) { // it had nothing to do
        child_->work_given();
    }
    (void)child_->say({.kind = Kind::Taken, .frames = static_cast<std::int64_t>(blocks)});
}

Result<void> ChildDecoding::take(const DecoderMessage& message) {
    if (message.kind != Kind::Filled || message.frames < 0 ||
        message.frames > static_cast<std::int64_t>(kBlockFrames)) {
        return child_->lied("a block of " + std::to_string(message.frames) + " frames (message " +
                            std::to_string(static_cast<unsigned>(message.kind)) + "), expected 0 to " +
                            std::to_string(kBlockFrames));
    }
    if (filled_.size() + (holds_ ? 1 : 0) >= allowed_) {
        return child_->lied("more blocks than it was given");
    }
    filled_.push_back(static_cast<std::size_t>(message.frames));
    return {};
}

Result<DecodedSound::Block> ChildDecoding::next() {
    prepare();
    // everything that waits, so that its silence is counted from when it began, not from when the last block is needed
    while (filled_.empty() || filled_.back() == kBlockFrames) {
        const auto message = child_->heard_already();
        if (!message) {
            if (!filled_.empty()) {
                break; // what it decoded before it ended is good
            }
            return message.error();
        }
        if (!*message) {
            break;
        }
        if (const auto taken = take(**message); !taken) {
            return taken.error();
        }
    }
    if (allowed_ < blocks_) {
        give(blocks_ - allowed_);
        allowed_ = blocks_;
    }
    if (holds_) {
        give(1);
        holds_ = false;
    }
    if (filled_.empty()) {
        const auto message = child_->hear(patience_);
        if (!message) {
            return message.error();
        }
        if (const auto taken = take(*message); !taken) {
            return taken.error();
        }
    }
    const Block block{child_->memory() + block_ * kBlockBytes, filled_.front()};
    filled_.pop_front();
    block_ = (block_ + 1) % blocks_;
    holds_ = true;
    return block;
}

Result<std::unique_ptr<DecodedSound>> open_in_child(const SoundDescriptor& file, const DecoderSettings& settings) {
    auto child = DecoderChild::start(file, settings);
    if (!child) {
        return child.error();
    }
    const auto message = (*child)->hear(settings.start_patience);
    if (!message) {
        return message.error();
    }
    if (message->kind == Kind::Refused) {
        return (*child)->fault(std::string("cannot be opened as a sound file (") + sf_error_number(message->error) +
                               "); export it again as WAV or FLAC");
    }
    if (message->kind != Kind::Opened) {
        return (*child)->lied("a message of kind " + std::to_string(static_cast<unsigned>(message->kind)) +
                              " where it opens");
    }
    const DecodedFormat format{message->format, message->rate_hz, message->channels, message->frames};
    return std::unique_ptr<DecodedSound>(
        std::make_unique<ChildDecoding>(format, std::move(child).value(), settings.patience));
}

} // namespace overbias::audio
