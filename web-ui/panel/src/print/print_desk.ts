// SPDX-License-Identifier: Apache-2.0
// Prints as the machine tells them: sessions, reports, what is heard while one runs. All of it is the machine's: another
// browser shows the same.
import { signal } from "@preact/signals";
import { fetch_document, http_call } from "../link/http_call";
import { panel } from "../state/panel";
import { save_file } from "../ui/save_file";
import { report_of, type Report } from "./report";
import { sessions_of, type Session } from "./session";
import type { Value } from "./toml";

export type Tab = "plan" | "run" | "sessions";
export const tab = signal<Tab | null>(null); // chosen; null: what there is to see
export const sessions = signal<Session[] | null>(null);
export const shown = signal<string | null>(null); // the session that is looked at
export const shown_end = signal<string | null>(null); // the job whose end brought it here
export const report = signal<Report | null>(null);
export const report_problem = signal<string | null>(null);
export const problem = signal<string | null>(null);

const words_of = (error: unknown) => (error instanceof Error ? error.message : String(error));

let sessions_asked = 0;
/** The newest question counts: an answer that was overtaken says how it was. */
export async function ask_sessions(): Promise<void> {
  const question = ++sessions_asked;
  try {
    const told = sessions_of(await http_call("print_sessions", {}));
    if (question === sessions_asked) {
      sessions.value = told;
      problem.value = null;
    }
  } catch (error) {
    if (question === sessions_asked) {
      problem.value = words_of(error);
    }
  }
}

let wanted = "";
/** Of a session, or of the job that has just printed a part of one. */
async function fetch_report(id: string): Promise<Report | null> {
  wanted = id;
  report.value = null;
  report_problem.value = null;
  try {
    const told = report_of(await http_call("job_report", { job: id }));
    if (wanted === id) {
      report.value = told;
      return told;
    }
  } catch (error) {
    if (wanted === id) {
      report_problem.value = words_of(error);
    }
  }
  return null;
}
export async function show_session(id: string): Promise<void> {
  shown.value = id;
  shown_end.value = null;
  await fetch_report(id);
}
/** A job that has ended: its report says which session it was of. */
export async function show_end(job: string): Promise<void> {
  const told = await fetch_report(job);
  if (wanted !== job) {
    return; // something else has come to its end, or was begun, meanwhile
  }
  shown_end.value = job;
  if (told !== null && told.session !== "") {
    shown.value = told.session;
  }
}
/** A print that was broken off before there was anything to report: its session tells how to go on. */
export function show_broken_off(session: string): void {
  wanted = "";
  report.value = null;
  report_problem.value = null;
  shown.value = session;
  shown_end.value = session;
}

/** Before anything moves every file is read once more: that takes its time. */
export const starting = signal(false);
async function start(method: "print" | "print_resume", params: object, pressed_ms: number): Promise<void> {
  panel.another_key();
  starting.value = true;
  const begun = await panel.command(method, params, pressed_ms);
  starting.value = false;
  if (begun) {
    wanted = "";
    tab.value = null;
    shown.value = null;
  }
}
export const start_print = (plan: { [key: string]: Value }, pressed_ms: number): Promise<void> => start("print", { plan }, pressed_ms);
export const resume = (session: string, at: { side: string; track: number } | null, pressed_ms: number): Promise<void> =>
  start("print_resume", { session, ...(at === null ? {} : { side: at.side, track: at.track }) }, pressed_ms);
export async function verify(session: string, side: string, pressed_ms: number): Promise<void> {
  panel.another_key();
  if (await panel.command("verify", { print: session, ...(side === "" ? {} : { side }) }, pressed_ms)) {
    tab.value = null;
  }
}
export function confirm(pressed_ms: number): void {
  panel.another_key();
  void panel.command("confirm", undefined, pressed_ms);
}

export type PaperKind = "certificate" | "label_10" | "label_7" | "cue_sheet";
export async function save_paper(session: string, kind: PaperKind, format: "pdf" | "json"): Promise<void> {
  try {
    const told = await fetch_document("document", { session, kind, format });
    save_file(told.name, told.type, told.bytes);
  } catch (error) {
    panel.explain(`The paper could not be fetched: ${words_of(error)}`);
  }
}
