// SPDX-License-Identifier: Apache-2.0
// The transfer that runs, and the last one, as the machine tells them: every browser shows the same.
import { effect, signal } from "@preact/signals";
import { fields } from "../align/alignment";
import { http_call } from "../link/http_call";
import { panel } from "../state/panel";
import { done_of, NO_WISH, running_of, type Done, type Running, type Wish } from "./transfer";

export const running = signal<Running | null>(null);
export const done = signal<Done | null>(null); // the last one
export const done_problem = signal<string | null>(null);
export const wish = signal<Wish>(NO_WISH);

export async function begin(params: object, pressed_ms: number): Promise<void> {
  panel.another_key();
  if (await panel.command("transfer", params, pressed_ms)) {
    done.value = null;
  }
}

export async function ask_done(job: string): Promise<void> {
  try {
    done.value = done_of(await http_call("job_report", { job }));
    done_problem.value = null;
  } catch (error) {
    done_problem.value = error instanceof Error ? error.message : String(error);
  }
}

/** Who comes while it runs is told at the next quarter of a second; `status` has it too. */
export async function ask_running(): Promise<void> {
  running.value = await panel.ask("status").then(
    (status) => running_of(fields(status)?.transfer) ?? running.peek(),
    () => running.peek(),
  );
}

panel.on_told((method, params) => {
  if (method === "transfer") {
    running.value = running_of(params);
  }
});
effect(() => {
  if (panel.machine.value.job === null) {
    running.value = null;
  }
});
