// SPDX-License-Identifier: Apache-2.0
// A stand-in for overbiasd while the panel is being written: its files, its HTTP and its socket (docs/api.md), with a
// deck that knows play, wind, stop and a pretended print. No test of the product runs against it.
//   node dev/mock-server.mjs [PORT]      prints the address; POST /mock/print, /mock/fault, /mock/card, /mock/doubt ... for scenes
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import * as alignment from "./mock-alignment.mjs";
import { tone_analysis } from "./mock-analysis.mjs";
import { print_part } from "./mock-print-deck.mjs";

const port = Number(process.argv[2] ?? 8039);
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const kinds = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const version = "0.3.0-mock";
const play_ips = 15;
const play_m_s = play_ips * 0.0254;
let token = randomBytes(16).toString("hex");
const session = randomBytes(16).toString("hex");

const deck = {
  current: "Stopped", requested: "Stopped", arm: "Safe", record_tally: false, fault: null, tape_m: 143.219, known: true,
  speed_m_s: 0, job: null, last_job: null, card: { lost: false, problem: null }, clock_s: 0,
}; // prettier-ignore
Object.assign(deck, { lifters: "Normal", library_wind: false, threading: false, ready_tracks: [2], play_speed_ips: play_ips, shuttle_m_s: 0 });
const routes = { on: [], muted_by_cue: false };
const offers = {
  library_wind: true, shuttle: { slowest_ips: 0.75, fastest_ips: 300 }, edit: true, lifter_defeat: true, thread: true, speeds_ips: [7.5, 15, 30], ready_tracks: 2,
  routes: ["source", "oscillator", "tape_return", "mute", "mono"],
}; // prettier-ignore
const listening = {
  what: "off", dim: false, mono: false, mute: false, match: { delay_ms: 66.7, level_difference_db: [0.08, -0.04], basis: "comparison" },
  monitor: { channels: [3, 4], underrun_frames: 0 }, browser: { listeners: { tape: 0, source: 0, ab: 0 }, most: 4, cut_off: 0, sample_rate_hz: 48000 },
}; // prettier-ignore
const sockets = new Set();
const speed_for = { Playing: play_m_s, Recording: play_m_s, FastForwarding: 6, Rewinding: -6 };

const position = () => ({
  tape_m: Math.round(deck.tape_m * 1000) / 1000,
  uncertainty_m: deck.known ? 0.004 : 0.35,
  tape_time: "",
  knowledge: deck.known ? "Known" : "Doubtful",
});
const state = () => ({
  motion: { requested: deck.requested, current: deck.current },
  inferred: deck.inferred ?? false, link_problem: deck.link_problem ?? null,
  arm: deck.arm, record_tally: deck.record_tally, tape_out: false, position: position(), fault: deck.fault,
  speed_m_s: deck.speed_m_s, speed_ips: deck.speed_m_s / 0.0254, revision: 1,
  lifters: deck.lifters, library_wind: deck.library_wind, threading: deck.threading, ready_tracks: deck.ready_tracks, play_speed_ips: deck.play_speed_ips,
}); // prettier-ignore
const status = () => ({ transfer: deck.job?.name === "transfer" ? print.transfer : null,
  ...state(), alignment: aligning, arm_held, bias: { concerns: bias_told.concerns }, job: deck.job, last_job: deck.last_job,
  deck: { name: "Ampex ATR-102 1/2 inch", speed_ips: play_ips, equalisation: "IEC1", simulated: true, offers }, routes, version,
}); // prettier-ignore

