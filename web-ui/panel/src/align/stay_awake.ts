// SPDX-License-Identifier: Apache-2.0
// Keeps the screen lit while hands are behind the machine. Browsers have this on a secure address only (https, or the
// machine itself); elsewhere the device's own setting decides.
interface Lock {
  release(): Promise<void>;
}

/** Begins it; returns what ends it. */
export function stay_awake(): () => void {
  const wake_lock = (navigator as { wakeLock?: { request(type: "screen"): Promise<Lock> } }).wakeLock;
  if (wake_lock === undefined) {
    return () => undefined;
  }
  let lock: Lock | null = null;
  let over = false;
  const request = () => {
    if (document.hidden || over) {
      return; // it is given only to what is seen, and taken away with it
    }
    wake_lock.request("screen").then(
      (given) => {
        lock = given;
        if (over) {
          void given.release();
        }
      },
      () => undefined, // a battery that is low
    );
  };
  document.addEventListener("visibilitychange", request);
  request();
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", request);
    void lock?.release();
  };
}
