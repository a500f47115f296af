// SPDX-License-Identifier: Apache-2.0
// Alignments as the machine tells them, as signals, and what an operator says to the one that runs. Nothing is kept here
// that the machine does not know: a reload, or another browser, shows the same.
import { computed, effect, signal } from "@preact/signals";
import { fetch_document, type Document } from "../link/http_call";
import { panel } from "../state/panel";
import { fields, list, offer_of, record_of, running_of, stored_of, value_of, type AlignmentRecord, type Offer, type Running, type Stored, type Value } from "./alignment";

export type Says = "accept" | "skip" | "back" | "abort";
export interface Begin {
  procedure: string;
  guided: boolean;
  stock?: string;
  batch?: string;
  operator?: string;
  calibration_tape?: string;
  anew?: boolean;
  print_through?: boolean; // of a proof
}

export const running = computed(() => running_of(panel.alignment.value));
export const values = signal<Value[]>([]); // of the running alignment's record, else of the one that ended last
export const ended = signal<Running | null>(null); // the one that ended last, while this page was open
export const offer = signal<Offer | null>(null);
export const stored = signal<Stored[] | null>(null);
export const problem = signal<string | null>(null); // why something could not be told

let values_of = ""; // record

async function tell<T>(method: string, params: object | undefined, read: (answer: unknown) => T): Promise<T | null> {
  try {
    const answer = read(await panel.ask(method, params));
    problem.value = null;
    return answer;
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error);
    return null;
  }
}

export async function ask_offer(): Promise<void> {
  offer.value = (await tell("align_procedures", undefined, offer_of)) ?? offer.peek();
}
export async function ask_stored(): Promise<void> {
  stored.value = (await tell("alignments", undefined, stored_of)) ?? stored.peek();
}
export const ask_record = (uuid: string): Promise<AlignmentRecord | null> => tell("alignment_record", { uuid }, record_of);

export type Form = "pdf" | "csv" | "json";
/** By a request of its own: a page may be larger than what waits beside the readings on the socket. */
export async function ask_document(uuid: string, form: Form, against?: string): Promise<Document | null> {
  try {
    const told = await fetch_document("alignment_document", { uuid, form, ...(against === undefined ? {} : { against }) });
    problem.value = null;
    return told;
  } catch (error) {
    problem.value = `The file could not be fetched: ${error instanceof Error ? error.message : String(error)}`;
    return null;
  }
}

async function ask_values(record: string): Promise<void> {
  const told = await tell("alignment", undefined, (answer) => (answer === null ? null : record_of(answer)));
  if (told !== null && told.uuid === record) {
    values.value = told.values;
  }
}

async function ask_ended(record: string): Promise<void> {
  const told = await ask_record(record);
  if (told !== null && values_of === record) {
    values.value = told.values;
  }
}

export function begin(what: Begin, pressed_ms: number): Promise<boolean> {
  panel.another_key();
  return panel.command("align", what, pressed_ms);
}

export function say(says: Says, pressed_ms: number, value?: number): void {
  panel.another_key();
  const step_id = running.peek()?.view?.step_id;
  void panel.command("align_say", { says, ...(value === undefined ? {} : { value }), ...(step_id === undefined ? {} : { step_id }) }, pressed_ms);
}

panel.on_told((method, params) => {
  const given = method === "alignment_accepted" ? fields(params) : null;
  if (given !== null && given.record === values_of) {
    values.value = [...values.peek(), ...list(given.values).map(value_of)];
  }
});

let before: Running | null = null;
effect(() => {
  const now = running.value;
  if (now === null) {
    if (before !== null && panel.live.value) {
      ended.value = before;
      void ask_ended(before.record);
      before = null;
    }
    return;
  }
  if (before?.record !== now.record) {
    values_of = now.record;
    values.value = [];
    ended.value = null;
    void ask_values(now.record);
  }
  before = now;
});
