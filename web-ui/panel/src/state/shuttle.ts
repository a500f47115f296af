// SPDX-License-Identifier: Apache-2.0
// The shuttle slider springs back: the tape runs at a speed while it is held off its middle, and stands still when it is
// released. After STOP or another key it does nothing until it is grabbed again.
import type { ShuttleOffer } from "./offers";

const DEAD_SHARE = 0.08; // around the middle: still
const PACE_MS = 80; // from one speed sent to the next
const WIDEST_RATIO = 400; // from the slowest to the fastest, where the deck names no slowest

/** -1 ... 1 of the slider's way to a speed: equal ways are equal ratios. */
export function shuttle_speed_ips(share: number, offer: ShuttleOffer): number {
  const way = (Math.min(1, Math.abs(share)) - DEAD_SHARE) / (1 - DEAD_SHARE);
  if (!(way > 0)) {
    return 0;
  }
  const slowest = Math.max(offer.slowest_ips, offer.fastest_ips / WIDEST_RATIO);
  const speed = Number((slowest * (offer.fastest_ips / slowest) ** way).toPrecision(3));
  return Math.sign(share) * Math.min(speed, offer.fastest_ips);
}

export class ShuttleHold {
  private held = false;
  private wanted_ips = 0;
  private sent_ips = 0;
  private runs = false; // the machine has taken a speed
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** `send` is true when the machine took it. */
  constructor(private readonly send: (speed_ips: number) => Promise<boolean>) {}

  grab(): void {
    this.let_go();
    this.held = true;
  }
  /** False: it was let go meanwhile, and moves nothing any more. */
  move(speed_ips: number): boolean {
    if (!this.held) {
      return false;
    }
    this.wanted_ips = speed_ips;
    if (this.timer === null) {
      this.send_wanted();
    }
    return true;
  }
  release(): void {
    const to_stop = this.runs || this.sent_ips !== 0;
    this.let_go();
    if (to_stop) {
      void this.send(0);
    }
  }
  /** STOP or another key: nothing more is sent, the end of the shuttle neither. */
  let_go(): void {
    this.runs = false;
    this.no_more();
  }

  private no_more(): void {
    this.held = false;
    this.wanted_ips = this.sent_ips = 0;
    if (this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
    }
  }
  private send_wanted(): void {
    if (this.wanted_ips === this.sent_ips) {
      return;
    }
    this.sent_ips = this.wanted_ips;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.send_wanted();
    }, PACE_MS);
    void this.send(this.sent_ips).then((taken) => {
      if (taken) {
        this.runs ||= this.held;
      } else {
        this.no_more(); // a speed taken before is still ended by the release
      }
    });
  }
}
