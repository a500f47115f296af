// SPDX-License-Identifier: Apache-2.0
// What the link sees of a daemon, under fake timers: health by fetch, sockets that the test opens and feeds.
import { vi } from "vitest";

export class FakeSocket {
  static all: FakeSocket[] = [];
  binaryType = "blob";
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  // --- what the daemon does
  tells(method: string, params: unknown): void {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: "2.0", method, params }) });
  }
  answers(id: unknown, result: unknown): void {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: "2.0", id, result }) });
  }
  refuses(id: unknown, message: string): void {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32001, message } }) });
  }
  of(method: string): Record<string, unknown>[] {
    return this.sent.filter((message) => message.method === method);
  }
}

export type Health = "down" | "hangs" | "unpaired" | "paired";

export class FakeDaemon {
  health: Health = "paired";
  health_looks = 0;

  constructor() {
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    vi.stubGlobal("fetch", (_path: string, options: { signal?: AbortSignal }) => {
      this.health_looks += 1;
      if (this.health === "down") {
        return Promise.reject(new TypeError("refused"));
      }
      if (this.health === "hangs") {
        return new Promise((_, reject) => options.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
      }
      return Promise.resolve({ ok: true, json: () => Promise.resolve({ paired: this.health === "paired" }) });
    });
  }
  get socket(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (socket === undefined) {
      throw new Error("no socket was opened");
    }
    return socket;
  }
  get sockets(): number {
    return FakeSocket.all.length;
  }
}
