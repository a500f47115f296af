// SPDX-License-Identifier: Apache-2.0
// The focus goes with a track: a row that comes to another side is made anew there, and without the focus Space and Enter
// would be the machine's.
import { useLayoutEffect } from "preact/hooks";
import { without_track, type Draft } from "./draft";
import { change, draft } from "./plan_desk";

let next: { id: string; scroll: boolean } | null = null;
const handle_of = (key: number) => `track-${key}-handle`;

function focus_next(): void {
  if (next !== null) {
    document.getElementById(next.id)?.focus({ preventScroll: !next.scroll });
    next = null;
  }
}
/** In what draws all rows: as soon as they stand anew. */
export const useRowFocus = () => useLayoutEffect(focus_next);

function change_and_focus(id: string, scroll: boolean, how: (draft: Draft) => Draft): void {
  const before = draft.peek();
  next = { id, scroll };
  change(how);
  if (draft.peek() === before) {
    focus_next(); // nothing is drawn anew
  }
}

/** `scroll`: to where it stands then. */
export const reorder = (key: number, scroll: boolean, how: (draft: Draft) => Draft): void => change_and_focus(handle_of(key), scroll, how);

/** The row below takes its place, and the focus; else the one above, else the key of the files. */
export function take_out(key: number): void {
  const rows = draft.peek().sides.flatMap(({ tracks }) => tracks);
  const at = rows.findIndex((each) => each.key === key);
  const other = rows[at + 1] ?? rows[at - 1];
  change_and_focus(other === undefined ? "choose-files" : handle_of(other.key), true, (now) => without_track(now, key));
}
