// SPDX-License-Identifier: Apache-2.0
// A reel plan in the making: files, sides and tracks, what stands on the box, the check, and the print.
import { useEffect, useState } from "preact/hooks";
import { panel } from "../state/panel";
import { save_file } from "../ui/save_file";
import { CheckBox } from "./check_box";
import { EMPTY, with_side } from "./draft";
import { FilesBox } from "./files_box";
import { sending } from "./files_desk";
import { HoldKey } from "./hold_key";
import { MoreCard, OpenKey, OpenNotice } from "./open_plan";
import { plan_file_name } from "./plan";
import { ask_check, ask_defaults, change, check, check_holds, check_problem, checking, draft, planned, progress, track_count } from "./plan_desk";
import { start_print, starting } from "./print_desk";
import { ClearKey, LiveCard, OverrideCard, ReelCard, SlateCard, TapeCard } from "./reel_cards";
import { useRowFocus } from "./row_focus";
import { SideCard } from "./side_card";
import { toml_of } from "./toml";
import "../style/plan_parts.css";
import "../style/reel_plan.css";
import "../style/tables.css";

/** Why it can't be checked yet; null: it can. */
function obstacle(): string | null {
  const { problems } = planned.value;
  const under_way = draft.value.sides.flatMap(({ tracks }) => tracks).filter(({ file }) => sending.value.some((row) => `upload:${row.id}` === file && row.state !== "complete")).length;
  if (track_count.value === 0) {
    return "Choose the files of the reel first.";
  }
  if (under_way > 0) {
    return `${under_way === 1 ? "One file is" : `${under_way} files are`} not on the machine yet.`;
  }
  return problems[0] ?? null;
}

function PrintKeys() {
  const now = draft.value;
  const why_not = obstacle();
  const told = check.value;
  const ready = told !== null && told.printable && check_holds.value;
  const job = panel.machine.value.job;
  return (
    <section class="card print-keys" aria-label="Check and print">
      <p class="end-keys">
        <button type="button" class="small-key begin-key" id="check-plan" disabled={!panel.live.value || checking.value || why_not !== null} onClick={() => void ask_check()}>
          {checking.value ? `CHECKING ${progress.value === null ? "..." : `${Math.floor(100 * progress.value)} %`}` : "CHECK THE PLAN"}
        </button>
        <button type="button" class="small-key" id="save-plan" disabled={track_count.value === 0} onClick={() => save_file(plan_file_name(now), "application/toml", toml_of(planned.value.plan))}>
          SAVE AS TOML
        </button>
        <OpenKey />
        <ClearKey
          press={() => {
            change(() => EMPTY);
            check.value = null;
          }}
        />
      </p>
      {why_not !== null && <p class="align-hint">{why_not}</p>}
      {check_problem.value !== null && (
        <p class="finding finding-fail" role="alert">
          {check_problem.value}
        </p>
      )}
      {ready && (
        <div class="start-print">
          <p>
            <b>This records over what is on the tape:</b>{" "}
            {told.sides
              .filter(({ reel }) => reel === (told.sides[0]?.reel ?? 1))
              .map((side) => `side ${side.name} from ${side.start_m.toFixed(1)} to ${side.end_m.toFixed(1)} m`)
              .join(", ")}
            . Is the right reel on the deck?
          </p>
          <HoldKey id="start-print" label={starting.value ? "FILES ARE READ ..." : "HOLD TO PRINT"} disabled={job !== null || starting.value} press={(at) => void start_print(planned.value.plan, at)} />
          {panel.machine.value.place?.known === false && <p class="finding finding-warn">The tape position is not known. Wind to the reel's zero and press ZERO on the deck's page first, else nothing is printed.</p>}
          {job !== null && <p class="align-hint">The {job.name} that runs has to end first.</p>}
        </div>
      )}
    </section>
  );
}

export default function PlanPage() {
  const now = draft.value;
  const told = check.value;
  const [chosen, choose] = useState<number | null>(null);
  useRowFocus();
  const side = now.sides.find(({ key }) => key === chosen) ?? now.sides.at(-1);
  const overridden = (now.facts["alignment.override_name"] ?? "") + (now.facts["alignment.override_reason"] ?? "") !== "";
  const asks_override = overridden || (told?.refusals ?? []).some(({ kind }) => kind === "not_aligned");
  const holds = check_holds.value;
  const live = panel.live.value;
  useEffect(() => {
    if (live) {
      void ask_defaults();
    }
  }, [live]);
  useEffect(() => {
    const stay = (event: DragEvent) => event.preventDefault(); // a file beside the box must not take the page's place
    window.addEventListener("dragover", stay);
    window.addEventListener("drop", stay);
    return () => {
      window.removeEventListener("dragover", stay);
      window.removeEventListener("drop", stay);
    };
  }, []);
  return (
    <div class="plan-page">
      <OpenNotice />
      <div class="plan-sides">
        {now.sides.map((each, index) => (
          <SideCard key={each.key} draft={now} side={each} index={index} told={holds ? told : null} chosen={each.key === side?.key} choose={() => choose(each.key)} />
        ))}
        <p class="end-keys">
          <button
            type="button"
            class="small-key"
            id="another-side"
            onClick={() => {
              change(with_side);
              choose(null);
            }}
          >
            ANOTHER SIDE
          </button>
        </p>
        <FilesBox side={side?.key ?? 1} />
      </div>
      <div class="plan-facts">
        <ReelCard draft={now} />
        <TapeCard draft={now} />
        <SlateCard draft={now} />
        <LiveCard draft={now} />
        <MoreCard draft={now} />
        {asks_override && <OverrideCard draft={now} />}
        <PrintKeys />
        {told !== null && <CheckBox told={told} holds={holds} />}
      </div>
    </div>
  );
}