function tell(method, params) {
  for (const socket of sockets) {
    socket.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }
}
let pending = null;
function go(motion, by_way_of, after_ms) {
  clearTimeout(pending);
  deck.requested = motion;
  deck.current = by_way_of;
  tell("state", state());
  pending = setTimeout(() => {
    deck.current = motion;
    deck.record_tally = motion === "Recording";
    tell("state", state());
  }, after_ms);
}
function stop() {
  deck.library_wind = false;
  deck.arm = "Safe";
  deck.record_tally = false;
  if (deck.job) {
    deck.job = null;
    deck.last_job = { id: "1", name: "print", verdict: "cancelled", exit_status: 1, reason: "stopped by the operator", report_path: null };
    tell("job_end", deck.last_job);
  }
  go("Stopped", deck.current === "Stopped" ? "Stopped" : "Braking", 600);
}
const refuse = (message) => ({ error: { code: -32001, message } });
const done = { status: "accepted", reason: null };
const places = { cues: [{ cue: 0, name: "", tape_m: 3.2 }, { cue: 1, name: "Overture", tape_m: 61.4 }, { cue: 4, name: "solo", tape_m: 120.9 }], mark_in: { tape_m: 100.5 }, mark_out: { tape_m: 112.25 }, stage: "idle", text: null };
const commands = {
  pictures: () => ({ result: true }),
  locator: () => ({ result: places }),
  cue_set: ({ cue }) => ((places.cues = [...places.cues.filter((each) => each.cue !== cue), { cue, name: "", tape_m: deck.tape_m }]), { result: places }),
  mark: ({ which }) => ((places[`mark_${which}`] = { tape_m: deck.tape_m }), { result: places }),
  cue_go: () => (go("Stopped", "Locating", 2500), { result: done }),
  mark_go: () => (go("Stopped", "Locating", 2500), { result: done }),
  return_to_zero: () => (go("Stopped", "Locating", 2500), { result: done }),
  rehearse: () => ((places.stage = "pre_roll"), (places.text = "rehearsing: plays past 0:04:23.78, records nothing"), tell("locator", places), { result: done }),
  status: () => ({ result: status() }),
  ping: () => ({ result: { server_time_ms: Date.now() } }),
  stop: () => (stop(), { result: done }),
  play: () => (deck.fault ? refuse("play was refused: the transport is faulted: remove the cause and clear the fault first") : (go("Playing", "Starting", 700), { result: done })),
  rewind: () => (go("Rewinding", "Rewinding", 0), { result: done }),
  fast_forward: () => (go("FastForwarding", "FastForwarding", 0), { result: done }),
  locate: ({ position: place }) => (go("Stopped", "Locating", 2500), (deck.tape_m = Number(place) || deck.tape_m), { result: done }),
  arm: () => ((deck.arm = "Armed"), tell("state", state()), { result: done }),
  disarm: () => ((deck.arm = "Safe"), tell("state", state()), { result: done }),
  record: () =>
    deck.arm !== "Armed" || deck.current !== "Playing"
      ? refuse("record was refused: record is possible only in play: press play and wait for it")
      : (go("Recording", "Playing", 150), { result: done }),
  punch_out: () => ((deck.record_tally = false), go("Playing", "Playing", 100), { result: done }),
  library_wind: ({ direction }) => ((deck.library_wind = true), go(direction === "forward" ? "FastForwarding" : "Rewinding", deck.current, 0), { result: done }),
  shuttle: ({ speed }) => ((deck.shuttle_m_s = speed * 0.0254), go("Shuttling", "Shuttling", 0), { result: done }),
  edit: () => (go("Editing", "Editing", 0), { result: done }),
  defeat_lifters: ({ on }) => ((deck.lifters = on ? "Defeated" : "Normal"), tell("state", state()), { result: done }),
  thread: ({ on }) => ((deck.threading = on), tell("state", state()), { result: done }),
  select_speed: ({ ips }) => ((deck.play_speed_ips = ips), tell("state", state()), { result: done }),
  ready: ({ track, on }) => ((deck.ready_tracks = [...deck.ready_tracks.filter((each) => each !== track), ...(on ? [track] : [])]), tell("state", state()), { result: done }),
  route: ({ name, on }) => ((routes.on = [...routes.on.filter((each) => each !== name), ...(on ? [name] : [])]), tell("routes", routes), { result: done }),
  preset_counter: ({ position: place }) => ((deck.tape_m = Number(place) || deck.tape_m), { result: done }),
  reels: () => ({ result: { remaining_m: 762 - deck.tape_m, remaining_s: (762 - deck.tape_m) / play_m_s, remaining_by: "reels", supply: { radius_m: 0.1172, tension_n: 0.83 }, take_up: { radius_m: 0.0761, tension_n: 0.86 }, warning: null } }),
  zero_counter: () => ((deck.tape_m = 0), (deck.known = true), tell("position", position()), { result: done }),
  analysis: () => ({ result: tone_analysis }),
  listen: (wanted) => (Object.assign(listening, wanted), { result: { status: "accepted", listening } }),
  align_procedures: () => ({ result: alignment.procedures }),
  alignment_document: ({ uuid, form }) => ({ result: { name: `alignment-${uuid}.${form}`, type: "application/octet-stream", base64: Buffer.from("a page").toString("base64") } }),
  align: () => scene === "align-refused" ? refuse("align was refused: record is held: a calibration tape may be on the deck: take it off, then say so") : (align(alignment.confirming), { result: alignment.confirming }),
  align_say: ({ says }) => (says === "abort" ? scenes["align-end"]() : align(alignment.turning), { result: done }),
  alignment: () => ({ result: aligning && { ...aligning, values: alignment.values.slice(0, 3) } }),
  alignments: () => ({ result: alignment.alignments }),
  alignment_record: ({ uuid }) => ({ result: alignment.records.find((each) => each.uuid === uuid) }),
  tape_changed: () => ((arm_held = null), { result: done }),
  bias: () => ({ result: bias_told }),
  bias_set_up: () => ({ result: { status: "accepted", stored: [{ name: "bias level" }], not_stored: [{ name: "bias frequency", place: "track 2 (mixed, capture channel 4)", why: "it does not stand still" }] } }),
  meters_reset: () => ((loudness_s = 0), { result: done }),
  clear_fault: () => ((deck.fault = null), go("Stopped", "Stopped", 0), { result: done }),
};
const print = print_part({ deck, tell, go });
Object.assign(commands, print.commands);
const timeless = new Set(["plan_check", "plan_template", "plan_read", "listen", "log", "files", "uploads", "print_sessions", "job_report", "document", "stop", "disarm", "status", "ping", "seen", "locator", "reels", "pictures", "analysis", "align_procedures", "alignment", "alignments", "alignment_record", "bias"]);

