// SPDX-License-Identifier: Apache-2.0
// The whole panel on a page (happy-dom) against the fake daemon, under fake timers: put there before each test and taken
// away after it. Import it from a test with "@vitest-environment happy-dom".
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, vi } from "vitest";
import { FakeDaemon } from "./fake_daemon";

export let daemon: FakeDaemon;
export let root: HTMLElement;
export let posts: string[];

const real_timeout = globalThis.setTimeout; // as it is before it is faked

export const pass = (milliseconds: number) => act(async () => void (await vi.advanceTimersByTimeAsync(milliseconds)));
export const find = (selector: string): HTMLElement => {
  const element = root.querySelector<HTMLElement>(selector);
  if (element === null) {
    throw new Error(`the panel has no ${selector}`);
  }
  return element;
};
/** Until what is fetched on demand is there. Its time is the machine's, not the page's. */
export async function appears(selector: string): Promise<HTMLElement> {
  for (let turn = 0; turn < 4000 && root.querySelector(selector) === null; turn++) {
    await act(async () => void (await new Promise((done) => real_timeout(done, 5))));
  }
  return find(selector);
}
export const point = (target: HTMLElement, type: string) => act(() => void target.dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0 })));
export const key = (target: EventTarget, name: string, type = "keydown") => {
  const event = new KeyboardEvent(type, { key: name, bubbles: true, cancelable: true });
  void act(() => void target.dispatchEvent(event));
  return event;
};
export const sent = (method: string) => daemon.socket.of(method);

export const at_rest = {
  motion: { requested: "Stopped", current: "Stopped" }, arm: "Safe", record_tally: false, tape_out: false, fault: null,
  position: { tape_m: 3.81, uncertainty_m: 0.01, knowledge: "Known" }, speed_ips: 0, revision: 1,
}; // prettier-ignore
export const deck = { name: "ATR-102", speed_ips: 15, equalisation: "IEC1", simulated: true };

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "Date"] });
  vi.resetModules();
  daemon = new FakeDaemon();
  posts = [];
  const health = globalThis.fetch as (path: string, options: RequestInit) => Promise<unknown>;
  vi.stubGlobal("fetch", (path: string, options: RequestInit) => {
    if (options.method === "POST") {
      posts.push(path);
      return Promise.reject(new TypeError("refused"));
    }
    return health(path, options);
  });
  root = document.createElement("div");
  document.body.append(root);
  const { panel } = await import("../src/state/panel");
  const { App } = await import("../src/ui/app");
  const { take_keys } = await import("../src/ui/keyboard");
  await act(() => render(<App />, root));
  take_keys(panel);
  void panel.start();
  await pass(0);
});
afterEach(() => {
  render(null, root);
  root.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Greeted, with a state; pings answered from here on until the test lets time pass. */
export async function go_live(state: object = {}): Promise<void> {
  await act(() => {
    daemon.socket.tells("hello", { server_time_ms: 1_000_000, version: "0.3.0" });
    daemon.socket.tells("state", { ...at_rest, deck, ...state });
  });
  answer_pings();
  await pass(200);
}
function answer_pings(): void {
  for (const ping of daemon.socket.of("ping")) {
    daemon.socket.answers(ping.id, { server_time_ms: 1_000_000 + performance.now() });
  }
}
/** Time passes on a healthy link. */
export async function pass_live(milliseconds: number): Promise<void> {
  for (let done = 0; done < milliseconds; done += 250) {
    await pass(250);
    await act(() => {
      daemon.socket.tells("position", at_rest.position);
      answer_pings();
    });
  }
}
