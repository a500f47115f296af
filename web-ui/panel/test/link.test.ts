// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Link, type LinkListener, type Phase } from "../src/link/link";
import { ReconnectPolicy } from "../src/link/reconnect";
import { FakeDaemon } from "./fake_daemon";

let daemon: FakeDaemon;
let phases: Phase[];
let told: [string, unknown][];
let frames: number;
let link: Link;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "Date"] });
  daemon = new FakeDaemon();
  phases = [];
  told = [];
  frames = 0;
  const listener: LinkListener = {
    phase: (phase) => phases.push(phase),
    notification: (method, params) => told.push([method, params]),
    frame: () => (frames += 1),
    picture: () => undefined,
    round_trip: () => undefined,
  };
  link = new Link(listener, new ReconnectPolicy(() => 0));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const hello = { server_time_ms: 1_000_000, version: "0.3.0" };

async function connect(): Promise<void> {
  link.start();
  await pass(0);
  daemon.socket.tells("hello", hello);
}

test("health first, then the socket with the subprotocol; live at the greeting, not before", async () => {
  link.start();
  await pass(0);
  expect(daemon.socket.protocol).toBe("overbias.v1");
  expect(daemon.socket.url).toMatch(/\/api\/v1\/ws$/);
  expect(link.live).toBe(false);
  daemon.socket.tells("hello", hello);
  expect(phases).toEqual(["connecting", "live"]);
  expect(daemon.socket.of("status")).toHaveLength(1);
});

test("an unreachable machine is looked for every second for ever, and no socket is opened meanwhile", async () => {
  daemon.health = "down";
  link.start();
  await pass(3_600_000);
  expect(daemon.health_looks).toBeGreaterThanOrEqual(3600);
  expect(daemon.sockets).toBe(0);
  daemon.health = "paired";
  await pass(1000);
  expect(daemon.sockets).toBe(1);
});

test("a health look that hangs is given up after 2 s", async () => {
  daemon.health = "hangs";
  link.start();
  await pass(1999);
  expect(daemon.health_looks).toBe(1);
  await pass(1001);
  expect(daemon.health_looks).toBe(2);
});

test("an unpaired browser is told so, opens no socket, and goes on as soon as it is paired", async () => {
  daemon.health = "unpaired";
  link.start();
  await pass(0);
  expect(phases.at(-1)).toBe("unpaired");
  expect(daemon.sockets).toBe(0);
  daemon.health = "paired";
  link.kick();
  await pass(0);
  expect(daemon.sockets).toBe(1);
});

test("after a loss it looks again at once, and the new connection is live again", async () => {
  await connect();
  daemon.socket.onclose?.();
  expect(phases.at(-1)).toBe("unreachable");
  await pass(0);
  expect(daemon.sockets).toBe(2);
  daemon.socket.tells("hello", hello);
  expect(phases.at(-1)).toBe("live");
});

test("sockets that never greet are spaced out", async () => {
  link.start();
  await pass(0);
  daemon.socket.onclose?.();
  await pass(999);
  expect(daemon.sockets).toBe(1);
  await pass(1);
  expect(daemon.sockets).toBe(2);
  daemon.socket.onclose?.();
  await pass(1999);
  expect(daemon.sockets).toBe(2);
  await pass(1);
  expect(daemon.sockets).toBe(3);
});

test("a tablet that wakes up does not wait for its turn", async () => {
  daemon.health = "down";
  link.start();
  await pass(100);
  daemon.health = "paired";
  link.kick();
  await pass(0);
  expect(daemon.sockets).toBe(1);
});

test("a socket gone quiet is given up although it never closed", async () => {
  await connect();
  await pass(6000); // no ping is answered
  expect(phases).toContain("unreachable");
  expect(daemon.sockets).toBeGreaterThan(1);
});

test("a command carries the server's time of the key press, not of the sending", async () => {
  await connect();
  const ping = daemon.socket.of("ping")[0];
  const sent_ms = performance.now();
  daemon.socket.answers(ping?.id, { server_time_ms: 500_000 });
  await pass(300);
  void link.call("play", undefined, sent_ms + 100).catch(() => undefined);
  expect(daemon.socket.of("play")[0]).toMatchObject({ at: 500_100 });
});

test("without a connection a command is refused and never sent later", async () => {
  daemon.health = "down";
  link.start();
  await pass(0);
  await expect(link.call("play", undefined, performance.now())).rejects.toThrow("not connected");
  daemon.health = "paired";
  await pass(1000);
  daemon.socket.tells("hello", hello);
  await pass(5000);
  expect(daemon.socket.of("play")).toHaveLength(0);
});

test("answers find their calls; a refusal keeps the machine's words; a loss ends what waits", async () => {
  await connect();
  const taken = link.call("arm", undefined, performance.now());
  const refused = link.call("record", undefined, performance.now());
  const lost = link.call("locate", { position: 3 }, performance.now());
  daemon.socket.refuses(daemon.socket.of("record")[0]?.id, "record was refused: record is not armed");
  daemon.socket.answers(daemon.socket.of("arm")[0]?.id, { status: "accepted" });
  await expect(taken).resolves.toEqual({ status: "accepted" });
  await expect(refused).rejects.toThrow("record is not armed");
  const lost_seen = expect(lost).rejects.toThrow("connection was lost");
  daemon.socket.onclose?.();
  await lost_seen;
});

test("frames are counted back every half second, so that the server can thin them", async () => {
  await connect();
  const frame = new DataView(new ArrayBuffer(160));
  frame.setUint8(0, 1);
  frame.setUint8(1, 2);
  frame.setUint32(4, 77, true);
  daemon.socket.onmessage?.({ data: frame.buffer });
  await pass(500);
  expect(frames).toBe(1);
  expect(daemon.socket.of("seen")).toEqual([{ jsonrpc: "2.0", method: "seen", params: { sequence: 77 } }]);
  expect(link.freshness.meters_stale(performance.now())).toBe(false);
  await pass(501);
  expect(link.freshness.meters_stale(performance.now())).toBe(true);
});
