// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// The print page against the fake daemon: a plan is made, checked, printed; gates; the verdict; what can be resumed.
import { act } from "preact/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { check_good, check_refused, files_folder, files_root, gate, job, plan_filled, print_log, report, session, sessions, uploads, verify_report } from "../dev/mock-print.mjs";
import { appears, daemon, find, go_live, key, pass_live, point, root, sent } from "./panel_page";

const text = (selector: string) => find(selector).textContent ?? "";
const press = (selector: string) => act(() => find(selector).click());
const type = (selector: string, words: string) =>
  act(() => {
    const field = find(selector) as HTMLInputElement;
    field.value = words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
const tell = (method: string, params: unknown) => act(() => daemon.socket.tells(method, params));
const settle = async () => {
  await act(async () => void (await Promise.resolve()));
  await pass_live(250);
};
/** Answers what has been asked by the socket so far. */
const answer = async (method: string, result: unknown) => {
  await act(() => sent(method).forEach((question) => daemon.socket.answers(question.id, result)));
  await settle();
};
/** Methods that are called by a request of their own. */
let by_http: Record<string, unknown> = {};
let http_calls: { method: string; params: unknown }[] = [];

const asked = (method: string) => http_calls.filter((call) => call.method === method).at(-1)?.params as { plan: Record<string, unknown> };

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, "", "/");
  by_http = { print_sessions: { sessions: [] }, job_report: report, plan_template: { toml: "", plan: plan_filled } };
  http_calls = [];
  const others = globalThis.fetch;
  vi.stubGlobal("fetch", (path: string, options: RequestInit) => {
    if (path !== "/api/v1/rpc") {
      return others(path, options);
    }
    const { method, params } = JSON.parse(String(options.body)) as { method: string; params: unknown };
    http_calls.push({ method, params });
    return Promise.resolve({ status: 200, json: () => Promise.resolve({ id: 1, result: by_http[method] }) });
  });
});

async function open_plan(): Promise<void> {
  await go_live({ motion: { requested: "Stopped", current: "Stopped" } });
  await press("#view-print");
  await appears(".plan-page");
  await answer("uploads", uploads);
}
/** Two files of the machine's own folders. */
async function add_two(): Promise<void> {
  await press("#show-folders");
  await answer("files", files_root);
  await press(".entries[aria-label='Folders of the machine'] .small-key");
  await answer("files", files_folder);
  for (const name of ["01 Overture.wav", "02 Nocturne in C sharp minor.wav"]) {
    const row = [...root.querySelectorAll(".entries li")].find((each) => each.textContent?.includes(name));
    await act(() => row?.querySelector("button")?.click());
  }
  await type("#fact-title", "Reel");
}
const titles = () => [...root.querySelectorAll(".track-name b")].map((each) => each.textContent);

test("files of the machine's folders become tracks, moved by the keys of the keyboard, and the plan goes to the check as it stands", async () => {
  await open_plan();
  expect((find("#check-plan") as HTMLButtonElement).disabled).toBe(true);
  await add_two();
  expect(titles()).toEqual(["Overture", "Nocturne in C sharp minor"]);
  key(root.querySelectorAll(".handle")[1] as HTMLElement, "ArrowUp");
  expect(titles()).toEqual(["Nocturne in C sharp minor", "Overture"]);
  await type("#fact-title", "Nocturnes");
  await press("#check-plan");
  expect(asked("plan_check").plan).toEqual({
    title: "Nocturnes",
    sides: [{ name: "A", tracks: [{ file: "/srv/masters/02 Nocturne in C sharp minor.wav", title: "Nocturne in C sharp minor" }, { file: "/srv/masters/01 Overture.wav", title: "Overture" }] }], // prettier-ignore
  });
});

test("a refused plan can't be printed, and says what stands against it; an old alignment asks who and why", async () => {
  await open_plan();
  await add_two();
  by_http.plan_check = check_refused;
  await press("#check-plan");
  await settle();
  expect(text("#check h2")).toContain("REFUSED: 2 things stand against it");
  expect(text("#check")).toContain("41.6 s longer than the tape offers");
  expect(text(".reel .over")).toContain("0:42 too long");
  expect(root.querySelector("#start-print")).toBeNull();
  await type("#override-name", "E. Engineer");
  await type("#override-reason", "the client waits");
  await press("#check-plan");
  await settle();
  expect(asked("plan_check").plan).toMatchObject({ alignment: { override_name: "E. Engineer", override_reason: "the client waits" } });
});

