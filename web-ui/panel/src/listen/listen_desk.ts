// SPDX-License-Identifier: Apache-2.0
// The switch of the monitor outputs, which is the machine's, and the sound that this browser plays.
import { signal } from "@preact/signals";
import { fields } from "../align/alignment";
import { panel } from "../state/panel";
import { listening_of, type Listening, type Stream } from "./listening";

export const listening = signal<Listening | null>(null);
export const listening_problem = signal<string | null>(null);
const take = (told: unknown) => (listening.value = listening_of(told) ?? listening.peek());

panel.on_told((method, params) => {
  if (method === "state" || method === "status") {
    take(fields(params)?.listening);
  }
});

/** How it stands; it changes with what a comparison measures, which is not told by itself. */
export async function ask_listening(): Promise<void> {
  try {
    take(fields(await panel.ask("listen", {}))?.listening);
    listening_problem.value = null;
  } catch (error) {
    listening_problem.value = error instanceof Error ? error.message : String(error);
  }
}
export async function listen_to(params: { what?: string; dim?: boolean; mono?: boolean; mute?: boolean }, pressed_ms: number): Promise<void> {
  const answer = await panel.order("listen", params, pressed_ms);
  take(answer?.listening);
}

// ---- in this browser

export type Hearing = "off" | "begins" | "plays" | "failed";
export const hearing = signal<Hearing>("off");
export const stream = signal<Stream>("ab");
let sound: HTMLAudioElement | null = null;

export function hush(): void {
  const was = sound;
  sound = null;
  hearing.value = "off";
  if (was !== null) {
    was.pause();
    was.removeAttribute("src");
    was.load(); // the connection ends with it
  }
}
/** Only from a press: browsers play nothing of themselves. */
export function hear(what: Stream): void {
  hush();
  stream.value = what;
  const playing = new Audio(`/api/v1/listen.flac?what=${what}`);
  sound = playing;
  hearing.value = "begins";
  const become = (state: Hearing) => {
    if (sound === playing) {
      hearing.value = state;
    }
  };
  playing.addEventListener("playing", () => become("plays"));
  playing.addEventListener("waiting", () => become("begins"));
  for (const end of ["error", "ended"]) {
    playing.addEventListener(end, () => become("failed"));
  }
  playing.play().catch(() => become("failed"));
}
