// SPDX-License-Identifier: Apache-2.0
// A side of a plan with its tracks.
import { useState } from "preact/hooks";
import type { Check } from "./check";
import { with_side_change, without_side, type Draft, type DraftSide } from "./draft";
import { LengthField, NumberField, Switch, WordField } from "./fields";
import { unit_of } from "./plan";
import { change } from "./plan_desk";
import { TrackRow } from "./track_row";

export function SideCard({ draft, side, index, told, choose, chosen }: { draft: Draft; side: DraftSide; index: number; told: Check | null; choose: () => void; chosen: boolean }) {
  const [open, set_open] = useState(false);
  const set = (to: Partial<DraftSide>) => change((now) => with_side_change(now, side.key, to));
  const gap = draft.facts.gap ? `${draft.facts.gap} ${unit_of(draft, "gap")}` : "the reel's";
  const many = draft.sides.length > 1;
  return (
    <section class={`side-card ${many && chosen ? "chosen" : ""}`} aria-label={`Side ${side.name}`} data-side={side.key}>
      <header>
        <h3>Side {side.name || index + 1}</h3>
        <span class="side-count">{side.tracks.length === 1 ? "1 track" : `${side.tracks.length} tracks`}</span>
        {many && (
          <button type="button" class="small-key" aria-pressed={chosen} onClick={choose}>
            {chosen ? "FILES COME HERE" : "FILES HERE"}
          </button>
        )}
        <button type="button" class="small-key" aria-expanded={open} onClick={() => set_open(!open)}>
          SIDE ...
        </button>
      </header>
      {open && (
        <div class="side-more">
          <div class="fields">
            <WordField id={`side-${side.key}-name`} label="Name" value={side.name} set={(name) => set({ name })} />
            <NumberField id={`side-${side.key}-start`} label="Slate begins at" unit="m" value={side.start_m} other="where it fits" set={(start_m) => set({ start_m })} />
          </div>
          {index > 0 && !side.new_tape && <LengthField id={`side-${side.key}-gap`} label="Gap to the side before" value={side.gap} other="10 s" unit={side.gap_unit} set={(text) => set({ gap: text })} set_unit={(gap_unit) => set({ gap_unit })} />}
          {index > 0 && <Switch id={`side-${side.key}-tape`} label="On another reel than the side before" on={side.new_tape} set={(new_tape) => set({ new_tape })} />}
          {many && (
            <button type="button" class="small-key" onClick={() => change((now) => without_side(now, side.key))}>
              REMOVE SIDE, KEEP ITS TRACKS
            </button>
          )}
        </div>
      )}
      <ol class="tracks">
        {side.tracks.map((track, at) => (
          <TrackRow key={track.key} track={track} number={at + 1} gap={gap} told={told?.sides.find((each) => each.name === side.name)?.tracks[at] ?? null} />
        ))}
      </ol>
      <p class="side-end" data-side-end="">
        {side.tracks.length === 0 ? "No track yet: choose files below, or drop them here." : ""}
      </p>
    </section>
  );
}