test("warnings name passage, dB and basis; a change of the plan takes PRINT away; PRINT is held, not pressed", async () => {
  await open_plan();
  await add_two();
  by_http.plan_check = check_good;
  await press("#check-plan");
  await settle();
  expect(text("#check")).toContain("side A, track 4, at 2:31.40, 2.3 dB");
  expect(text("#check")).toContain("By: MOL 315 Hz of SM900, data sheet");
  expect(text("#check")).toContain("1 to be converted to 96 kHz");
  expect(text(".start-print")).toContain("side A from 5.2 to 385.7 m");
  await press("#start-print");
  expect(sent("print")).toHaveLength(0);
  point(find("#start-print"), "pointerdown");
  await pass_live(500);
  point(find("#start-print"), "pointerup");
  await pass_live(1000);
  expect(sent("print")).toHaveLength(0);
  await type("#fact-title", "Other");
  expect(root.querySelector("#start-print")).toBeNull();
  expect(text("#check")).toContain("changed since");
  await type("#fact-title", "Reel");
  point(find("#start-print"), "pointerdown");
  await pass_live(1000);
  expect(sent("print")).toHaveLength(1);
  expect((sent("print")[0]?.params as { plan: { sides: unknown[] } }).plan.sides).toHaveLength(1);
  expect(typeof sent("print")[0]?.at).toBe("number");
});

test("the plan outlives a reload, and its tape's facts are the machine's own", async () => {
  await open_plan();
  await add_two();
  expect((find("#fact-tape-stock") as HTMLInputElement).placeholder).toBe("sm900");
  expect(localStorage.getItem("overbias.reel-plan")).toContain("01 Overture.wav");
});

test("what happens is told from the machine's log, newest first, and what warns is set apart", async () => {
  await go_live({ job });
  await press("#view-print");
  await appears("#watch");
  await answer("log", print_log);
  const rows = [...root.querySelectorAll("#heard li")].map((each) => each.textContent ?? "");
  expect(rows[0]).toContain("track 2 of 4: 02 Nocturne");
  expect(rows[1]).toContain("WARNING");
  expect(rows[1]).toContain("There are drop-outs on the tape.");
  expect(rows[2]).toBe("MARKED drop-out, at 57.2 m; 1 so far");
  expect(rows.filter((row) => row.includes("proven"))).toHaveLength(1);
  expect(text("#live-figures")).toContain("+0.08 / \u22120.04 dB");
  expect(text("#live-figures")).toContain("66.67 ms");
  expect(sent("log")[0]?.params).toMatchObject({ session });
  expect(root.querySelectorAll("#heard .finding")).toHaveLength(2);
});

test("a gate stands on every page, and on this one with its key; only what waits is confirmed", async () => {
  await go_live();
  await tell("progress", { ...job, gate: null });
  expect(text("#view-print")).toContain("runs");
  await tell("progress", { ...job, gate });
  expect(text("#gate-banner")).toContain(gate);
  await press("#view-print");
  await appears("#gate");
  expect(root.querySelector("#gate-banner")).toBeNull();
  expect(text("#gate-words")).toBe(gate);
  await press("#confirm");
  expect(sent("confirm")).toHaveLength(1);
  expect(typeof sent("confirm")[0]?.at).toBe("number");
  await tell("progress", { ...job, gate: null });
  expect(root.querySelector("#gate")).toBeNull();
});

