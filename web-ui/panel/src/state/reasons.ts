// SPDX-License-Identifier: Apache-2.0
// The fixed words of a report (docs/report.md) as sentences. What is no fixed word is shown as it came.

const SENTENCES: Record<string, string> = {
  not_off_tape: "What came back did not come off tape. Is the monitor on REPRO?",
  bias_failure: "The bias monitor ended the print.",
  no_signal: "Nothing came back from the deck.",
  channel_missing: "One channel did not come back.",
  missing: "Some of the programme is not on the tape.",
  channels_swapped: "Left and right are swapped.",
  polarity: "One channel came back with its polarity reversed.",
  not_recorded_well: "The tape was not recorded well.",
  level_difference: "The level off tape differs from what was sent.",
  level_droop: "The level drooped during the print.",
  frequency_response: "The frequency response is outside its limits.",
  phase: "The phase between the channels is outside its limits.",
  azimuth: "Azimuth is outside its limits.",
  dropout: "There are drop-outs on the tape.",
  speed_change: "The tape speed changed during the print.",
  wow: "The wow is outside its limits.",
  unexpected_signal: "Something is on the tape that was not sent.",
  noise: "The noise rose during the print.",
  not_proven: "Parts of the print could not be proven.",
};

/** Whether a job that has ended left a report: one that was refused, or broken off before it began, has none. */
export const has_report = (end: { verdict: string; report_path: string | null }): boolean => end.report_path !== null || end.verdict === "pass" || end.verdict === "fail";

export function reason_in_words(reason: string | null): string | null {
  return reason === null ? null : (SENTENCES[reason] ?? (/^[a-z_]+$/.test(reason) ? reason.replaceAll("_", " ") : reason));
}
