// SPDX-License-Identifier: Apache-2.0
#include "mastering/off_tape_comparison.hpp"

#include "mastering/comparison/print_judge.hpp"

#include <stdexcept>

namespace overbias::mastering {

struct OffTapeComparison::Impl {
    explicit Impl(const ComparisonConfig& config) : judge(config) {}
    PrintJudge judge;
};

OffTapeComparison::OffTapeComparison(ComparisonConfig config) {
    if (!(config.sample_rate_hz >= 32000.0 && config.sample_rate_hz <= 192000.0)) {
        throw std::invalid_argument("off-tape comparison: expected a sample rate of 32 to 192 kHz, got " +
                                    std::to_string(config.sample_rate_hz) + " Hz");
    }
    const bool distance = config.mode == ComparisonMode::Replay || config.record_to_reproduce_m > 0.0;
    if (!(distance && config.tape_speed_ips > 0.0)) {
        throw std::invalid_argument("off-tape comparison: the deck profile must give record_to_reproduce (got " +
                                    std::to_string(config.record_to_reproduce_m) + " m) and a tape speed (got " +
                                    std::to_string(config.tape_speed_ips) + " in/s)");
    }
    impl_ = std::make_unique<Impl>(config);
}
OffTapeComparison::~OffTapeComparison() = default;

std::size_t OffTapeComparison::add_section(SectionKind kind, std::string name, std::int64_t first_frame,
                                           std::int64_t frames) {
    return impl_->judge.add_section(kind, std::move(name), first_frame, frames);
}
void OffTapeComparison::set_clocks(ClockPoint reference, ClockPoint tape_return) {
    impl_->judge.set_clocks(reference, tape_return);
}
void OffTapeComparison::push_reference(std::int64_t first_frame, std::span<const float> interleaved) {
    impl_->judge.push_reference(first_frame, interleaved);
}
void OffTapeComparison::push_return(std::int64_t first_frame, std::span<const float> interleaved) {
    impl_->judge.push_return(first_frame, interleaved);
}
void OffTapeComparison::mark_not_proven(std::int64_t first_reference_frame, std::int64_t frames, std::string reason) {
    impl_->judge.exclude(first_reference_frame, frames, std::move(reason));
}
LiveComparison OffTapeComparison::live() const {
    return impl_->judge.live();
}
ComparisonResult OffTapeComparison::so_far() const {
    return impl_->judge.so_far();
}
ComparisonResult OffTapeComparison::finish() {
    return impl_->judge.finish();
}

} // namespace overbias::mastering
