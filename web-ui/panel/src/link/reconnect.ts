// SPDX-License-Identifier: Apache-2.0
// When to try again. First a plain HTTP look at /api/v1/health, once a second for ever; only when it answers is the
// socket opened (browsers slow down repeated failed sockets, not fetches). Sockets that fail all the same are spaced
// 1 s, 2 s, then 3 s, each with up to a quarter of jitter, so that eight tablets do not come back in step.

export const HEALTH_EVERY_MS = 1000;
export const LONGEST_WAIT_MS = 3000;

export class ReconnectPolicy {
  private failed_sockets = 0;
  constructor(private readonly random: () => number = Math.random) {}

  /** Wait before the next look at health. */
  after_failed_health(): number {
    return HEALTH_EVERY_MS;
  }
  /** Wait before the next look at health, after a socket that never opened or closed early. */
  after_failed_socket(): number {
    this.failed_sockets += 1;
    const wait_ms = Math.min(HEALTH_EVERY_MS * this.failed_sockets, LONGEST_WAIT_MS);
    return wait_ms * (1 - 0.25 * this.random());
  }
  /** The socket carried the server's greeting. */
  connected(): void {
    this.failed_sockets = 0;
  }
}
