// SPDX-License-Identifier: Apache-2.0
#include "clean_hours.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace comparison_test {

namespace {

constexpr unsigned kPrintsOfOne = 5;
constexpr float kSofter = 0.77F;

double number_from(const char* name, double otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtod(text, nullptr);
}

} // namespace

double bound_of_95_percent(int events) {
    const auto chance = [&](double mean) {
        double term = std::exp(-mean);
        double sum = term;
        for (int k = 1; k <= events; ++k) {
            term *= mean / k;
            sum += term;
        }
        return sum;
    };
    double low = 0.0;
    double high = 10.0 + 3.0 * events;
    for (int step = 0; step < 60; ++step) {
        const double middle = 0.5 * (low + high);
        (chance(middle) > 0.05 ? low : high) = middle;
    }
    return high;
}

CleanHours::CleanHours()
    : hours_(number_from("OVERBIAS_SOAK_HOURS", 0.5)), seed_(static_cast<unsigned>(number_from("OVERBIAS_SEED", 1.0))),
      only_(static_cast<unsigned>(number_from("OVERBIAS_SOAK_PRINT", 0.0))), began_(std::chrono::steady_clock::now()) {
    random.seed(seed_);
}

bool CleanHours::next() {
    done_s_ += kTrack_s * static_cast<double>(programmes.size()); // those of the print before
    if (done_s_ >= hours_ * 3600.0 || (only_ > 0 && begun_ >= only_)) {
        return false;
    }
    if (begun_++ % kPrintsOfOne == 0) {
        programme_seed_ = 1 + static_cast<unsigned>(random() % 1000000);
        programmes.clear();
        for (const std::string& name : soak_programme_names()) {
            programmes.push_back(fresh_programme(name, programme_seed_, kTrack_s));
        }
    } else {
        for (Stereo& stereo : programmes) {
            std::for_each(stereo.begin(), stereo.end(), [](float& x) { x *= kSofter; });
        }
    }
    return true;
}

std::string CleanHours::name(std::size_t track) const {
    return "print " + std::to_string(begun_) + ", " + soak_programme_names()[track] + " (programme " +
           std::to_string(programme_seed_) + ", made softer " + std::to_string((begun_ - 1) % kPrintsOfOne) + " times)";
}

void CleanHours::tell(int alarms) {
    if (done_h() >= told_h_ + hours_ / 20.0) {
        told_h_ = done_h();
        const double took_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
        std::printf("%.2f of %.2f hours, %d alarms, %.0f s so far\n", done_h(), hours_, alarms, took_s);
        std::fflush(stdout);
    }
}

std::string CleanHours::summary(int alarms, const std::string& what) const {
    char text[200];
    std::snprintf(text, sizeof text, "seed %u: %.2f hours of clean tape, %d %s; 95 %% bound: fewer than %.3f an hour",
                  seed_, done_h(), alarms, what.c_str(), bound_of_95_percent(alarms) / done_h());
    return text;
}

} // namespace comparison_test