function serve(text) {
  const request = JSON.parse(text);
  if (request.id === undefined) {
    return null;
  }
  const expired = !timeless.has(request.method) && !(Math.abs(Date.now() - request.at) <= 1500);
  const answer = expired
    ? { error: { code: -32002, message: `${request.method} came too late and was not done` } }
    : (commands[request.method]?.(request.params ?? {}) ?? { error: { code: -32601, message: "no such method" } });
  return JSON.stringify({ jsonrpc: "2.0", id: request.id, ...answer });
}

let scene = "";
let aligning = null;
let arm_held = null;
function align(view) {
  aligning = view;
  deck.job = { id: "1", name: "align", state: "running", phase: view.view.title, fraction: 0.2, remaining_s: 40 };
  tell("alignment", view);
}
function end_alignment(verdict, reason) {
  if (aligning === null) {
    align(alignment.turning);
  }
  aligning = deck.job = null;
  tell("progress", null);
  tell("alignment", null);
  deck.last_job = alignment.job_end(verdict, reason);
  tell("job_end", deck.last_job);
}
let bias_told = alignment.bias;
function tell_bias(told) {
  bias_told = told;
  tell("state", { ...state(), bias: { concerns: told.concerns } });
}
const scenes = {
  "align-turn": () => align(alignment.turning),
  "align-search": () => align(alignment.searching),
  "align-azimuth": () => align(alignment.azimuth),
  "align-confirm": () => align(alignment.confirming),
  "align-enter": () => align(alignment.entering),
  "align-watch": () => align(alignment.automatic),
  "align-lines": () => align(alignment.lines_entering),
  "align-speed": () => align(alignment.speed_trimming),
  "align-level": () => align(alignment.level_turning),
  "align-wind": () => align(alignment.winding_back),
  "align-proof": () => align(alignment.proving),
  "align-quick": () => align(alignment.quick_checking),
  "align-large": () => align(alignment.turning),
  "align-lost": () => align(alignment.turning),
  "align-refused": () => undefined,
  "align-end": () => end_alignment("fail", "record level of the right track is outside its limits"),
  "align-pass": () => end_alignment("pass", null),
  "align-not-off-tape": () => end_alignment("refused", "nothing comes off tape: is the monitor on INPUT?"),
  bias: () => tell_bias(alignment.bias),
  "bias-good": () => tell_bias(alignment.bias_good),
  "bias-fail": () => tell_bias(alignment.bias_failed),
  "bias-none": () => tell_bias(alignment.bias_unwatched),
  "bias-rest": () => tell_bias(alignment.bias_at_rest),
  held: () => {
    arm_held = "a calibration tape was heard; arm is released when you say that it is off the deck";
    tell("state", { ...state(), arm_held });
  },
  print: () => {
    deck.arm = "Armed";
    deck.last_job = null;
    deck.job = { id: "1", name: "print", state: "running", phase: "track 2 of 4: 02 Nocturne in C sharp minor.wav", fraction: 0.37, remaining_s: 803 };
    go("Recording", "Recording", 0);
  },
  pass: () => {
    deck.job = null;
    deck.last_job = { id: "1", name: "print", verdict: "pass", reason: null, report_path: "/var/lib/overbias/reports/7c2e51d0-6f0f-4c43-9a57-1df2f4b7c1aa.json" };
    tell("job_end", deck.last_job);
    go("Stopped", "Stopped", 0);
  },
  fail: () => {
    deck.job = null;
    deck.last_job = { id: "1", name: "print", verdict: "fail", reason: "dropout", report_path: "/var/lib/overbias/reports/7c2e51d0-6f0f-4c43-9a57-1df2f4b7c1aa.json" };
    tell("job_end", deck.last_job);
  },
  fault: () => {
    deck.fault = "the play tally was lost while the deck recorded; record was switched off and the deck stopped. Look at the tape, then clear the fault";
    go("Faulted", "Faulted", 0);
  },
  card: () => {
    deck.card = { lost: !deck.card.lost, problem: "hw:Deck is gone; it is opened again when it returns, nothing resumes" };
    tell("card", deck.card);
  },
  blind: () => {
    deck.inferred = true;
    go("Playing", "Playing", 0);
  },
  cut: () => {
    deck.link_problem = "/dev/serial/by-id/usb-FTDI-if00: end of file; trying again in 0.8 s";
    go("Unknown", "Unknown", 0);
  },
  cue: () => {
    deck.lifters = "Defeated";
    Object.assign(routes, { on: ["tape_return"], muted_by_cue: true });
    tell("routes", routes);
    commands.shuttle({ speed: 60 });
  },
  library: () => commands.library_wind({ direction: "reverse" }),
  doubt: () => {
    deck.known = !deck.known;
    tell("position", position());
  },
};

