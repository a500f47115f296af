// SPDX-License-Identifier: Apache-2.0
// What a job has told so far, from the machine's log: asked for again every second and a half while somebody looks, so who
// comes late, or comes back, sees all of it.
import { signal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { panel } from "./panel";

export interface Happening {
  seq: number;
  kind: string;
  detail: Record<string, string>;
  counter_m: number | null;
}

const ASK_EVERY_MS = 1500;
const MOST = 500;

export function happenings_of(value: unknown): Happening[] {
  const told = (value as { events?: unknown } | null)?.events;
  return (Array.isArray(told) ? told : []).map((each: Record<string, unknown>) => ({
    seq: Number(each.seq),
    kind: String(each.kind),
    detail: Object.fromEntries(Object.entries((each.detail ?? {}) as object).map(([key, word]) => [key, typeof word === "string" ? word : JSON.stringify(word)])),
    counter_m: typeof each.tape_m === "number" ? each.tape_m : null,
  }));
}

export const happenings: Signal<Happening[]> = signal([]);
let of = "";

/** Of the job with this id; empty: none. */
export function useHappenings(job: string): void {
  const live = panel.live.value;
  useEffect(() => {
    if (job !== of) {
      of = job;
      happenings.value = [];
    }
    if (job === "" || !live) {
      return;
    }
    let asked = false;
    const ask = () => {
      if (asked || document.hidden) {
        return;
      }
      asked = true;
      panel
        .ask("log", { session: job, last: MOST })
        .then(
          (answer) => {
            if (of === job) {
              happenings.value = happenings_of(answer);
            }
          },
          () => undefined, // asked again
        )
        .finally(() => (asked = false));
    };
    ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [job, live]);
}
