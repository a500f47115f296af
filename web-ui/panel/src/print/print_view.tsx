// SPDX-License-Identifier: Apache-2.0
// The print page: the print that runs; else the plan in the making, or prints that were.
import { useEffect, useRef } from "preact/hooks";
import { verdict_text } from "../align/words";
import { panel } from "../state/panel";
import { has_report, reason_in_words } from "../state/reasons";
import { OnDemand } from "../ui/on_demand";
import { TransportKeys } from "../ui/transport_keys";
import { ask_sessions, sessions, show_broken_off, show_end, shown, shown_end, tab, type Tab } from "./print_desk";
import { SessionsPage } from "./sessions_page";
import { WatchPage } from "./watch_page";
import "../style/align_pages.css";
import "../style/plan_parts.css";
import "../style/reel_plan.css";
import "../style/print_page.css";

// fetched when they are shown
const plan_page = () => import("./plan_page");
const session_page = () => import("./session_page");
const OURS = ["print", "verify"];
const ASK_AGAIN_MS = 500;

/** One that came to its end before there was anything to report: why, since no verdict will tell. */
function NotBegun() {
  const { job, last_job } = panel.machine.value;
  const told = last_job !== null && job === null && OURS.includes(last_job.name) && !has_report(last_job) && shown_end.value !== last_job.id;
  const at = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    at.current?.scrollIntoView?.({ block: "nearest" });
  }, [told, last_job?.id]);
  return told ? (
    <p class="finding finding-fail" role="alert" id="not-begun" ref={at}>
      <b>
        {last_job.name === "verify" ? "VERIFICATION" : "PRINT"} {verdict_text(last_job.verdict)}
      </b>{" "}
      {reason_in_words(last_job.reason)}
      <button type="button" class="small-key" onClick={() => panel.dismiss_verdict()}>
        CLEAR
      </button>
    </p>
  ) : null;
}

export default function PrintView() {
  const live = panel.live.value;
  const { job, last_job } = panel.machine.value;
  const ours = job !== null && OURS.includes(job.name) ? job : null;
  useEffect(() => {
    if (live) {
      void ask_sessions();
    }
  }, [live, job?.id, last_job?.id]);
  // as long as a session is said to print while nothing does, its end is not written down yet, or the list is older than it
  const unsettled = live && ours === null && sessions.value?.some(({ state }) => state === "printing") === true;
  useEffect(() => {
    if (!unsettled) {
      return;
    }
    const timer = setInterval(() => void ask_sessions(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [unsettled]);
  useEffect(() => {
    if (last_job !== null && OURS.includes(last_job.name) && last_job.id !== "" && has_report(last_job)) {
      void show_end(last_job.id);
    }
  }, [last_job?.id]);
  // broken off before there was anything to report: its session (a print's has its job's id) still tells how to go on
  const broken_off = last_job !== null && !has_report(last_job) && last_job.verdict !== "refused" && sessions.value?.some(({ id }) => id === last_job.id) === true ? last_job.id : null;
  useEffect(() => {
    if (broken_off !== null) {
      show_broken_off(broken_off);
    }
  }, [broken_off]);
  const now: Tab = tab.value ?? (ours !== null ? "run" : shown.value !== null ? "sessions" : "plan");
  const go_on = sessions.value?.filter((each) => each.goes_on_at !== "").length ?? 0;
  const tabs: [Tab, string][] = [...(ours === null ? [] : [["run", ours.name === "print" ? "PRINTING" : "VERIFYING"] as [Tab, string]]), ["plan", "PLAN"], ["sessions", "PRINTS"]];
  return (
    <div class="print-page" id="print-page">
      <div class="ways tabs" role="group" aria-label="Parts of this page">
        {tabs.map(([each, label]) => (
          <button
            key={each}
            type="button"
            id={`tab-${each}`}
            class={`choice ${each === now ? "chosen" : ""}`}
            aria-pressed={each === now}
            onClick={() => {
              tab.value = each;
            }}
          >
            {label}
            {each === "sessions" && go_on > 0 && (
              <span class="tab-mark">
                {go_on}
                <span class="visually-hidden"> to resume</span>
              </span>
            )}
          </button>
        ))}
      </div>
      <NotBegun />
      {now === "run" && ours !== null ? <WatchPage job={ours} /> : now === "plan" || now === "run" ? <OnDemand key="plan" load={plan_page} name="The plan\u2019s part" /> : shown.value !== null ? <OnDemand key={shown.value} load={session_page} name="The verdict\u2019s part" /> : <SessionsPage />}
      <TransportKeys />
    </div>
  );
}
