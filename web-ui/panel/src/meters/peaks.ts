// SPDX-License-Identifier: Apache-2.0
// Peak lamp and the figures under a meter. Both live on the time inside the frames, so that nothing moves without new
// data.

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

export interface Figures {
  vu: number;
  peak_dbfs: number;
}

/** The highest since the last look: digits that change with every frame can't be read. */
export class HighestSince {
  private vu = -Infinity;
  private peak_dbfs = -Infinity;

  frame(vu: number, peak_dbfs: number): void {
    this.vu = Math.max(this.vu, vu);
    this.peak_dbfs = Math.max(this.peak_dbfs, peak_dbfs);
  }
  /** Null when no frame came since. */
  take(): Figures | null {
    if (this.vu === -Infinity) {
      return null;
    }
    const figures = { vu: this.vu, peak_dbfs: this.peak_dbfs };
    this.vu = this.peak_dbfs = -Infinity;
    return figures;
  }
}
