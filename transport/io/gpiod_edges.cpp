// SPDX-License-Identifier: Apache-2.0
// Edges of the input lines: read from all of them whenever one has some, told in order of time, and mended where the
// kernel lost one.
#include "transport/io/gpiod_lines_impl.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>

namespace overbias::transport {

namespace asio = boost::asio;

void GpiodLines::Impl::wait(std::size_t input) {
    inputs[input].readable.async_wait(asio::posix::stream_descriptor::wait_read,
                                      [weak = weak_from_this(), input](const boost::system::error_code& error) {
                                          const auto self = weak.lock();
                                          if (!self || self->closed || error == asio::error::operation_aborted) {
                                              return;
                                          }
                                          if (error) {
                                              self->inputs[input].failed = true;
                                              self->fail(self->inputs[input].where, error.value());
                                              return;
                                          }
                                          self->wake_up();
                                          if (!self->closed && !self->inputs[input].failed) {
                                              self->wait(input);
                                          }
                                      });
}

/// Reads every input, not only the one that woke us, so that edges of different lines are told in order of time.
void GpiodLines::Impl::wake_up() {
    constexpr int kMostRounds = 64; // a line that chatters without end must not hold the thread: Asio calls again
    for (int round = 0; round < kMostRounds && !closed; ++round) {
        for (Input& input : inputs) {
            input.had_edges = false;
        }
        const std::vector<Seen> seen = drain();
        for (const Seen& edge : seen) {
            tell(edge);
            if (closed) {
                return;
            }
        }
        if (seen.empty() || !mend_missed(timeline.now())) {
            return;
        }
    }
}

std::vector<GpiodLines::Impl::Seen> GpiodLines::Impl::drain() {
    constexpr int kMostReads = 16;
    std::vector<Seen> seen;
    std::vector<pollfd> waiting;
    for (int read = 0; read < kMostReads; ++read) {
        waiting.clear();
        for (const Input& input : inputs) {
            waiting.push_back({input.failed ? -1 : input.line->edge_fd(), POLLIN, 0});
        }
        if (::poll(waiting.data(), waiting.size(), 0) <= 0) {
            break;
        }
        for (std::size_t input = 0; input < inputs.size(); ++input) {
            if (waiting[input].revents != 0 && !read_one(input, waiting[input].revents, seen)) {
                inputs[input].failed = true;
            }
        }
    }
    std::stable_sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return a.at < b.at; });
    return seen;
}

bool GpiodLines::Impl::read_one(std::size_t index, short events, std::vector<Seen>& seen) {
    Input& input = inputs[index];
    std::vector<gpiod::Edge> edges;
    const int error = (events & POLLIN) != 0 ? input.line->read_edges(edges) : ENODEV;
    if (error != 0 && error != EAGAIN && error != EINTR) {
        fail(input.where, error);
        return false;
    }
    for (const gpiod::Edge& edge : edges) {
        seen.push_back({index, edge.high != input.config.active_low, timeline.at_monotonic(edge.at)});
    }
    input.had_edges = true;
    return true;
}

/// An edge that changes nothing is told to nobody: the one between was lost, or mended already.
void GpiodLines::Impl::tell(const Seen& edge) {
    Input& input = inputs[edge.input];
    if (input.told == edge.active) {
        return;
    }
    input.told = edge.active;
    last_told = std::max(last_told, edge.at);
    if (const auto callback = listener; callback && *callback) {
        (*callback)({input_id(edge.input), edge.active, last_told});
    }
}

/// The kernel keeps 16 edges of a line (interface v1) and loses the newest: what was told last may not be how the line
/// stands. True when edges have come meanwhile: they go first.
bool GpiodLines::Impl::mend_missed(DeckTime now) {
    for (std::size_t i = 0; i < inputs.size() && !closed; ++i) {
        bool active = false;
        if (!inputs[i].had_edges || inputs[i].failed || !level(i, active) || active == inputs[i].told) {
            continue;
        }
        pollfd more{inputs[i].line->edge_fd(), POLLIN, 0};
        if (::poll(&more, 1, 0) > 0) {
            return true;
        }
        tell({i, active, now});
    }
    return false;
}

} // namespace overbias::transport
