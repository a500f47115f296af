// SPDX-License-Identifier: Apache-2.0
// Asks the machine about its bias while somebody looks: every second, and for the lines of the plots every ten.
import { signal } from "@preact/signals";
import { fields, list, text } from "../align/alignment";
import { panel } from "../state/panel";
import { bias_of, with_history, type Bias } from "./bias";

const LINES_EVERY_MS = 10_000;
const HOLDS_MS = 3000;

export const bias = signal<Bias | null>(null);
export const bias_stale = signal(true);
export const problem = signal<string | null>(null);
export const set_up_words = signal<string[]>([]); // what came of the last "take as set-up"

let asked = false;
let answered_ms = Number.NEGATIVE_INFINITY;
let lines_ms = Number.NEGATIVE_INFINITY;

/** One question at a time. */
export async function ask_bias(): Promise<void> {
  const now_ms = performance.now();
  bias_stale.value ||= !panel.live.value || now_ms - answered_ms > HOLDS_MS;
  if (!panel.live.value || asked) {
    return;
  }
  asked = true;
  const lines = now_ms - lines_ms >= LINES_EVERY_MS;
  try {
    const told = bias_of(await panel.ask("bias", lines ? undefined : { history: false }));
    answered_ms = performance.now();
    if (lines) {
      lines_ms = now_ms;
    }
    bias.value = told === null || lines ? told : with_history(told, bias.peek());
    bias_stale.value = told === null;
    problem.value = null;
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error);
  } finally {
    asked = false;
  }
}

/** `track` null: every track. The machine says what it took and what not. */
export async function take_as_set_up(track: number | null, pressed_ms: number): Promise<void> {
  set_up_words.value = [];
  const answer = fields(await panel.order("bias_set_up", track === null ? undefined : { track }, pressed_ms));
  if (answer === null) {
    return; // the machine's refusal is shown where all are
  }
  const stored = list(answer.stored).map((each) => text(fields(each)?.name));
  const left_out = list(answer.not_stored).map((each) => `${text(fields(each)?.name)}, ${text(fields(each)?.place)}: ${text(fields(each)?.why)}`);
  set_up_words.value = [`Taken as set-up: ${stored.length} ${stored.length === 1 ? "value" : "values"}.`, ...left_out.map((words) => `Not taken: ${words}`)];
  void ask_bias();
}
