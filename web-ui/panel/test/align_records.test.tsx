// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// What an alignment leaves, on its page: the end, its files, earlier ones beside each other.
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { alignments, job_end, proof, record, record_uuid, turning, values } from "../dev/mock-alignment.mjs"; // prettier-ignore
import { answer, answer_records, at_start_page, begin, begin_anew, press, tell, text } from "./on_align_page";
import { appears, find, pass_live, root } from "./panel_page";

beforeEach(begin_anew);
afterEach(() => vi.unstubAllGlobals());

test("values come as they are accepted, and the end shows verdict, reason, table and record", async () => {
  await begin(turning);
  await answer("alignment", { ...turning, values: values.slice(0, 2) });
  expect(text(".step-place")).toContain("2 values accepted");
  await tell("alignment_accepted", { job: turning.job, record: record_uuid, values: [values[2]] });
  expect(text(".step-place")).toContain("3 values accepted");
  await tell("alignment", null);
  await tell("job_end", job_end("fail", "record level is outside its limits"));
  await appears("#align-end");
  await answer("alignment_record", record);
  expect(text("#align-verdict")).toBe("FAIL");
  expect(text("#align-end")).toContain("record level is outside its limits");
  expect(text("#align-end")).toContain(record_uuid);
  const rows = [...find("#align-end .values tbody").children].map((row) => row.textContent);
  expect(rows).toHaveLength(7);
  expect(rows[4]).toContain("\u2716 outside");
  expect(rows[3]).toContain("\u2714 within");
});

test("two earlier alignments stand beside each other with their changes", async () => {
  await at_start_page();
  await answer("alignments", alignments);
  await appears("#align-earlier");
  expect(text("#align-earlier")).toContain("NOT FINISHED");
  const ticks = [...root.querySelectorAll<HTMLInputElement>("#align-earlier tbody input")];
  await act(() => ticks[0]?.click());
  await answer_records();
  expect(text(".earlier")).toContain("\u2716 outside"); // one alone: its values
  await act(() => ticks[2]?.click());
  await answer_records();
  await appears("#align-compare");
  const level = [...root.querySelectorAll("#align-compare tbody tr")].find((row) => /^level.*left/.test(row.textContent ?? ""));
  expect(level?.textContent).toContain("+0.09");
  expect(text(".earlier [data-form=pdf]")).toBe("PDF OF BOTH");
  await appears(".drift .plot");
  expect(find(".drift .plot").getAttribute("aria-label")).toContain("over 4 alignments");
});

test("a proof is shown as a table and its response as a plot, with the points behind it", async () => {
  await at_start_page();
  await answer("alignments", alignments);
  await appears("#align-earlier");
  await act(() => root.querySelectorAll<HTMLInputElement>("#align-earlier tbody input")[1]?.click());
  await answer("alignment_record", proof);
  await appears(".response .plot");
  expect(find(".response .plot").getAttribute("aria-label")).toBe("Response by tones, LEFT and RIGHT");
  expect(text(".response-points summary")).toBe("26 values of the response");
  const rows = [...find(".values-shown > .table-box tbody").children].map((row) => row.textContent ?? "");
  expect(rows).toHaveLength(13);
  expect(rows.find((row) => row.startsWith("erase depth"))).toContain("\u2716 outside"); // 71 dB, and at least 75 are asked for
  expect(rows.find((row) => row.startsWith("crosstalk, 1 kHz"))).toContain("\u2714 within");
});

test("an alignment that has ended stands beside the one before it without a question", async () => {
  await begin(turning);
  await tell("alignment", null);
  await tell("job_end", job_end("pass", null));
  await appears("#align-end");
  await answer("alignments", alignments);
  await appears("#align-earlier");
  await answer_records();
  await appears("#align-compare");
  expect([...root.querySelectorAll<HTMLInputElement>("#align-earlier tbody input")].map((each) => each.checked)).toEqual([true, false, true, false, false]);
});

test("a file comes by a request of its own, under the name the machine gives it; what goes wrong is said", async () => {
  await begin(turning);
  await tell("alignment", null);
  await tell("job_end", job_end("pass", null));
  await appears("#align-end");
  const asked: unknown[] = [];
  let told: object = { result: { name: "alignment-x.pdf", type: "application/pdf", base64: btoa("%PDF-1.3") } };
  vi.stubGlobal("fetch", (path: string, options: RequestInit) => {
    asked.push([path, options.method, JSON.parse(String(options.body))]);
    return Promise.resolve({ status: 200, json: () => Promise.resolve({ jsonrpc: "2.0", id: 1, ...told }) });
  });
  const blobs: Blob[] = [];
  const made = vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => (blobs.push(blob as Blob), "blob:1"));
  const saved: string[] = [];
  const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  await press("#align-end [data-form=pdf]");
  await pass_live(250);
  expect(asked).toEqual([["/api/v1/rpc", "POST", { jsonrpc: "2.0", id: 1, method: "alignment_document", params: { uuid: record_uuid, form: "pdf" } }]]);
  expect(saved).toEqual(["alignment-x.pdf"]);
  expect(await blobs[0]?.text()).toBe("%PDF-1.3");
  told = { error: { code: -32001, message: "alignment_document: there is no alignment x" } };
  await press("#align-end [data-form=csv]");
  await pass_live(250);
  expect(text("#message")).toContain("there is no alignment x");
  expect(saved).toHaveLength(1);
  [clicked, made].forEach((spy) => spy.mockRestore());
});
