// SPDX-License-Identifier: Apache-2.0
#include "golden_script.hpp"

#include "audio/demo_programme.hpp"
#include "base/json/json_text.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <numbers>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace overbias::golden {

namespace json = boost::json;

namespace {

constexpr auto kPatience = std::chrono::seconds(60);

std::string first_word(std::string& rest) {
    const std::size_t begin = std::min(rest.find_first_not_of(' '), rest.size());
    const std::size_t end = std::min(rest.find(' ', begin), rest.size());
    std::string word = rest.substr(begin, end - begin);
    rest.erase(0, std::min(rest.find_first_not_of(' ', end), rest.size()));
    return word;
}

std::string with_folder(std::string text, const std::string& folder) {
    for (std::size_t at = text.find("$T"); at != std::string::npos; at = text.find("$T", at + folder.size())) {
        text.replace(at, 2, folder);
    }
    return text;
}

int status_of(int waited) {
    return WIFEXITED(waited) ? WEXITSTATUS(waited) : 128 + WTERMSIG(waited);
}

/// 16-bit silence; the file is sparse, so an hour costs nothing.
void write_silent_wave(const std::filesystem::path& path, int channels, int rate_hz, double duration_s) {
    const auto frame_bytes = static_cast<std::uint32_t>(channels * 2);
    const auto bytes = static_cast<std::uint32_t>(duration_s * rate_hz) * frame_bytes;
    std::ofstream file(path, std::ios::binary);
    const auto put = [&file](std::uint32_t value, int count) {
        for (int i = 0; i < count; ++i) {
            file.put(static_cast<char>(value >> (8 * i)));
        }
    };
    file << "RIFF";
    put(36 + bytes, 4);
    file << "WAVEfmt ";
    put(16, 4);
    put(1, 2);
    put(static_cast<std::uint32_t>(channels), 2);
    put(static_cast<std::uint32_t>(rate_hz), 4);
    put(static_cast<std::uint32_t>(rate_hz) * frame_bytes, 4);
    put(frame_bytes, 2);
    put(16, 2);
    file << "data";
    put(bytes, 4);
    file.close();
    std::filesystem::resize_file(path, std::uintmax_t{44} + bytes);
}

/// 16-bit sine of 48 kHz in both channels.
void write_tone(const std::filesystem::path& path, double hz, double amplitude, double duration_s) {
    constexpr int kRate_hz = 48000;
    write_silent_wave(path, 2, kRate_hz, duration_s);
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(44);
    const auto frames = static_cast<std::int64_t>(duration_s * kRate_hz);
    for (std::int64_t n = 0; n < frames; ++n) {
        const double value = amplitude * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(n) / kRate_hz);
        const auto sample = static_cast<std::uint16_t>(std::lround(32767.0 * value));
        for (int channel = 0; channel < 2; ++channel) {
            file.put(static_cast<char>(sample)).put(static_cast<char>(sample >> 8));
        }
    }
}

std::string read_all(std::FILE* from) {
    std::string text;
    std::array<char, 4096> chunk{};
    while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), from)) {
        text.append(chunk.data(), got);
    }
    return text;
}

/// Of a list: its number, or `key=value`, the first one that has this member. Null: there is none.
const json::value* element(const json::array& array, const std::string& part) {
    if (const std::size_t equals = part.find('='); equals != std::string::npos) {
        const auto found = std::ranges::find_if(array, [&](const json::value& each) {
            const json::object* const object = each.if_object();
            const json::value* const value = object == nullptr ? nullptr : object->if_contains(part.substr(0, equals));
            return value != nullptr && value->is_string() && value->as_string() == part.substr(equals + 1);
        });
        return found == array.end() ? nullptr : &*found;
    }
    return array.if_contains(std::stoul(part));
}

std::string member(const json::value& from, const std::string& path) {
    const json::value* at = &from;
    std::istringstream parts(path);
    for (std::string part; std::getline(parts, part, '.');) {
        if (const json::array* const array = at->if_array()) {
            at = element(*array, part);
        } else {
            const json::object* object = at->if_object();
            at = object == nullptr ? nullptr : object->if_contains(part);
        }
        if (at == nullptr) {
            return "(absent)";
        }
    }
    return at->is_string() ? json::value_to<std::string>(*at) : json_line(*at);
}

