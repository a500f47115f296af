// SPDX-License-Identifier: Apache-2.0
// PrintJob's inside. Parts: print_job.cpp (the steps of a print, from the start to the verdict),
// print_job_listening.cpp (what is heard and counted on the way). Private to mastering/. Thread: the timeline's.
#pragma once

#include "audio/tape_return.hpp"
#include "mastering/print_job.hpp"
#include "mastering/print_report.hpp"
#include "mastering/programme_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

class PrintJob final : public transport::Job {
  public:
    PrintJob(PrintContext context, PrintPlan plan)
        : context_(std::move(context)), plan_(std::move(plan)), stream_(plan_, context_.installation),
          samples_(kDrainFrames * 2), floats_(kDrainFrames * 2) {
        progress_.phase = "ready";
    }

    [[nodiscard]] std::string name() const override { return "print"; }
    [[nodiscard]] transport::JobProgress progress() const override { return progress_; }
    Task<transport::JobOutcome> run() override;
    [[nodiscard]] bool concern(const transport::Concern& concern) override;

  private:
    static constexpr std::size_t kDrainFrames = 4800; ///< at a time

    Task<void> go_to_start();
    Task<void> start_recording();
    Task<void> play_programme();
    Task<void> finish_on_tape();
    Task<void> wait_for(transport::Motion motion, double timeout_s, std::string what);

    void fill_queue();
    void drop_old_frames();
    void drain();
    void take_xruns();
    void tell_proven();
    void add_sections();
    void refuse_if(const transport::CommandResult& answer, const std::string& what) const;
    [[noreturn]] void fault(const std::string& what);
    void set_phase(std::string phase, double done_s);
    [[nodiscard]] double tape_s(std::int64_t played_frame) const;
    [[nodiscard]] double counter_at(std::int64_t played_frame) const;
    [[nodiscard]] CounterPlaces track_places() const;
    transport::JobOutcome judge();

    PrintContext context_;
    PrintPlan plan_;
    ProgrammeStream stream_;
    std::unique_ptr<OffTapeComparison> comparison_; ///< from the deck at rest on; before that, frames are thrown away
    std::optional<audio::TapeReturn> return_;       ///< as long as the comparison
    std::vector<std::int32_t> samples_;
    std::vector<float> floats_;
    std::vector<PrintXrun> xruns_;
    std::vector<PrintConcern> concerns_;
    std::string stopped_by_; ///< words of the concern that ends it; empty: none does
    transport::JobProgress progress_;
    std::int64_t played_from_ = -1; ///< playback frame of the plan's frame 0
    std::int64_t played_to_ = 0;    ///< playback frames seen so far
    std::size_t section_now_ = 0;
    std::uint64_t dropouts_told_ = 0;
    std::optional<DeckTime> card_lost_;
    DeckTime proven_told_{};
    std::int64_t proven_to_ = 0; ///< playback frame
    double slate_counter_m_ = 0;
    std::vector<double> section_counter_m_; ///< where each began, by the counter
    double counter_uncertainty_m_ = 0;
};

} // namespace overbias::mastering