test("at the end: each track's verdict with its figures, what could not be judged, drop-outs; and the papers", async () => {
  by_http.print_sessions = sessions;
  by_http.document = { name: "certificate.pdf", type: "application/pdf", base64: btoa("%PDF") };
  const saved: string[] = [];
  const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    if (this.download !== "") {
      saved.push(this.download);
    } else {
      this.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    }
  });
  await go_live({ job });
  await press("#view-print");
  await appears("#watch");
  await tell("job_end", { id: session, name: "print", verdict: "fail", reason: "dropout", report_path: "/r.json" });
  await settle();
  await appears(".track-verdict");
  expect(text("#print-verdict")).toBe("FAIL");
  expect([...root.querySelectorAll(".track-verdict-head .verdict-mark")].map((each) => each.textContent?.slice(2))).toEqual(["PASS", "FAIL", "PASS"]);
  expect(text(".track-verdict-more")).toContain("8.2 dB for 11.4 ms on the left track"); // the one that failed is open
  expect(text(".dropouts tbody tr")).toContain("1:12.35");
  expect(text(".dropouts tbody tr")).toContain("over");
  const thirds = [...root.querySelectorAll(".track-figures tr")].find((row) => row.textContent?.startsWith("Third octaves"));
  expect(thirds?.textContent).toContain("+0.61"); // what only loud passages have, -2.2, is compressed by the tape
  expect(thirds?.querySelector(".within.yes")).not.toBeNull();
  await act(() => (root.querySelectorAll(".track-verdict-head")[2] as HTMLElement).click());
  expect(text(".track-verdict-more")).toContain("mono: nothing to compare");
  await press("#paper-certificate");
  await settle();
  expect(http_calls.at(-1)).toEqual({ method: "document", params: { session, kind: "certificate", format: "pdf" } });
  expect(saved).toEqual(["certificate.pdf"]);
  click.mockRestore();
});

test("a verification says whether the reel says what the print said, and the print's own report is one key away", async () => {
  by_http.print_sessions = sessions;
  by_http.job_report = verify_report;
  await go_live({ job: { ...job, id: "1d0c3f7e-0000-4000-8000-000000000001", name: "verify" } });
  await press("#view-print");
  await appears("#watch");
  await tell("job_end", { id: "1d0c3f7e-0000-4000-8000-000000000001", name: "verify", verdict: "fail", reason: "dropout" });
  await settle();
  await appears("#agreement");
  expect(text("#agreement")).toContain("The reel says what the print said.");
  expect([...root.querySelectorAll("#agreement tbody tr")].map((row) => row.lastElementChild?.textContent?.slice(2))).toEqual(["yes", "yes", "yes", "yes", "yes", "no"]);
  expect(text(".verdict-reason")).toContain("Nocturnes, verified");
  by_http.job_report = report;
  await press("#show-print");
  await settle();
  await appears("#papers");
  expect(asked("job_report")).toEqual({ job: session });
});

test("a broken-off print can be resumed: it says from where, that it is matched first, and is held", async () => {
  by_http.print_sessions = sessions;
  await go_live();
  await press("#view-print");
  await appears("#tab-sessions");
  await settle();
  expect(text("#tab-sessions")).toContain("1 to resume");
  await press("#tab-sessions");
  await settle();
  const row = [...root.querySelectorAll("#sessions li")].find((each) => each.textContent?.includes("Field recordings"));
  expect(row?.textContent).toContain("goes on at side A before track 3");
  await act(() => row?.querySelector("button")?.click());
  await appears("#resume");
  await press("#resume");
  expect(text(".go-on")).toContain("matched with its file");
  const from = find("#resume-from") as HTMLSelectElement;
  expect([...from.options].map((each) => each.text)).toEqual(["side A before track 3", "side A before track 2", "side A from its beginning, slate and all"]);
  expect(text(".go-on")).not.toContain("recorded over");
  await press("#resume-yes");
  expect(sent("print_resume")).toHaveLength(0);
  point(find("#resume-yes"), "pointerdown");
  await pass_live(1000);
  expect(sent("print_resume")[0]?.params).toEqual({ session: "9a0a77c4-55f5-4b3c-8f4e-6a3b0b6d7e21" });
});

test("another place to go on at is sent as it was chosen, with a warning of what it records over", async () => {
  by_http.print_sessions = sessions;
  await go_live();
  await press("#view-print");
  await appears("#tab-sessions");
  await press("#tab-sessions");
  await settle();
  await act(() => [...root.querySelectorAll("#sessions li")].find((each) => each.textContent?.includes("Field recordings"))?.querySelector("button")?.click());
  await appears("#resume");
  await press("#resume");
  await act(() => {
    const from = find("#resume-from") as HTMLSelectElement;
    from.value = "1";
    from.dispatchEvent(new Event("change", { bubbles: true }));
  });
  expect(text(".go-on")).toContain("recorded over");
  point(find("#resume-yes"), "pointerdown");
  await pass_live(1000);
  expect(sent("print_resume")[0]?.params).toEqual({ session: "9a0a77c4-55f5-4b3c-8f4e-6a3b0b6d7e21", side: "A", track: 2 });
});