/// `wanted`: the words, or a number and how far from it is still right.
bool same(const std::string& is, std::string wanted) {
    if (is == wanted) {
        return true;
    }
    const std::string number = first_word(wanted);
    if (wanted.empty() || is.empty() || is.find_first_not_of("+-.0123456789eE") != std::string::npos) {
        return false;
    }
    return std::abs(std::stod(is) - std::stod(number)) <= std::stod(wanted);
}

} // namespace

Script::Script(std::filesystem::path file, std::filesystem::path programs, std::filesystem::path folder)
    : file_(std::move(file)), programs_(std::move(programs)), folder_(std::move(folder)) {
}

Script::~Script() {
    watch_.reset();
    end_daemon(SIGKILL);
    if (running_ != nullptr) {
        ::pclose(running_);
    }
}

void Script::run() {
    std::ifstream lines(file_);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::string rest = with_folder(line, folder_.string());
        const std::string command = first_word(rest);
        if (command.empty() || command[0] == '#') {
            continue;
        }
        try {
            step(command, rest);
        } catch (const std::exception& failure) {
            throw std::runtime_error(file_.filename().string() + ":" + std::to_string(number) + ": " + line + "\n" +
                                     failure.what() + "\nsaid last:\n" + said_);
        }
    }
}

void Script::step(const std::string& command, const std::string& arguments) {
    std::string rest = arguments;
    if (command == "daemon") {
        start_daemon(rest, false, 0);
    } else if (command == "daemon-fails") {
        const int status = std::stoi(first_word(rest));
        start_daemon(rest, true, status);
    } else if (command == "end" || command == "kill") {
        if (const int status = end_daemon(command == "end" ? SIGTERM : SIGKILL); command == "end" && status != 0) {
            throw std::runtime_error("the daemon ended with status " + std::to_string(status));
        }
    } else if (command == "music") {
        const std::string name = first_word(rest);
        if (const auto written = audio::write_demo_programme(folder_ / name, std::stod(rest), 1); !written) {
            throw std::runtime_error(written.error().message);
        }
    } else if (command == "text") {
        const std::string name = first_word(rest);
        for (std::size_t at = 0; (at = rest.find("\\n", at)) != std::string::npos;) {
            rest.replace(at, 2, "\n");
        }
        std::ofstream(folder_ / name) << rest << "\n";
    } else if (command == "wave") {
        const std::string name = first_word(rest);
        const int channels = std::stoi(first_word(rest));
        const int rate_hz = std::stoi(first_word(rest));
        write_silent_wave(folder_ / name, channels, rate_hz, std::stod(rest));
    } else if (command == "tone") {
        const std::string name = first_word(rest);
        const double hz = std::stod(first_word(rest)), dbfs = std::stod(first_word(rest));
        write_tone(folder_ / name, hz, std::pow(10.0, dbfs / 20.0), std::stod(rest));
    } else if (command == "cut") {
        const std::string name = first_word(rest);
        std::filesystem::resize_file(folder_ / name, std::stoull(rest));
    } else if (command == "change") {
        const std::string name = first_word(rest), from = first_word(rest);
        std::ifstream in(folder_ / name, std::ios::binary);
        std::string all{std::istreambuf_iterator<char>(in), {}};
        in.close();
        const std::size_t at = all.find(from);
        if (at == std::string::npos) {
            throw std::runtime_error(name + " does not hold it");
        }
        std::ofstream(folder_ / name, std::ios::binary) << all.replace(at, from.size(), rest);
    } else if (command == "said-lines") {
        if (const auto lines = std::count(said_.begin(), said_.end(), '\n'); lines != std::stol(rest)) {
            throw std::runtime_error(std::to_string(lines) + " lines");
        }
    } else if (command == "run" || command == "begin") {
        const int status = command == "run" ? std::stoi(first_word(rest)) : 0;
        std::FILE* const beside = command == "run" ? std::exchange(running_, nullptr) : nullptr;
        running_ = ::popen(client_line(rest).c_str(), "re");
        if (running_ == nullptr) {
            throw std::runtime_error("cannot start overbias");
        }
        if (command == "run") {
            finish(status);
            running_ = beside;
        }
    } else if (command == "holds") {
        const std::string name = first_word(rest);
        std::ifstream file(folder_ / name);
        said_.assign(std::istreambuf_iterator<char>(file), {});
        if (said_.find(rest) == std::string::npos) {
            throw std::runtime_error("not so");
        }
    } else if (command == "finish") {
        finish(std::stoi(rest));
    } else if (command == "says" || command == "silent-about") {
        if ((said_.find(rest) != std::string::npos) != (command == "says")) {
            throw std::runtime_error("not so");
        }
    } else if (command == "reads") {
        const std::string path = first_word(rest);
        if (const std::string is = member(json::parse(said_), path); !same(is, rest)) {
            throw std::runtime_error(path + " is " + is);
        }
    } else if (command == "until") {
        const std::string path = first_word(rest);
        const std::string number = first_word(rest), within = first_word(rest);
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        for (bool there = false; !there;) {
            std::FILE* const beside = std::exchange(running_, nullptr);
            step("begin", rest + " --json");
            const bool answered = end_client() == 0; // refused is "not yet" here: nothing may have been measured
            running_ = beside;
            const std::string is = answered ? member(json::parse(said_), path) : "refused";
            there = is == number || (answered && same(is, number + " " + within));
            if (!there && std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error(path + " is " + is);
            }
        }
    } else if (command == "near") {
        const std::string path = first_word(rest);
        const double wanted = std::stod(first_word(rest));
        const double is = std::stod(status_member(path));
        if (!(std::abs(is - wanted) <= std::stod(rest))) {
            throw std::runtime_error(path + " is " + std::to_string(is));
        }
    } else if (command == "expect" || command == "wait") {
        const std::string path = first_word(rest);
        wait_for(path, rest, command == "wait");
    } else {
        throw std::runtime_error("unknown command of the script");
    }
}

