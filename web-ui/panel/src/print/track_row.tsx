// SPDX-License-Identifier: Apache-2.0
// A track of a plan: its handle (drag it, or up and down keys), number, title; behind it what else is to be said of it.
import { useState } from "preact/hooks";
import { duration_text } from "../state/format";
import type { CheckedTrack } from "./check";
import { moved, put_track, with_track, type DraftTrack } from "./draft";
import { LengthField, NumberField, WordField } from "./fields";
import { change } from "./plan_desk";
import { reorder, take_out } from "./row_focus";

/** While a finger or the pointer holds the handle, the track follows it over the rows of all sides. */
function follow(event: PointerEvent, key: number): void {
  const handle = event.currentTarget as HTMLElement;
  if (event.button !== 0) {
    return;
  }
  event.preventDefault();
  handle.focus();
  const move = (at: PointerEvent) => {
    const row = document.elementFromPoint(at.clientX, at.clientY)?.closest<HTMLElement>("[data-track], [data-side-end]");
    if (row === null || row === undefined || Number(row.dataset.track) === key) {
      return;
    }
    const side = Number(row.closest<HTMLElement>("[data-side]")?.dataset.side);
    if (row.dataset.sideEnd !== undefined) {
      reorder(key, false, (draft) => put_track(draft, key, side, null));
      return;
    }
    const box = row.getBoundingClientRect();
    const below = at.clientY > box.top + box.height / 2;
    const next = row.nextElementSibling instanceof HTMLElement ? Number(row.nextElementSibling.dataset.track) : Number.NaN;
    reorder(key, false, (draft) => put_track(draft, key, side, below ? (Number.isNaN(next) ? null : next) : Number(row.dataset.track)));
  };
  const end = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
}

export function TrackRow({ track, number, gap, told }: { track: DraftTrack; number: number; gap: string; told: CheckedTrack | null }) {
  const [open, set_open] = useState(false);
  const set = (to: Partial<DraftTrack>) => change((draft) => with_track(draft, track.key, to));
  const id = `track-${track.key}`;
  const name = track.title || track.shown;
  const move = (by: -1 | 1) => reorder(track.key, true, (draft) => moved(draft, track.key, by));
  return (
    <li class={`track-row ${open ? "open" : ""} ${told?.refused ? "refused" : told?.warned ? "warned" : ""}`} data-track={track.key}>
      <div class="track-line">
        <button
          type="button"
          class="handle"
          id={`${id}-handle`}
          aria-label={`Track ${number}, ${name}: move with the up and down keys, or drag`}
          onPointerDown={(event) => follow(event, track.key)}
          onKeyDown={(event) => {
            if (event.key === "ArrowUp" || event.key === "ArrowDown") {
              event.preventDefault();
              move(event.key === "ArrowUp" ? -1 : 1);
            }
          }}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M5 6h14v2.4H5zM5 10.8h14v2.4H5zM5 15.6h14V18H5z" />
          </svg>
        </button>
        <span class="track-number">{number}</span>
        <button type="button" class="track-name" aria-expanded={open} aria-controls={`${id}-more`} id={`${id}-open`} onClick={() => set_open(!open)}>
          <b>{name}</b>
          <span>{[track.artist, track.title === "" || track.shown === track.title ? "" : track.shown].filter((words) => words !== "").join(" \u00b7 ")}</span>
        </button>
        <span class="track-time">{told?.duration_s == null ? "" : duration_text(told.duration_s)}</span>
      </div>
      {open && (
        <div class="track-more" id={`${id}-more`}>
          <div class="fields">
            <WordField id={`${id}-title`} label="Title" value={track.title} other={track.shown} set={(title) => set({ title })} />
            <WordField id={`${id}-artist`} label="Artist" value={track.artist} other="the reel's" set={(artist) => set({ artist })} />
            <LengthField id={`${id}-gap`} label="Gap before it" value={track.gap} other={gap} unit={track.gap_unit} set={(text) => set({ gap: text })} set_unit={(gap_unit) => set({ gap_unit })} />
            <NumberField id={`${id}-trim`} label="Trim" unit="dB" value={track.trim_db} other="0" set={(trim_db) => set({ trim_db })} />
            <WordField id={`${id}-version`} label="Version" value={track.version} set={(version) => set({ version })} />
            <WordField id={`${id}-isrc`} label="ISRC" value={track.isrc} set={(isrc) => set({ isrc })} />
          </div>
          <p class="track-file">
            File <code>{track.file.startsWith("upload:") ? `${track.shown} (uploaded)` : track.file}</code>
          </p>
          <p class="end-keys">
            <button type="button" class="small-key" id={`${id}-up`} onClick={() => move(-1)}>
              UP
            </button>
            <button type="button" class="small-key" id={`${id}-down`} onClick={() => move(1)}>
              DOWN
            </button>
            <button type="button" class="small-key" id={`${id}-out`} onClick={() => take_out(track.key)}>
              TAKE OUT
            </button>
          </p>
        </div>
      )}
    </li>
  );
}