Object.assign(scenes, print.scenes);
const is_paired = (request) => (request.headers.cookie ?? "").includes(`overbias_session=${session}`);
const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://mock");
  response.setHeader("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  let body = "";
  for await (const chunk of request) {
    body += chunk;
  }
  const end = (code, type = "", text = "") => response.writeHead(code, type ? { "Content-Type": type } : {}).end(text);
  if (url.pathname === "/api/v1/health") {
    return end(200, "application/json", JSON.stringify({ status: "ok", version, paired: is_paired(request), server_time_ms: Date.now() }));
  }
  if (url.pathname === "/api/v1/pair" && request.method === "POST") {
    if (JSON.parse(body).token !== token) {
      return end(401);
    }
    token = randomBytes(16).toString("hex");
    response.setHeader("Set-Cookie", `overbias_session=${session}; HttpOnly; SameSite=Strict; Path=/`);
    return end(204);
  }
  if (url.pathname === "/api/v1/rpc" && request.method === "POST") {
    return is_paired(request) ? end(200, "application/json", serve(body)) : end(401);
  }
  if (url.pathname === "/api/v1/stop" && request.method === "POST") {
    return is_paired(request) ? (stop(), end(204)) : end(401);
  }
  const upload = is_paired(request) ? print.http(request.method, url.pathname, body, request.headers) : null;
  if (upload !== null) {
    return end(upload[0], "application/json", JSON.stringify(upload[1]));
  }
  if (url.pathname.startsWith("/mock/")) {
    scene = url.pathname.slice(6);
    scenes[scene]?.();
    return end(204);
  }
  const path = normalize(url.pathname === "/" ? "/index.html" : url.pathname);
  try {
    return end(200, kinds[extname(path)] ?? "application/octet-stream", await readFile(join(dist, path)));
  } catch {
    return end(404);
  }
});

