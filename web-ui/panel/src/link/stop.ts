// SPDX-License-Identifier: Apache-2.0
// STOP goes two ways at once, by the socket and by HTTP, and whichever arrives first counts; a second STOP harms
// nothing. The HTTP way is repeated until the daemon confirms one of them. A STOP that nobody confirms within a second
// is said loudly: the operator must use the deck's own.

export type StopState = "idle" | "sent" | "confirmed" | "unconfirmed" | "not_paired";

const LOUD_AFTER_MS = 1000;
const REPEAT_MS = 500;
const TRIES = 20;

export class StopSender {
  private press_number = 0;
  private loud: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly by_socket: () => Promise<unknown>,
    private readonly tell: (state: StopState) => void,
  ) {}

  press(): void {
    const press = ++this.press_number;
    this.tell("sent");
    this.quiet();
    this.loud = setTimeout(() => this.tell("unconfirmed"), LOUD_AFTER_MS);
    this.by_socket().then(
      () => this.done(press, "confirmed"),
      () => undefined, // the other way remains
    );
    void this.by_http(press, TRIES);
  }

  /** Another command was given: this STOP must not be repeated into it. */
  superseded(): void {
    this.press_number++;
    this.quiet();
    this.tell("idle");
  }

  private quiet(): void {
    if (this.loud !== null) {
      clearTimeout(this.loud);
      this.loud = null;
    }
  }

  private done(press: number, state: StopState): void {
    if (press === this.press_number) {
      this.press_number++; // ends the repetition
      this.quiet();
      this.tell(state);
    }
  }

  private async by_http(press: number, tries: number): Promise<void> {
    try {
      const answer = await fetch("/api/v1/stop", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "{}",
        keepalive: true, // also when the page is being closed
      });
      if (answer.ok) {
        return this.done(press, "confirmed");
      }
      if (answer.status === 401 || answer.status === 403) {
        return this.done(press, "not_paired");
      }
    } catch {
      // not reached: again, below
    }
    if (press === this.press_number && tries > 1) {
      setTimeout(() => {
        if (press === this.press_number) {
          void this.by_http(press, tries - 1);
        }
      }, REPEAT_MS);
    }
  }
}
