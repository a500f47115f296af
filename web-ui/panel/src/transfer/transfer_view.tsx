// SPDX-License-Identifier: Apache-2.0
// The transfer page: the transfer that runs, or what one is asked for; below it how the last one ended.
import { useEffect } from "preact/hooks";
import { verdict_text } from "../align/words";
import { duration_text } from "../state/format";
import { happenings, useHappenings } from "../state/happenings";
import { panel } from "../state/panel";
import { has_report, reason_in_words } from "../state/reasons";
import { StaleMark } from "../ui/stale";
import { TransportKeys } from "../ui/transport_keys";
import { Choice, NumberField, Switch, WordField } from "../print/fields";
import { ask_done, ask_running, begin, done, done_problem, running, wish } from "./desk";
import { Figures, Holes, Marks } from "./figures";
import { marks_of, request_of, type Until, type Wish } from "./transfer";
import "../style/align_pages.css";
import "../style/plan_parts.css";
import "../style/reel_plan.css";
import "../style/tables.css";
import "../style/transfer.css";

const UNTIL = [
  ["silence", "SILENCE"],
  ["place", "A PLACE"],
  ["length", "A LENGTH"],
  ["open", "STOP"],
] as const;

const UNTIL_WORDS: Record<Until, string> = {
  silence: "It ends when programme was heard and then this much silence.",
  place: "Tape time (0:12:30) or metres (34.5).",
  length: "Of tape, after where it begins: 45:00, or seconds.",
  open: "STOP, or the end of the tape, ends it.",
};

function StartPage() {
  const now = wish.value;
  const set = (to: Partial<Wish>) => (wish.value = { ...now, ...to });
  const asked = request_of(now);
  const { job, deck } = panel.machine.value;
  return (
    <form
      class="transfer-form"
      onSubmit={(event) => {
        event.preventDefault();
        if ("params" in asked) {
          void begin(asked.params, event.timeStamp);
        }
      }}
    >
      <section class="card" aria-label="What is transferred">
        <h2>From tape to file</h2>
        <div class="fields">
          <WordField id="transfer-file" label="File" value={now.file} other="by title and date" set={(file) => set({ file })} />
          <WordField id="transfer-title" label="Title" value={now.title} set={(title) => set({ title })} />
          <WordField id="transfer-tape" label="Tape, as on its box" value={now.tape} set={(tape) => set({ tape })} />
          <WordField id="transfer-operator" label="Operator" value={now.operator} set={(operator) => set({ operator })} />
          <WordField id="transfer-note" label="Note" value={now.note} set={(note) => set({ note })} />
        </div>
      </section>
      <section class="card" aria-label="From where to where">
        <h2>From, until</h2>
        <div class="fields">
          <NumberField id="transfer-from" label="From" unit="" value={now.from} other="where the tape stands" set={(from) => set({ from })} />
        </div>
        <Choice label="Until" of={UNTIL} value={now.until} set={(until) => set({ until })} />
        {now.until === "place" && <NumberField id="transfer-to" label="To" unit="" value={now.to} other="0:31:00" set={(to) => set({ to })} />}
        {now.until === "length" && <NumberField id="transfer-length" label="Length" unit="" value={now.length} other="45:00" set={(length) => set({ length })} />}
        {now.until === "silence" && <NumberField id="transfer-silence" label="Silence" unit="s" value={now.silence_s} other="as the machine is set" set={(silence_s) => set({ silence_s })} />}
        <p class="align-hint">{UNTIL_WORDS[now.until]}</p>
        {deck !== null && panel.machine.value.offers.library_wind && <Switch id="transfer-library" label="Library wind to the end afterwards" on={now.library_wind} set={(library_wind) => set({ library_wind })} />}
        <button type="submit" class="small-key begin-key" id="transfer-begin" disabled={!panel.live.value || job !== null || "problem" in asked}>
          PLAY AND TRANSFER
        </button>
        <p class="align-hint">{"problem" in asked ? asked.problem : job !== null ? `The ${job.name} that runs has to end first.` : "It plays; it never records."}</p>
      </section>
    </form>
  );
}

function RunningPage() {
  const { job, place } = panel.machine.value;
  const now = running.value;
  useHappenings(job?.id ?? "");
  const { marks, holes } = marks_of(happenings.value);
  const name = now === null ? "" : now.file.replace(/^.*\//, "");
  return (
    <div class="transfer-running" id="transfer-running">
      <section class="card" aria-label="The transfer that runs">
        <h2>{name || "Transfer"}</h2>
        <p class="transfer-phase" id="transfer-phase">
          {job?.state === "running" ? job.phase : job?.state}
        </p>
        <p class="transfer-captured">
          <b id="transfer-captured">{now?.captured_s == null ? "\u2014" : duration_text(now.captured_s)}</b> in the file
          <span>{place === null ? "" : `${place.known ? "" : "~"}${place.tape_m.toFixed(1)} m`}</span>
        </p>
        {now !== null && now.phase === "checking" && <p class="align-hint">The file is read back: {Math.floor(100 * now.checked)} %.</p>}
        {now !== null && now.disk_trouble !== "" && <p class="finding finding-fail">{now.disk_trouble}</p>}
        {now !== null && now.lost_frames > 0 && <p class="finding finding-fail">{now.lost_frames} frames were lost; silence stands there.</p>}
        {now !== null && <Figures now={now} />}
        <StaleMark show={panel.counter_stale.value} />
      </section>
      <section class="card" aria-label="Marks and suspicions">
        <Marks marks={marks} />
        <Holes holes={holes} count={now?.dropouts_suspected ?? holes.length} />
      </section>
    </div>
  );
}

function Ended() {
  const { last_job } = panel.machine.value;
  const told = done.value;
  if (last_job === null || last_job.name !== "transfer") {
    return null;
  }
  return (
    <section class="card transfer-end" aria-label="How the last transfer ended" id="transfer-end">
      <div class={`verdict verdict-${last_job.verdict}`}>
        <div class="verdict-word" id="transfer-verdict">
          {last_job.verdict === "pass" ? "DONE" : verdict_text(last_job.verdict)}
        </div>
        <div class="verdict-text">
          <p class="verdict-reason">{told?.words || reason_in_words(last_job.reason)}</p>
          {told !== null && (
            <p class="verdict-report">
              File <code id="transfer-path">{told.file}</code>
            </p>
          )}
          {told !== null && told.sha256 !== "" && (
            <p class="verdict-report">
              SHA-256 <code id="transfer-sha256">{told.sha256}</code>
            </p>
          )}
          {told === null && done_problem.value !== null && <p class="verdict-report">{done_problem.value}</p>}
        </div>
      </div>
      {told !== null && (
        <>
          <Figures now={told} />
          <Marks marks={told.marks} />
          <Holes holes={told.holes} count={told.dropouts_suspected} />
        </>
      )}
    </section>
  );
}

export default function TransferView() {
  const live = panel.live.value;
  const { job, last_job } = panel.machine.value;
  const runs = job?.name === "transfer";
  useEffect(() => {
    if (live && runs) {
      void ask_running();
    }
  }, [live, runs]);
  useEffect(() => {
    if (live && last_job?.name === "transfer" && has_report(last_job)) {
      void ask_done(last_job.id);
    }
  }, [live, last_job?.id]);
  return (
    <div class="transfer-page" id="transfer-page">
      {runs ? (
        <RunningPage />
      ) : (
        <>
          <Ended />
          <StartPage />
        </>
      )}
      <TransportKeys />
    </div>
  );
}
