// SPDX-License-Identifier: Apache-2.0
// The print and transfer part of the mock server: its methods, its uploads and its scenes.
import { randomUUID } from "node:crypto";
import * as told from "./mock-print.mjs";

/** `deck`, `tell`, `go`: of mock-server.mjs. */
export function print_part({ deck, tell, go }) {
  let check = told.check_good;
  const sent = new Map();
  const run = (more = {}) => {
    deck.last_job = null;
    deck.job = { ...told.job, ...more };
    tell("progress", deck.job);
  };
  const done = { status: "accepted", reason: null };
  const commands = {
    plan_check: () => ({ result: check }),
    files: ({ root } = {}) => ({ result: root !== undefined ? told.files_folder : told.files_root }),
    uploads: () => ({ result: { ...told.uploads, uploads: [...told.uploads.uploads, ...sent.values()] } }),
    upload_remove: ({ id }) => (sent.delete(id), { result: done }),
    print_sessions: () => ({ result: told.sessions }),
    job_report: () => ({ result: deck.last_job?.name === "transfer" ? told.transfer_report : told.report }),
    print: () => (run(), go("Recording", "Recording", 0), { result: { job: told.session } }),
    print_resume: () => (run(), go("Recording", "Recording", 0), { result: { job: told.session } }),
    confirm: () => (run(), { result: done }),
    verify: () => (run({ name: "verify" }), { result: { job: told.session } }),
    transfer: () => (scenes["transfer-run"](), { result: { job: told.session } }),
    log: () => ({ result: deck.job?.name === "transfer" ? told.transfer_log : told.print_log }),
    plan_read: ({ name }) => (name === "broken.toml" ? { error: { code: -32001, message: "broken.toml:3: not TOML: Error while parsing key-value pair: expected a comment or whitespace, saw 'x'" } } : { result: told.plan_read }),
    plan_template: () => ({ result: { toml: "", plan: told.plan_filled } }),
    document: ({ kind, format }) => ({ result: { name: `${kind}.${format}`, type: "application/octet-stream", base64: Buffer.from("a page").toString("base64") } }),
  };
  const scenes = {
    "print-plan": () => (check = told.check_good),
    "print-check": () => (check = told.check_good),
    "print-refused": () => (check = told.check_refused),
    "print-open": () => scenes["print-sessions"](),
    "print-run": () => (run(), go("Recording", "Recording", 0)),
    "print-gate": () => (run({ gate: told.gate, phase: "waits for reel B", fraction: 0.46 }), go("Stopped", "Stopped", 0)),
    "print-verdict": () => {
      deck.job = null;
      tell("progress", null);
      deck.last_job = { id: told.session, name: "print", verdict: "fail", reason: "dropout", report_path: `/var/lib/overbias/reports/${told.session}.json` };
      tell("job_end", deck.last_job);
    },
    "print-sessions": () => {
      deck.job = deck.last_job = null;
      tell("progress", null);
    },
  };
  scenes.transfer = scenes["print-sessions"];
  scenes["transfer-run"] = () => {
    run({ name: "transfer", phase: "transfers to side-a.wav", fraction: 0.4, remaining_s: 600 });
    tell("transfer", told.transfer);
    go("Playing", "Playing", 0);
  };
  scenes["transfer-end"] = () => {
    deck.job = null;
    tell("progress", null);
    deck.last_job = { id: told.session, name: "transfer", verdict: "pass", reason: null, report_path: "/var/lib/overbias/transfers/side-a.json" };
    tell("job_end", deck.last_job);
  };
  /** Uploads by HTTP; null: not one of its paths. */
  const http = (method, path, body, headers) => {
    if (!path.startsWith("/api/v1/uploads")) {
      return null;
    }
    if (method === "POST") {
      const { name, size } = JSON.parse(body);
      const made = { id: randomUUID(), name, size, offset: 0, complete: false, sha256: "", part_bytes: 1_000_000 };
      sent.set(made.id, made);
      return [201, made];
    }
    const one = sent.get(path.split("/").at(-1));
    if (one === undefined) {
      return [404, { error: "there is no such upload" }];
    }
    if (method === "PATCH") {
      one.offset = Math.min(one.size, Number(headers["upload-offset"]) + body.length);
      one.complete = false; // a mock never has all of it
    }
    return [200, one];
  };
  return { commands, scenes, http, transfer: told.transfer };
}
