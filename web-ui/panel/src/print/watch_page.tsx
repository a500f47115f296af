// SPDX-License-Identifier: Apache-2.0
// A print while it runs: where it is, what it waits for, what is heard off tape.
import { figure } from "../align/words";
import { duration_text } from "../state/format";
import type { Job } from "../state/machine";
import { panel } from "../state/panel";
import { OnDemand } from "../ui/on_demand";
import { StaleMark } from "../ui/stale";
import { happenings, useHappenings } from "../state/happenings";
import { reason_in_words } from "../state/reasons";
import { heard_of, live_of, type Heard, type Live } from "./heard";
import { confirm } from "./print_desk";

const listen = () => import("../listen/listen_card");

const SEVERITY: Record<Heard["severity"], string> = { course: "", mark: "MARKED", warn: "WARNING", stop: "STOPS THE PRINT" };

function Gate({ job }: { job: Job }) {
  return (
    <section class="gate" role="alert" aria-label="The print waits for you" id="gate">
      <p class="gate-head">WAITS FOR YOU</p>
      <p class="gate-words" id="gate-words">
        {job.gate}
      </p>
      <button
        type="button"
        class="gate-key"
        id="confirm"
        disabled={!panel.live.value}
        onClick={(event) => {
          confirm(event.timeStamp);
          event.currentTarget.blur();
        }}
      >
        CONFIRM
      </button>
    </section>
  );
}

function LiveFigures({ now }: { now: Live }) {
  return (
    <>
      <dl class="live-figures" id="live-figures">
        <div>
          <dt>Level off tape less sent</dt>
          <dd>{now.level_db.every((each) => each === null) ? "\u2014" : `${now.level_db.map((each) => figure(each, 2, true)).join(" / ")} dB`}</dd>
        </div>
        <div>
          <dt>Head delay</dt>
          <dd>{now.delay_ms === null ? "\u2014" : `${figure(now.delay_ms, 2)} ms`}</dd>
        </div>
        <div>
          <dt>Drop-outs</dt>
          <dd>{now.dropouts}</dd>
        </div>
      </dl>
      {now.failing !== "" && (
        <p class="finding finding-fail">
          <b>FAILS NOW</b> {reason_in_words(now.failing)}
        </p>
      )}
    </>
  );
}

export function WatchPage({ job }: { job: Job }) {
  const running = job.state === "running";
  const percent = Math.floor(100 * job.fraction);
  useHappenings(job.id);
  const all = heard_of(happenings.value);
  const now = live_of(happenings.value);
  const verifying = job.name === "verify";
  return (
    <div class="watch-page" id="watch">
      {job.gate !== null && <Gate job={job} />}
      <div class="watch-column">
        <section class="card watch" aria-label={verifying ? "The verification that runs" : "The print that runs"}>
          <h2>{verifying ? "Verifying" : "Printing"}</h2>
          <p class="watch-phase" id="watch-phase">
            {running ? job.phase : job.state}
          </p>
          <p class="watch-left">
            {running && (
              <>
                <b>{duration_text(job.remaining_s)}</b> left
              </>
            )}
          </p>
          <div class="bar" role="progressbar" aria-label={`${job.name}: progress`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
            <div class="bar-fill" style={{ width: `${percent}%` }} />
          </div>
          {now !== null && <LiveFigures now={now} />}
          <p class="align-hint">STOP ends it: record off first, then the tape.{verifying ? "" : " It can go on later, from the start of a track."}</p>
          <StaleMark show={panel.counter_stale.value} />
        </section>
        <OnDemand load={listen} name="Listening\u2019s part" />
      </div>
      <section class="card heard" aria-label="What happens, and what is heard off tape">
        <h2>So far</h2>
        {all.length === 0 ? (
          <p class="align-hint">Nothing yet.</p>
        ) : (
          <ul id="heard" tabIndex={0} aria-label="What happened, newest first">
            {all.map((each) => (
              <li key={each.key} class={each.severity === "course" ? "course" : `finding finding-${each.severity === "mark" ? "note" : each.severity === "warn" ? "warn" : "fail"}`}>
                {each.severity !== "course" && <b>{SEVERITY[each.severity]}</b>} {each.words}
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