std::string Script::client_line(const std::string& arguments) const {
    return "cd '" + folder_.string() + "' && OVERBIAS_SOCKET='" + (folder_ / "state" / "overbias.sock").string() +
           "' exec '" + (programs_ / "overbias").string() + "' " + arguments + " 2>&1";
}

int Script::end_client() {
    said_ = read_all(running_);
    return status_of(::pclose(std::exchange(running_, nullptr)));
}

void Script::finish(int status) {
    const int got = end_client();
    if (got != status) {
        throw std::runtime_error("exit status " + std::to_string(got) + ", expected " + std::to_string(status));
    }
}

void Script::start_daemon(const std::string& arguments, bool must_fail, int status) {
    if (!must_fail) {
        end_daemon(SIGKILL); // one that has to fail may be a second one
    }
    const std::string line = "exec '" + (programs_ / "overbiasd").string() + "' --simulate --state-dir '" +
                             (folder_ / "state").string() + "' " + arguments +
                             (must_fail ? " 2>&1" : " 2>'" + (folder_ / "daemon.log").string() + "'");
    std::array<int, 2> output{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe");
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(output[1], STDOUT_FILENO);
        ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(output[1]);
    std::FILE* const from = ::fdopen(output[0], "r");
    if (must_fail) {
        said_ = read_all(from);
        std::fclose(from);
        int waited = 0;
        ::waitpid(child, &waited, 0);
        if (status_of(waited) != status) {
            throw std::runtime_error("exit status " + std::to_string(status_of(waited)) + ", expected " +
                                     std::to_string(status));
        }
        return;
    }
    daemon_ = child;
    std::array<char, 512> ready{};
    const bool said = std::fgets(ready.data(), ready.size(), from) != nullptr;
    std::fclose(from);
    if (!said || !std::string_view(ready.data()).starts_with("overbiasd: ready, socket ")) {
        std::ifstream log(folder_ / "daemon.log");
        std::stringstream text;
        text << log.rdbuf();
        throw std::runtime_error("the daemon did not become ready: " + text.str());
    }
}

int Script::end_daemon(int signal) {
    if (daemon_ <= 0) {
        return 0;
    }
    watch_.reset();
    ::kill(daemon_, signal);
    int waited = 0;
    ::waitpid(daemon_, &waited, 0);
    daemon_ = -1;
    return status_of(waited);
}

std::string Script::status_member(const std::string& path) {
    if (!watch_) {
        watch_ = std::make_unique<controller::RpcClient>(folder_ / "state" / "overbias.sock");
        watch_->call("subscribe");
    }
    return member(watch_->call("status"), path);
}

void Script::wait_for(const std::string& path, const std::string& value, bool patiently) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (true) {
        const std::string is = status_member(path);
        if (is == value) {
            return;
        }
        if (!patiently || std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error(path + " is " + is);
        }
        watch_->next_notification(std::chrono::seconds(1)); // position is not told: asked again at least every second
    }
}

} // namespace overbias::golden