const wss = new WebSocketServer({ noServer: true, handleProtocols: () => "overbias.v1" });
server.on("upgrade", (request, socket, head) => {
  if (!is_paired(request)) {
    return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
  }
  wss.handleUpgrade(request, socket, head, (client) => {
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    client.on("message", (text) => {
      const answer = serve(String(text));
      if (answer !== null) {
        client.send(answer);
      }
    });
    client.send(JSON.stringify({ jsonrpc: "2.0", method: "hello", params: { server_time_ms: Date.now(), version } }));
    client.send(JSON.stringify({ jsonrpc: "2.0", method: "state", params: state() }));
  });
});

let sequence = 0;
let loudness_s = 0;
const tick_s = 1 / 30;
setInterval(() => {
  deck.clock_s += tick_s;
  const wanted = deck.current === "Locating" ? 5 : deck.current === "Shuttling" ? deck.shuttle_m_s : (speed_for[deck.current] ?? 0);
  deck.speed_m_s += (wanted - deck.speed_m_s) * 0.3;
  deck.tape_m += deck.speed_m_s * tick_s;
  if (Math.abs(deck.speed_m_s) < 0.01 && wanted === 0) {
    deck.speed_m_s = 0;
  }
  tell("position", { ...position(), speed_ips: deck.speed_m_s / 0.0254 });
  if (deck.job) {
    deck.job.fraction = Math.min(1, deck.job.fraction + tick_s / 1276);
    deck.job.remaining_s -= tick_s;
    tell("progress", deck.job);
  }
  const moving = ["Playing", "Recording"].includes(deck.current);
  const frame = new DataView(new ArrayBuffer(160));
  frame.setUint8(0, 1);
  frame.setUint8(1, 2);
  frame.setUint32(4, ++sequence, true);
  frame.setBigUint64(8, BigInt(Math.round(deck.clock_s * 1e9)), true);
  const music = (phase) => -4 + 4 * Math.sin(deck.clock_s * 1.7 + phase) + 2 * Math.sin(deck.clock_s * 6.1 + 2 * phase);
  loudness_s += moving ? tick_s : 0;
  for (const [at, shift] of [[16, 0], [88, 0.05]]) {
    const [left, right] = [music(shift), music(shift + 0.6)];
    const figures = moving
      ? [left, right, left + 7, right + 7, left + 6.5, right + 6.5, left - 8, right - 7.5, left - 9, right - 8, left - 17, -21.3, 0.6 + 0.3 * Math.sin(deck.clock_s), 0, 0, -20.4, 6.2, loudness_s]
      : [-60, -60, -110, -110, -110, -110, -96, -96, -96, -96, -120, -120, 0, 0, 0, Number.NaN, Number.NaN, loudness_s];
    figures.forEach((value, index) => frame.setFloat32(at + 4 * index, value, true));
    frame.setUint32(at + 56, moving ? 2 : 0, true);
  }
  for (const socket of sockets) {
    socket.send(frame.buffer);
  }
}, 1000 * tick_s);

server.listen(port, "127.0.0.1", () => console.log(`panel: http://127.0.0.1:${server.address().port}/#token=${token}`));
