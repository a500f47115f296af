// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// A plan's file is opened in the page: what it says comes into the fields or stays beside them, and a wrong one changes nothing.
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, test } from "vitest";
import { plan_read } from "../dev/mock-print.mjs";
import { EMPTY, with_file_found, with_files, type More } from "../src/print/draft";
import { draft_of_plan, more_words, without_more } from "../src/print/opened";
import { plan_of } from "../src/print/plan";
import { appears, daemon, find, go_live, pass_live, root, sent } from "./panel_page";

const plan = plan_read.plan as More;

describe("a plan as a draft", () => {
  test("makes the same plan again, to the last key", () => {
    const made = plan_of(draft_of_plan(plan)).plan as { sides: { new_tape?: boolean }[] };
    expect(made).toEqual(plan);
    expect(plan_of(draft_of_plan({ title: "Least", sides: [{ name: "A", tracks: [{ file: "/m/a.wav" }] }] })).plan).toEqual({ title: "Least", sides: [{ name: "A", tracks: [{ file: "/m/a.wav" }] }] });
  });
  test("what no field is for, or is of another kind than its field, is kept and told, and can be left out", () => {
    expect(more_words(draft_of_plan(plan))).toEqual(["tape.speed_ips = 15", "limits.azimuth_us = 4", "alignment.within_days = 7", "slate.lead_in_s = 2", `side A, track 1.sha256 = "${"ab".repeat(32)}"`]);
    const odd = { title: 3, gap: "three", live: { warns: ["dropout"] }, sides: [{ name: "A", colour: "red", tracks: [] }] };
    expect(more_words(draft_of_plan(odd))).toEqual(["title = 3", 'gap = "three"', 'live.warns = ["dropout"]', 'side A.colour = "red"']);
    expect(plan_of(draft_of_plan(odd)).plan).toMatchObject(odd);
    expect(more_words(without_more(draft_of_plan(plan)))).toEqual([]);
  });
  test("what the page says goes before what it was opened with", () => {
    const draft = draft_of_plan({ title: 3, sides: [{ name: "A", tracks: [] }] });
    expect(plan_of({ ...draft, facts: { title: "Ferry" } }).plan.title).toBe("Ferry");
  });
  test("a file without its place is asked for, and the one of that name takes its place", () => {
    const draft = draft_of_plan(plan);
    expect(plan_of(draft).problems.join()).toContain('Side A, track 2: choose the file "a2.wav" under Files');
    const found = with_file_found(draft, "upload:9", "a2.wav");
    expect(found?.sides[0]?.tracks[1]).toMatchObject({ file: "upload:9", shown: "a2.wav", gap: "12", gap_unit: "ft" });
    expect(found === null ? "" : plan_of(found).problems.join()).toBe("");
    expect(with_file_found(draft, "upload:9", "other.wav")).toBeNull();
    expect(with_file_found(with_files(EMPTY, 1, [{ file: "/m/a2.wav", name: "a2.wav" }]), "upload:9", "a2.wav")).toBeNull(); // it has its file
  });
});

const open = async (name: string, text: string, selector = "#plan-file") => {
  const field = find(selector) as HTMLInputElement;
  await act(() => {
    Object.defineProperty(field, "files", { value: [new File([text], name)], configurable: true });
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await pass_live(250);
};
const reply = async (how: "answers" | "refuses", what: unknown) => {
  await act(() => {
    const question = sent("plan_read").at(-1);
    if (how === "answers") {
      daemon.socket.answers(question?.id, what);
    } else {
      daemon.socket.refuses(question?.id, String(what));
    }
  });
  await pass_live(250);
};
const titles = () => [...root.querySelectorAll(".track-name b")].map((each) => each.textContent);

beforeEach(async () => {
  localStorage.clear();
  history.replaceState(null, "", "/");
  await go_live();
  await act(() => find("#view-print").click());
  await appears(".plan-page");
});

test("into an empty page at once; over another plan only after YES; a wrong file says so and changes nothing", async () => {
  await open("ferry.toml", 'title = "Night Ferry"');
  expect(sent("plan_read")[0]?.params).toMatchObject({ toml: 'title = "Night Ferry"', name: "ferry.toml" });
  await reply("answers", plan_read);
  expect(titles()).toEqual(["Fog", "a2.wav", "b1.wav"]);
  expect(find("#open-notice").textContent).toContain("ferry.toml is open");
  expect(find("#plan-more").textContent).toContain("limits.azimuth_us = 4");
  expect((find("#fact-title") as HTMLInputElement).value).toBe("Night Ferry");

  await open("broken.toml", "title = x");
  await reply("refuses", "broken.toml:1: not TOML: could not determine value type");
  expect(find("#open-notice").textContent).toContain("broken.toml:1: not TOML");
  expect(titles()).toEqual(["Fog", "a2.wav", "b1.wav"]);

  const other = { plan: { title: "Other", sides: [{ name: "A", tracks: [{ file: "/m/x.wav", title: "X" }] }] }, against: "other.toml:3: colour: unknown key" };
  await open("other.toml", "..", "#files"); // chosen or dropped among the sound files, it is opened too
  await reply("answers", other);
  expect(titles()).toEqual(["Fog", "a2.wav", "b1.wav"]);
  expect(find("#open-notice").textContent).toContain("other.toml:3: colour: unknown key");
  await act(() => find("#open-no").click());
  expect(root.querySelector("#open-notice")).toBeNull();
  expect(titles()).toEqual(["Fog", "a2.wav", "b1.wav"]);
  await open("other.toml", "..");
  await reply("answers", other);
  await act(() => find("#open-yes").click());
  expect(titles()).toEqual(["X"]);
});

test("a file that is far too large for a plan is not even read", async () => {
  await open("music.toml", "x".repeat(300_000));
  expect(sent("plan_read")).toHaveLength(0);
  expect(find("#open-notice").textContent).toContain("music.toml is no reel plan");
});
