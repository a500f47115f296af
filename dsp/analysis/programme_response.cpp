// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/frequency_response.hpp"
#include "dsp/analysis/third_octave.hpp"
#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::dsp {
namespace {

constexpr double kWindowSpread = 1.5; // bins that a Hann window makes one piece of
constexpr std::size_t kShorter = 8;
constexpr double kShortFrom_hz = 1800.0;

struct Bin {
    std::complex<double> cross;
    double reference = 0.0, capture = 0.0;
};

} // namespace

/// Sums over frames of one length.
struct ProgrammeResponse::Sums {
    explicit Sums(std::size_t frame_size) : size(frame_size), bins(frame_size / 2 + 1) {}

    /// delay: of y against x in samples, taken out
    void add(std::span<const std::complex<float>> x, std::span<const std::complex<float>> y, double delay) {
        const std::complex<double> turn = std::polar(1.0, 2.0 * std::numbers::pi * delay / static_cast<double>(size));
        std::complex<double> now{1.0, 0.0};
        for (std::size_t k = 0; k < bins.size(); ++k) {
            const std::complex<double> a(x[k]), b(y[k]);
            bins[k].cross += std::conj(a) * b * now;
            bins[k].reference += std::norm(a);
            bins[k].capture += std::norm(b);
            now *= turn;
        }
        frames += 1.0;
    }

    /// Bins from low to high; their own phases are not alike (a chain's group delay is no constant), so that each one's
    /// cross spectrum counts by its size.
    [[nodiscard]] bool band(double low_hz, double high_hz, double rate_hz, ResponsePoint& point) const {
        const double per_hz = static_cast<double>(size) / rate_hz;
        double cross = 0.0, cross_square = 0.0, x = 0.0, both = 0.0, count = 0.0;
        for (auto k = static_cast<std::size_t>(std::ceil(low_hz * per_hz));
             k < bins.size() && static_cast<double>(k) < high_hz * per_hz; ++k) {
            cross += std::abs(bins[k].cross);
            x += bins[k].reference;
            cross_square += std::norm(bins[k].cross);
            both += bins[k].reference * bins[k].capture;
            count += 1.0;
        }
        if (!(x > 0.0) || !(both > 0.0)) {
            return false;
        }
        point.level_db = 20.0 * std::log10(std::max(cross / x, 1e-12));
        point.coherence = std::min(1.0, cross_square / both);
        const double pieces = std::max(1.0, 0.5 * frames * std::max(1.0, count / kWindowSpread));
        const double relative = std::sqrt((1.0 - point.coherence) / (2.0 * pieces * std::max(point.coherence, 1e-6)));
        point.error_db = 20.0 / std::numbers::ln10 * relative;
        return true;
    }

    std::size_t size;
    std::vector<Bin> bins;
    double frames = 0.0;
};

ProgrammeResponse::ProgrammeResponse(double rate_hz, double lowest_hz, double highest_hz)
    : rate_hz_(rate_hz), lowest_hz_(lowest_hz), highest_hz_(highest_hz), follower_(rate_hz, 400.0, 6000.0),
      short_fft_(follower_.size() / kShorter), short_window_(hann_window(short_fft_.size())), time_(short_fft_.size()),
      x_(short_fft_.bins()), y_(short_fft_.bins()) {
}

void ProgrammeResponse::transform(std::span<const float> samples, std::size_t at, std::span<std::complex<float>> bins) {
    for (std::size_t n = 0; n < time_.size(); ++n) {
        time_[n] = samples[at + n] * short_window_[n];
    }
    short_fft_.forward(time_, bins);
}

/// From the middle of one frame to that of the next, in short frames; the lag goes on a straight line between theirs.
void ProgrammeResponse::add_short(std::span<const float> reference, std::span<const float> capture, Place from,
                                  Place to, Sums& sums) {
    const double slope = (to.lag - from.lag) / (to.middle - from.middle);
    const double half = 0.5 * static_cast<double>(time_.size());
    for (double middle = from.middle; middle < to.middle; middle += half) {
        const double lag = from.lag + slope * (middle - from.middle);
        const double whole = std::round(lag);
        const double place = middle - half + whole;
        if (place < 0.0 || place + 2.0 * half > static_cast<double>(capture.size())) {
            continue;
        }
        transform(reference, static_cast<std::size_t>(middle - half), x_);
        transform(capture, static_cast<std::size_t>(place), y_);
        sums.add(x_, y_, lag - whole);
    }
}

std::vector<ResponsePoint> ProgrammeResponse::measure(std::span<const float> reference, std::span<const float> capture,
                                                      double lag, double reach) {
    Sums whole(follower_.size()), parts(time_.size());
    Place last;
    follower_.begin(reference, capture, lag, reach);
    while (follower_.next()) {
        whole.add(follower_.reference_bins(), follower_.capture_bins(), follower_.delay());
        const auto at = static_cast<double>(follower_.at());
        const Place now{at + 0.5 * static_cast<double>(follower_.size()),
                        static_cast<double>(follower_.there()) - at + follower_.delay()};
        if (whole.frames > 1.0 && now.middle - last.middle < 1.5 * static_cast<double>(follower_.hop()) &&
            std::abs(now.lag - last.lag) < 0.02 * static_cast<double>(follower_.hop())) {
            add_short(reference, capture, last, now, parts);
        }
        last = now;
    }
    used_share_ = std::min(1.0, whole.frames * static_cast<double>(follower_.hop()) /
                                    static_cast<double>(std::max<std::size_t>(1, reference.size())));
    std::vector<ResponsePoint> points;
    const int first = static_cast<int>(std::lround(10.0 * std::log10(lowest_hz_ / 1000.0)));
    const int final = static_cast<int>(std::lround(10.0 * std::log10(highest_hz_ / 1000.0)));
    for (int n = first; n <= final; ++n) {
        const double low = 1000.0 * std::pow(10.0, (n - 0.5) / 10.0), high = 1000.0 * std::pow(10.0, (n + 0.5) / 10.0);
        ResponsePoint point;
        point.frequency_hz = third_octave_nominal_hz(n);
        if ((low > kShortFrom_hz ? parts : whole).band(low, high, rate_hz_, point)) {
            points.push_back(point);
        }
    }
    return points;
}

} // namespace overbias::dsp
