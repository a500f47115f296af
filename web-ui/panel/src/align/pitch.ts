// SPDX-License-Identifier: Apache-2.0
// A reading as pitch, for who turns a screw and can't look. A steady tone is the target, a second one the reading: above
// it where the screw has to be turned up, below where down; the further, the wider the interval, to a fifth. Near the
// target the two beat, slower and slower, until they are one. The left track sounds low and on the left, the right track
// an octave higher and on the right, so that one loudspeaker does too. A track that is done is silent. Pure.
import type { StepView, TrackReading } from "./alignment";

export const LOW_HZ = 330;
export const WIDEST = 7; // semitones
const TOLERANCES_AT_WIDEST = 64;

export interface Voice {
  channel: number;
  target_hz: number;
  reading_hz: number;
  side: -1 | 0 | 1; // left, both, right
}

/** Semitones above (up) or below (down) the target; about 1.2 at the edge of the tolerance. */
export function interval(turn: number, tolerance: number | null): number {
  const far = Math.abs(turn) / (tolerance !== null && tolerance > 0 ? tolerance : 1);
  return Math.sign(turn) * Math.min(WIDEST, (WIDEST * Math.log2(1 + far)) / Math.log2(1 + TOLERANCES_AT_WIDEST));
}

function voice_of(track: TrackReading, tolerance: number | null): Voice {
  const target_hz = track.channel >= 2 ? 2 * LOW_HZ : LOW_HZ;
  return {
    channel: track.channel,
    target_hz,
    reading_hz: target_hz * 2 ** (interval(track.turn ?? 0, tolerance) / 12),
    side: track.channel === 1 ? -1 : track.channel === 2 ? 1 : 0,
  };
}

/** What sounds with this view: the tracks that something is to be turned on. */
export function voices(view: StepView | null): Voice[] {
  return (view === null || view.task !== "turn" ? [] : view.tracks).filter((track) => !track.done && track.turn !== null).map((track) => voice_of(track, view?.tolerance ?? null));
}

/** The tracks that are done now and were not before, in the same step: each has earned its two notes. */
export function newly_done(before: StepView | null, now: StepView | null): number[] {
  if (before === null || now === null || before.step_id !== now.step_id || before.round !== now.round || now.task !== "turn") {
    return [];
  }
  return now.tracks.filter((track) => track.done && before.tracks.some((old) => old.channel === track.channel && !old.done)).map((track) => track.channel);
}
