// SPDX-License-Identifier: Apache-2.0
// Peak lamp, held true peak, clip light and figures. They live on what is in the frames, so that nothing moves without
// new data.
import type { Channel } from "../link/meter_frame";

export const PEAK_LAMP_DBFS = -1;
const HOLD_NS = 1_500_000_000n;

/** Lit from a peak at or over -1 dBFS for 1.5 s of deck time. */
export class PeakLamp {
  private lit_until_ns = -1n;

  frame(peak_dbfs: number, capture_time_ns: bigint): boolean {
    if (peak_dbfs >= PEAK_LAMP_DBFS) {
      this.lit_until_ns = capture_time_ns + HOLD_NS;
    } else if (this.lit_until_ns - capture_time_ns > HOLD_NS) {
      this.lit_until_ns = -1n; // the deck's clock began anew: the daemon was restarted
    }
    return capture_time_ns < this.lit_until_ns;
  }
}

/** The highest true peak since it was cleared, and how often the channel clipped since. */
export class PeakHold {
  private highest_dbtp = -Infinity;
  private clips_seen: number | null = null;
  private clips_before = 0; // the count at which it was cleared

  frame(channel: Channel): void {
    this.highest_dbtp = Math.max(this.highest_dbtp, channel.true_peak_dbtp);
    if (this.clips_seen === null) {
      this.clips_before = channel.clips; // what was before this page looked is not its to light
    } else if (channel.clips < this.clips_seen) {
      this.clips_before = 0; // the daemon was restarted and counts anew
    }
    this.clips_seen = channel.clips;
  }
  clear(): void {
    this.highest_dbtp = -Infinity;
    this.clips_before = this.clips_seen ?? 0;
  }
  get true_peak_dbtp(): number {
    return this.highest_dbtp;
  }
  get clips(): number {
    return (this.clips_seen ?? 0) - this.clips_before;
  }
}

/** The highest since the last look: digits that change with every frame can't be read. */
export class HighestSince {
  private highest = -Infinity;

  frame(value: number): void {
    this.highest = Math.max(this.highest, value);
  }
  /** Null when no frame came since. */
  take(): number | null {
    const highest = this.highest;
    this.highest = -Infinity;
    return highest === -Infinity ? null : highest;
  }
}
