// SPDX-License-Identifier: Apache-2.0
// The plan that is being made in this browser, and what the machine says of it.
import { computed, effect, signal } from "@preact/signals";
import { fields, list, number, text } from "../align/alignment";
import { http_call } from "../link/http_call";
import { panel } from "../state/panel";
import { remembered } from "../state/remembered";
import { check_of, type Check } from "./check";
import { draft_of, type Draft } from "./draft";
import { plan_of, REEL_FACTS, TAPE_FACTS } from "./plan";

const kept = remembered("reel-plan", "");
export const draft = signal<Draft>(draft_of(kept.peek()));
effect(() => {
  kept.value = JSON.stringify(draft.value);
});
export const change = (how: (draft: Draft) => Draft) => {
  draft.value = how(draft.peek());
};

export const planned = computed(() => plan_of(draft.value));
export const track_count = computed(() => draft.value.sides.reduce((sum, side) => sum + side.tracks.length, 0));

/** What holds where a field is left empty, as words, by the plan's own keys; from the last plan that the machine filled in. */
export const defaults = signal<Record<string, string>>({});
function take_defaults(plan: Record<string, unknown>): void {
  const tape = fields(plan.tape) ?? {};
  const found: Record<string, string> = {};
  const put = (key: string, value: unknown) => {
    if ((typeof value === "string" && value !== "") || typeof value === "number") {
      found[key] = String(value);
    }
  };
  for (const fact of [...REEL_FACTS, ...TAPE_FACTS]) {
    if ((draft.peek().facts[fact.key] ?? "").trim() === "") {
      put(fact.key, fact.key.startsWith("tape.") ? tape[fact.key.slice(5)] : plan[fact.key]);
    }
  }
  const live = fields(plan.live) ?? {};
  list(live.warns).forEach((word) => put(`live.${text(word)}`, "warn"));
  list(live.stops).forEach((word) => put(`live.${text(word)}`, "stop"));
  defaults.value = { ...defaults.peek(), ...found };
}

let asked_defaults = false;
export async function ask_defaults(): Promise<void> {
  if (!asked_defaults) {
    asked_defaults = true;
    await http_call("plan_template", { files: [] }).then(
      (told) => take_defaults(fields(told.plan) ?? {}),
      () => (asked_defaults = false), // fields are without their hints until then
    );
  }
}

/** How far a check is; null: none runs. */
export const progress = signal<number | null>(null);
panel.on_told((method, params) => {
  const done = method === "plan_progress" ? number(fields(params)?.done) : null;
  if (done !== null && checking.peek()) {
    progress.value = done;
  }
});

export const check = signal<Check | null>(null); // of the plan as it was when it was asked
export const checking = signal(false);
export const check_problem = signal<string | null>(null);
const checked_plan = signal("");
/** What was checked is what stands there now. */
export const check_holds = computed(() => check.value !== null && checked_plan.value === JSON.stringify(planned.value.plan));

export async function ask_check(): Promise<void> {
  if (checking.peek()) {
    return;
  }
  const { plan } = planned.peek();
  checking.value = true;
  check_problem.value = null;
  try {
    check.value = check_of(await http_call("plan_check", { plan }));
    checked_plan.value = JSON.stringify(plan);
    take_defaults(check.peek()?.plan ?? {});
  } catch (error) {
    check.value = null;
    check_problem.value = error instanceof Error ? error.message : String(error);
  } finally {
    checking.value = false;
    progress.value = null;
  }
}
