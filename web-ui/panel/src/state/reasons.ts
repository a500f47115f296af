// SPDX-License-Identifier: Apache-2.0
// The fixed words of a report (docs/report.md) as sentences. What is no fixed word is shown as it came.

const SENTENCES: Record<string, string> = {
  not_off_tape: "What came back did not come off tape. Is the monitor on REPRO?",
  no_signal: "Nothing came back from the deck.",
  channel_missing: "One channel did not come back.",
  channels_swapped: "Left and right are swapped.",
  polarity: "One channel came back with its polarity reversed.",
  not_recorded_well: "The tape was not recorded well.",
  level_difference: "The level off tape differs from what was sent.",
  level_droop: "The level drooped during the print.",
  frequency_response: "The frequency response is outside its limits.",
  phase: "The phase between the channels is outside its limits.",
  dropout: "There are drop-outs on the tape.",
  speed_change: "The tape speed changed during the print.",
  unexpected_signal: "Something is on the tape that was not sent.",
  not_proven: "Parts of the print could not be proven.",
};

export function reason_in_words(reason: string | null): string | null {
  return reason === null ? null : (SENTENCES[reason] ?? (/^[a-z_]+$/.test(reason) ? reason.replaceAll("_", " ") : reason));
}
