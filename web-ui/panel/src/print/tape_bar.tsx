// SPDX-License-Identifier: Apache-2.0
// The tape of each reel from end to end, and what lies on it: slate, tracks, what is free. In words beside it.
import { duration_text } from "../state/format";
import type { Check, CheckedSide } from "./check";

interface Stretch {
  from_m: number;
  to_m: number;
  kind: "slate" | "track" | "over";
  odd: boolean;
}

function stretches(side: CheckedSide, reach_m: number): Stretch[] {
  const first_m = side.tracks[0]?.start_m ?? side.end_m;
  const told: Stretch[] = [{ from_m: side.start_m, to_m: first_m, kind: "slate", odd: false }];
  side.tracks.forEach((track, at) => told.push({ from_m: track.start_m, to_m: track.end_m, kind: track.end_m > reach_m ? "over" : "track", odd: at % 2 === 1 }));
  return told.filter(({ from_m, to_m }) => to_m > from_m);
}

export function TapeBar({ told, length_m }: { told: Check; length_m: number }) {
  const reels = [...new Set(told.sides.map((side) => side.reel))];
  return (
    <div class="reels">
      {reels.map((reel) => {
        const sides = told.sides.filter((side) => side.reel === reel);
        const most_m = Math.max(length_m, ...sides.map((side) => side.end_m));
        const reach_m = Math.min(...sides.map((side) => side.end_m + (side.left_m ?? 0))); // where the spare begins
        const percent = (metres: number) => (100 * metres) / Math.max(most_m, 1e-9);
        return (
          <figure key={reel} class="reel">
            <figcaption>
              <b>{reels.length > 1 ? `Reel ${reel}` : "Tape"}</b>
              {sides.map((side) => (
                <span key={side.name} class={side.left_s !== null && side.left_s < 0 ? "over" : ""}>
                  Side {side.name}:{" "}
                  {side.duration_s === null || side.left_s === null
                    ? "files are missing"
                    : `${duration_text(side.duration_s)}, ends at ${side.end_m.toFixed(0)} m, ${side.left_s < 0 ? `${duration_text(-side.left_s)} too long` : `${duration_text(side.left_s)} left`}`}
                </span>
              ))}
            </figcaption>
            <svg class="tape" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect class="tape-whole" x="0" y="0" width={percent(length_m)} height="10" />
              {sides.flatMap((side) =>
                stretches(side, reach_m).map(({ from_m, to_m, kind, odd }) => (
                  <rect key={`${side.name} ${from_m}`} class={`tape-${kind} ${odd ? "odd" : ""}`} x={percent(from_m)} y="0" width={Math.max(0.2, percent(to_m - from_m))} height="10" />
                )),
              )}
              {length_m > 0 && <rect class="tape-end" x={percent(reach_m)} y="0" width="0.35" height="10" />}
            </svg>
            <p class="tape-ends" aria-hidden="true">
              <span>0 m</span>
              <span>{most_m.toFixed(0)} m</span>
            </p>
          </figure>
        );
      })}
    </div>
  );
}
