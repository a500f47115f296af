// SPDX-License-Identifier: Apache-2.0
// Is what the panel shows still true? A value is stale when nothing new of its kind came for a second, or when the
// link itself is late: a ping that waits longer than that means whatever arrives was measured as long ago.
// Times: milliseconds of performance.now().

export const STALE_AFTER_MS = 1000;

export class Freshness {
  private last_frame_ms = -Infinity;
  private last_place_ms = -Infinity;
  private oldest_ping_ms: number | null = null;

  meter_frame(now_ms: number): void {
    this.last_frame_ms = now_ms;
  }
  /** State, position or progress: the machine itself spoke. */
  place(now_ms: number): void {
    this.last_place_ms = now_ms;
  }
  /** When the oldest unanswered ping was sent; null when none is waiting. */
  waiting_since(sent_ms: number | null): void {
    this.oldest_ping_ms = sent_ms;
  }
  lost(): void {
    this.last_frame_ms = -Infinity;
    this.last_place_ms = -Infinity;
    this.oldest_ping_ms = null;
  }

  private late(now_ms: number): boolean {
    return this.oldest_ping_ms !== null && now_ms - this.oldest_ping_ms > STALE_AFTER_MS;
  }
  meters_stale(now_ms: number): boolean {
    return this.late(now_ms) || now_ms - this.last_frame_ms > STALE_AFTER_MS;
  }
  /** The counter lives on either: a deck at rest may send no place, but its meters run. */
  counter_stale(now_ms: number): boolean {
    return this.late(now_ms) || now_ms - Math.max(this.last_frame_ms, this.last_place_ms) > STALE_AFTER_MS;
  }
}
