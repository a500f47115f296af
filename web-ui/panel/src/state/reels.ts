// SPDX-License-Identifier: Apache-2.0
// What the reels tell (the command reels), in the words of a log.
import { duration_text } from "./format";

export interface ReelSide {
  radius_m: number | null;
  tension_n: number | null;
}
export interface Reels {
  remaining_m: number;
  remaining_s: number | null;
  remaining_by: string;
  supply: ReelSide | null;
  take_up: ReelSide | null;
  warning: string | null;
}

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields | null => (typeof value === "object" && value !== null ? (value as Fields) : null);
const number = (value: unknown) => (typeof value === "number" ? value : null);

function side_of(value: unknown): ReelSide | null {
  const given = fields(value);
  return given === null ? null : { radius_m: number(given.radius_m), tension_n: number(given.tension_n) };
}

export function reels_of(value: unknown): Reels | null {
  const given = fields(value);
  return typeof given?.remaining_m !== "number"
    ? null
    : {
        remaining_m: given.remaining_m,
        remaining_s: number(given.remaining_s),
        remaining_by: typeof given.remaining_by === "string" ? given.remaining_by : "",
        supply: side_of(given.supply),
        take_up: side_of(given.take_up),
        warning: typeof given.warning === "string" ? given.warning : null,
      };
}

export function remaining_text(reels: Reels): string {
  const metres = `${reels.remaining_m.toFixed(reels.remaining_m < 10 ? 1 : 0)} m`;
  return reels.remaining_s === null ? metres : `${duration_text(reels.remaining_s)} (${metres})`;
}

/** "98 mm, 0.85 N"; null when this side tells nothing. */
export function side_text(side: ReelSide | null): string | null {
  const words = [
    side?.radius_m == null ? "" : `${(side.radius_m * 1000).toFixed(0)} mm`,
    side?.tension_n == null ? "" : `${side.tension_n.toFixed(2)} N`,
  ].filter((word) => word !== "");
  return words.length === 0 ? null : words.join(", ");
}
