// SPDX-License-Identifier: Apache-2.0
// The link to the daemon: looks at health, opens the socket, keeps the clock's estimate and the freshness, calls
// methods. It never gives up and never sends anything later than it was asked to: without a socket a call is refused.
import { ClockOffset } from "./clock_offset";
import { Freshness } from "./freshness";
import { decode_meter_frame, type MeterFrame } from "./meter_frame";
import { decode_picture_frame, type PictureFrame } from "./picture_frame";
import { ReconnectPolicy } from "./reconnect";
import { notification_text, parse_incoming, request_text } from "./rpc";

export type Phase = "connecting" | "live" | "unreachable" | "unpaired";

export interface LinkListener {
  phase(phase: Phase): void;
  notification(method: string, params: unknown): void;
  frame(frame: MeterFrame): void;
  picture(picture: PictureFrame): void;
  round_trip(milliseconds: number): void;
}

export class Refused extends Error {}

const PING_EVERY_MS = 500;
const DEAD_AFTER_MS = 4000;
const HEALTH_TIMEOUT_MS = 2000;
const OPEN_TIMEOUT_MS = 4000;
const SUBPROTOCOL = "overbias.v1";

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Refused): void;
}

export class Link {
  readonly freshness = new Freshness();
  private readonly clock = new ClockOffset();
  private socket: WebSocket | null = null;
  private greeted = false;
  private looking = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private pulse: ReturnType<typeof setInterval> | null = null;
  private next_id = 1;
  private readonly waiting = new Map<number, Waiting>();
  private readonly pings = new Map<number, number>(); // id -> local time sent, oldest first
  private last_sequence: number | null = null;

  constructor(
    private readonly listener: LinkListener,
    private readonly policy = new ReconnectPolicy(),
  ) {}

  start(): void {
    this.listener.phase("connecting");
    void this.look();
  }

  /** The tablet woke up, the network came back, the browser was paired: do not wait for the next turn. */
  kick(): void {
    if (this.socket !== null) {
      this.ping();
    } else if (this.timer !== null) {
      this.look_after(0);
    }
  }

  get live(): boolean {
    return this.socket !== null && this.greeted;
  }

  /** Calls a method. `pressed_ms`: when its key was pressed (performance.now()); null for what needs no time. */
  call(method: string, params: object | undefined, pressed_ms: number | null): Promise<unknown> {
    if (!this.live) {
      return Promise.reject(new Refused(`${method}: not connected to the machine; nothing was sent`));
    }
    const at = pressed_ms === null ? null : this.clock.server_time_ms(pressed_ms);
    if (pressed_ms !== null && at === null) {
      return Promise.reject(new Refused(`${method}: the machine's clock is not known yet; nothing was sent, press again`));
    }
    const id = this.next_id++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket?.send(request_text(id, method, params, at));
    });
  }

  private look_after(wait_ms: number): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
    }
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.look();
    }, wait_ms);
  }

  private async look(): Promise<void> {
    if (this.looking || this.socket !== null) {
      return;
    }
    this.looking = true;
    const given_up = new AbortController();
    const timeout = setTimeout(() => given_up.abort(), HEALTH_TIMEOUT_MS);
    let paired: boolean | null = null;
    try {
      const answer = await fetch("/api/v1/health", { cache: "no-store", signal: given_up.signal });
      if (answer.ok) {
        paired = ((await answer.json()) as { paired?: unknown }).paired === true;
      }
    } catch {
      paired = null;
    }
    clearTimeout(timeout);
    this.looking = false;
    if (paired === true) {
      this.open();
      return;
    }
    this.listener.phase(paired === false ? "unpaired" : "unreachable");
    this.look_after(this.policy.after_failed_health());
  }

  private open(): void {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/ws`, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.greeted = false;
    const opening = setTimeout(() => this.drop(socket), OPEN_TIMEOUT_MS);
    socket.onmessage = (message) => {
      if (this.socket === socket) {
        clearTimeout(opening);
        this.receive(message.data as unknown);
      }
    };
    socket.onclose = () => {
      clearTimeout(opening);
      this.drop(socket);
    };
  }

  /** Ends a socket that closed, or that has gone quiet and may never say so. */
  private drop(socket: WebSocket): void {
    if (this.socket !== socket) {
      return;
    }
    const was_live = this.greeted;
    this.socket = null;
    this.greeted = false;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    if (this.pulse !== null) {
      clearInterval(this.pulse);
      this.pulse = null;
    }
    this.pings.clear();
    this.clock.forget();
    this.freshness.lost();
    this.last_sequence = null;
    for (const { reject } of this.waiting.values()) {
      reject(new Refused("the connection was lost before the machine answered; look at its lamps"));
    }
    this.waiting.clear();
    this.listener.phase("unreachable");
    this.look_after(was_live ? 0 : this.policy.after_failed_socket());
  }

  private receive(data: unknown): void {
    const now_ms = performance.now();
    if (data instanceof ArrayBuffer) {
      const frame = decode_meter_frame(data);
      if (frame !== null) {
        this.last_sequence = frame.sequence;
        this.freshness.meter_frame(now_ms);
        this.listener.frame(frame);
        return;
      }
      const picture = decode_picture_frame(data);
      if (picture !== null) {
        this.listener.picture(picture);
      }
      return;
    }
    const message = typeof data === "string" ? parse_incoming(data) : null;
    if (message === null) {
      return;
    }
    if (message.kind === "notification") {
      if (message.method === "hello") {
        this.greet(message.params, now_ms);
      } else if (["state", "position", "progress"].includes(message.method)) {
        this.freshness.place(now_ms);
      }
      this.listener.notification(message.method, message.params);
      return;
    }
    const sent_ms = this.pings.get(message.id);
    if (sent_ms !== undefined) {
      this.pings.delete(message.id);
      this.freshness.waiting_since(this.oldest_ping());
      if (message.kind === "answer") {
        this.clock.answered(sent_ms, (message.result as { server_time_ms: number }).server_time_ms, now_ms);
        this.listener.round_trip(now_ms - sent_ms);
      }
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.kind === "answer") {
      waiting?.resolve(message.result);
    } else {
      waiting?.reject(new Refused(message.error.message));
    }
  }

  private greet(params: unknown, now_ms: number): void {
    const server_time_ms = (params as { server_time_ms?: unknown } | null)?.server_time_ms;
    if (typeof server_time_ms === "number") {
      this.clock.greeting(server_time_ms, now_ms);
    }
    this.greeted = true;
    this.policy.connected();
    this.listener.phase("live");
    this.ping();
    this.pulse = setInterval(() => {
      if (this.last_sequence !== null) {
        this.socket?.send(notification_text("seen", { sequence: this.last_sequence }));
      }
      this.ping();
    }, PING_EVERY_MS);
    this.call("status", undefined, null).then(
      (status) => this.listener.notification("status", status),
      () => undefined, // the link went down again
    );
  }

  private oldest_ping(): number | null {
    for (const sent_ms of this.pings.values()) {
      return sent_ms;
    }
    return null;
  }

  private ping(): void {
    const socket = this.socket;
    if (socket === null || !this.greeted) {
      return;
    }
    const now_ms = performance.now();
    const oldest_ms = this.oldest_ping();
    if (oldest_ms !== null && now_ms - oldest_ms > DEAD_AFTER_MS) {
      this.drop(socket);
      return;
    }
    const id = this.next_id++;
    this.pings.set(id, now_ms);
    this.freshness.waiting_since(this.oldest_ping());
    socket.send(request_text(id, "ping", undefined, null));
  }
}
