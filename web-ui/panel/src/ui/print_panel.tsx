// SPDX-License-Identifier: Apache-2.0
// The running print and how the last one ended.
import { duration_text } from "../state/format";
import type { Job, JobEnd } from "../state/machine";
import { panel } from "../state/panel";
import { reason_in_words } from "../state/reasons";

function Running({ job }: { job: Job }) {
  const percent = Math.floor(job.fraction * 100);
  const running = job.state === "running";
  return (
    <div class="job">
      <div class="job-head">
        <span class="job-name">{job.name.toUpperCase()}</span>
        <span class="job-phase" id="job-phase">
          {running ? job.phase : job.state}
        </span>
        <span class="job-left">
          {running ? (
            <>
              <span class="job-left-time">{duration_text(job.remaining_s)}</span> left
            </>
          ) : (
            ""
          )}
        </span>
      </div>
      <div class="bar" role="progressbar" aria-label={`${job.name}: progress`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
        <div class="bar-fill" style={{ width: `${job.fraction * 100}%` }} />
      </div>
      <p class="job-note">
        <span class="job-percent">{percent} %</span> <span>STOP ends it: record off first, then the tape.</span>
      </p>
    </div>
  );
}

export const VERDICT_WORDS: Record<string, string> = {
  pass: "PASS",
  fail: "FAIL",
  cancelled: "STOPPED",
  refused: "REFUSED",
  fault: "FAULT",
  not_judged: "NOT JUDGED",
};

function Ended({ end }: { end: JobEnd }) {
  const reason = reason_in_words(end.reason);
  return (
    <div class={`verdict verdict-${end.verdict}`} id="verdict">
      <div class="verdict-word">{VERDICT_WORDS[end.verdict] ?? end.verdict.toUpperCase()}</div>
      <div class="verdict-text">
        <p class="verdict-reason">{reason ?? (end.verdict === "not_judged" ? "Nothing in it had a limit." : end.verdict !== "pass" ? "No reason was given." : end.name === "print" ? "The print was read back off tape and proven." : "")}</p>
        {end.report_path !== null && (
          <p class="verdict-report">
            Report: <code>{end.report_path}</code>
          </p>
        )}
        {end.report_error !== null && <p class="verdict-report">{end.report_error}</p>}
      </div>
      <button type="button" class="small-key" onClick={() => panel.dismiss_verdict()}>
        CLEAR
      </button>
    </div>
  );
}

const NAMES: Record<string, string> = { align: "Alignment", transfer: "Transfer", verify: "Verification" };

export function PrintPanel() {
  const { job, last_job } = panel.machine.value;
  const name = NAMES[(job ?? last_job)?.name ?? ""] ?? "Print";
  return (
    <section class="print" aria-label={name}>
      <h2>{name}</h2>
      {job !== null ? (
        <Running job={job} />
      ) : last_job !== null ? (
        <Ended end={last_job} />
      ) : (
        <p class="no-job">
          No print is running. <a href="#print">Make a reel plan and print it</a>
        </p>
      )}
    </section>
  );
}
