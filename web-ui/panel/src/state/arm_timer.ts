// SPDX-License-Identifier: Apache-2.0
// Arm that was given here is withdrawn after 30 s unless recording has begun: an armed deck must not be forgotten.
// Arm given elsewhere (a print, another panel) is not ours to withdraw.

export const ARM_FOR_MS = 30_000;

export class ArmTimer {
  private until_ms: number | null = null;

  /** Our own arm was accepted. */
  given(now_ms: number): void {
    this.until_ms = now_ms + ARM_FOR_MS;
  }
  /** The machine's word: safe again, or recording. */
  machine(armed: boolean, recording: boolean): void {
    if (!armed || recording) {
      this.until_ms = null;
    }
  }
  remaining_ms(now_ms: number): number | null {
    return this.until_ms === null ? null : Math.max(0, this.until_ms - now_ms);
  }
  /** True once, when the time is over. */
  over(now_ms: number): boolean {
    if (this.until_ms !== null && now_ms >= this.until_ms) {
      this.until_ms = null;
      return true;
    }
    return false;
  }
}