test("a print that is broken off in its first track can be gone on with, though the list told of its end late", async () => {
  const [, broken] = sessions.sessions;
  const as = (state: string, resume: unknown) => ({ sessions: [{ ...broken, session, state, sides: [{ name: "A", verdict: null, tracks: 6, tracks_done: 0 }], resume }] });
  by_http.print_sessions = as("printing", null);
  await go_live({ job });
  await press("#view-print");
  await appears("#watch");
  await tell("job_end", { id: session, name: "print", verdict: "cancelled", reason: "stopped by the operator", report_path: null });
  await settle();
  await appears("#session");
  expect(root.querySelector("#resume")).toBeNull();
  by_http.print_sessions = as("interrupted", { side: "A", track: 1, words: "side A from its beginning" });
  await pass_live(1000);
  expect(text(".go-on")).toContain("side A from its beginning");
  expect(text("#tab-sessions")).toContain("1 to resume");
  await press("#resume");
  const asked_so_far = http_calls.length;
  await pass_live(2000);
  expect(http_calls.length).toBe(asked_so_far); // it is settled
  await press("#all-prints");
  await appears("#sessions");
});

test("an end that was told late does not put itself before the print that was broken off after it", async () => {
  const [, broken] = sessions.sessions;
  by_http.print_sessions = { sessions: [{ ...broken, session: "b1", state: "interrupted" }] };
  by_http.job_report = verify_report;
  await go_live({ job: { ...job, id: "b1" } });
  await press("#view-print");
  await appears("#watch");
  await settle();
  await act(() => {
    daemon.socket.tells("state", { job: null, last_job: { id: "v1", name: "verify", verdict: "pass", reason: null, report_path: "/r.json" }, revision: 7 });
  });
  await tell("job_end", { id: "b1", name: "print", verdict: "cancelled", reason: "stopped by the operator", report_path: null });
  await settle();
  await appears("#resume");
  expect(text("#session")).toContain("Field recordings");
  expect(text("#session")).not.toContain("verified");
});

test("the focus stays with a track: over to another side, dragged, at the edge; the next one has it when it is taken out", async () => {
  await open_plan();
  await add_two();
  await press("#another-side");
  const handle = (at: number) => root.querySelectorAll(".handle")[at] as HTMLElement;
  const focused = () => document.activeElement?.getAttribute("aria-label") ?? "";
  for (const [name, number] of [["ArrowDown", 1], ["ArrowUp", 2], ["ArrowUp", 1], ["ArrowUp", 1], ["ArrowDown", 2]] as const) {
    const at = [...root.querySelectorAll(".handle")].findIndex((each) => each.getAttribute("aria-label")?.includes("Nocturne"));
    handle(at).focus();
    await act(() => void key(handle(at), name));
    expect(focused()).toContain(`Track ${number}, Nocturne`);
  }
  document.elementFromPoint = () => root.querySelectorAll(".side-end")[1] as Element;
  point(handle(1), "pointerdown");
  await act(() => void window.dispatchEvent(new PointerEvent("pointermove", { clientX: 1, clientY: 1 })));
  window.dispatchEvent(new PointerEvent("pointerup"));
  expect(root.querySelectorAll(".side-card")[1]?.textContent).toContain("Nocturne");
  expect(focused()).toContain("Track 1, Nocturne");
  await act(() => (root.querySelectorAll(".track-name")[1] as HTMLElement).click());
  await press(".track-more .small-key:last-child");
  expect(focused()).toContain("Overture");
});

test("a print that is refused before it begins says why, and asks for no report", async () => {
  await go_live();
  await press("#view-print");
  await appears(".plan-page");
  await tell("job_end", { id: "x1", name: "print", verdict: "refused", exit_status: 3, reason: "print: the tape position is not known", report_path: null });
  await settle();
  expect(text("#not-begun")).toContain("PRINT REFUSED");
  expect(text("#not-begun")).toContain("the tape position is not known");
  expect(http_calls.filter(({ method }) => method === "job_report")).toHaveLength(0);
});
