// SPDX-License-Identifier: Apache-2.0
// Opens the file of a plan: the machine reads it, the page takes it when nothing is lost by it or somebody has said so.
import { signal } from "@preact/signals";
import { fields, text } from "../align/alignment";
import { panel } from "../state/panel";
import type { Draft, More } from "./draft";
import { uploaded } from "./files_desk";
import { draft_of_plan } from "./opened";
import { change, check, draft, track_count } from "./plan_desk";

const MOST_BYTES = 256 * 1024; // a plan is text

export interface OpenedPlan {
  name: string; // of the file
  draft: Draft;
  against: string; // mistakes in it; empty: none
}
export const waiting = signal<OpenedPlan | null>(null); // another plan stands here
export const opened = signal<OpenedPlan | null>(null); // taken
export const open_problem = signal<string | null>(null);

export const is_plan_file = (file: File): boolean => /\.toml$/i.test(file.name);

export function take(plan: OpenedPlan): void {
  waiting.value = null;
  opened.value = plan;
  check.value = null;
  change(() => plan.draft);
}
export function close_notice(): void {
  waiting.value = opened.value = open_problem.value = null;
}

const something_stands_here = () => track_count.peek() > 0 || Object.values(draft.peek().facts).some((each) => each.trim() !== "");

export async function open_plan(file: File): Promise<void> {
  close_notice();
  try {
    if (file.size > MOST_BYTES) {
      throw new Error(`${file.name} is no reel plan: it has ${file.size} bytes, and a plan is a short text`);
    }
    const toml = await file.text();
    const told = fields(await panel.ask("plan_read", { toml, name: file.name })) ?? {};
    const names = new Map(uploaded.peek().map((each) => [`upload:${each.id}`, each.name]));
    const plan = { name: file.name, draft: draft_of_plan((fields(told.plan) ?? {}) as More, (each) => names.get(each) ?? null), against: text(told.against) };
    if (something_stands_here()) {
      waiting.value = plan;
    } else {
      take(plan);
    }
  } catch (error) {
    open_problem.value = error instanceof Error ? error.message : String(error);
  }
}
