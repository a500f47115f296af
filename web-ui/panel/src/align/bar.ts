// SPDX-License-Identifier: Apache-2.0
// The bar below a reading: target in its middle, tolerance to both sides, a needle. Its span goes in steps, and comes
// back later than it went out, so that it does not jump about under the needle. Pure.
export interface Bar {
  span: number; // from the middle to either end, in the unit of the reading
  needle: number; // -1 to 1
  over: boolean; // the reading lies beyond the end
  tolerance: number; // 0 to 1: half the width of what is good
}

const LEAST_TOLERANCES = 4; // the span is never narrower
const STEPS = [1, 2, 5];
const COMES_BACK_BELOW = 0.35; // of the span

/** The next of 1, 2, 5, 10 ... that is at least `value`. */
export function round_up(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  const step = STEPS.find((each) => each * decade >= value * (1 - 1e-9));
  return step === undefined ? 10 * decade : step * decade;
}

/** `before`: the span it had with the reading before; null at first. */
export function bar_of(reading: number, target: number, tolerance: number | null, before: number | null): Bar {
  const away = Math.abs(reading - target);
  const least = round_up(tolerance !== null && tolerance > 0 ? LEAST_TOLERANCES * tolerance : 1);
  let span = Math.max(least, before ?? 0);
  if (away > span || away < COMES_BACK_BELOW * span) {
    span = Math.max(least, away > 0 ? round_up(1.25 * away) : least);
  }
  const place = (reading - target) / span;
  return {
    span,
    needle: Math.min(1, Math.max(-1, place)),
    over: Math.abs(place) > 1,
    tolerance: tolerance === null ? 0 : Math.min(1, tolerance / span),
  };
}
