// SPDX-License-Identifier: Apache-2.0
// The daemon's clock as seen from here, so that a command can say when its key was pressed ("at"). A command that
// starts motion and arrives late is refused by the daemon; that only works when the estimate is honest.
//
// Each answered ping bounds the difference: the server's stamp was made between sending and receiving. The ping with
// the shortest round trip bounds it best. Times are milliseconds; local ones of performance.now(), which no clock
// setting can move (and which may stand still while the tablet sleeps: see `bounds contradict` below).

export interface PingSample {
  offset_ms: number; // server minus local
  round_trip_ms: number;
  taken_at_ms: number; // local
}

const KEPT_FOR_MS = 60_000;
const KEPT = 32;

export class ClockOffset {
  private samples: PingSample[] = [];

  /** The server's greeting: not a round trip, so the estimate errs late by the way here, which makes a command look older, never younger. */
  greeting(server_time_ms: number, received_ms: number): void {
    if (this.samples.length === 0) {
      this.samples.push({ offset_ms: server_time_ms - received_ms, round_trip_ms: 10_000, taken_at_ms: received_ms });
    }
  }

  answered(sent_ms: number, server_time_ms: number, received_ms: number): void {
    const sample: PingSample = {
      offset_ms: server_time_ms - (sent_ms + received_ms) / 2,
      round_trip_ms: Math.max(0, received_ms - sent_ms),
      taken_at_ms: received_ms,
    };
    // Bounds that contradict each other: one of the clocks jumped (a sleeping tablet, a clock set). Only the new one holds.
    const slack_ms = 20;
    this.samples = this.samples.filter(
      (old) =>
        received_ms - old.taken_at_ms <= KEPT_FOR_MS &&
        Math.abs(old.offset_ms - sample.offset_ms) <= (old.round_trip_ms + sample.round_trip_ms) / 2 + slack_ms,
    );
    this.samples.push(sample);
    if (this.samples.length > KEPT) {
      this.samples.shift();
    }
  }

  forget(): void {
    this.samples = [];
  }

  /** The server's time at a local moment; null while nothing is known. Whole milliseconds. */
  server_time_ms(local_ms: number): number | null {
    let best: PingSample | null = null;
    for (const sample of this.samples) {
      if (best === null || sample.round_trip_ms < best.round_trip_ms) {
        best = sample;
      }
    }
    return best === null ? null : Math.floor(local_ms + best.offset_ms);
  }
}
