// SPDX-License-Identifier: Apache-2.0
// The panel's state as signals, and what its keys do. One instance for the page; the components only read and call.
import { computed, effect, signal } from "@preact/signals";
import { Link, Refused, type Phase } from "../link/link";
import type { MeterFrame } from "../link/meter_frame";
import type { PictureFrame } from "../link/picture_frame";
import { pair, take_token_from_address, token_of_entry } from "../link/pairing";
import { StopSender, type StopState } from "../link/stop";
import { ArmTimer } from "./arm_timer";
import { NOTHING_KNOWN, told, type Machine } from "./machine";
import { reels_of, type Reels } from "./reels";
import { remembered } from "./remembered";
import { ShuttleHold } from "./shuttle";
import { view_of_hash, type View } from "./view";

export interface Message {
  kind: "refusal" | "answer";
  text: string;
}
export type MeterSource = "tape" | "programme";
export type MotionKey = "play" | "record" | "punch_out" | "fast_forward" | "rewind";

type Told = Record<string, unknown>;

const LOOK_EVERY_MS = 100;

/** A phone, as the style sheets have it. */
const is_small_screen = () => window.matchMedia?.("(max-width: 759px), (max-height: 559px)").matches ?? false;

export class Panel {
  readonly phase = signal<Phase>("connecting");
  readonly machine = signal<Machine>(NOTHING_KNOWN);
  readonly round_trip_ms = signal<number | null>(null);
  readonly meters_stale = signal(true);
  readonly counter_stale = signal(true);
  readonly stop_state = signal<StopState>("idle");
  readonly message = signal<Message | null>(null);
  readonly pairing_problem = signal<string | null>(null);
  readonly pairing = signal(false);
  readonly arm_remaining_s = signal<number | null>(null);
  readonly meter_source = signal<MeterSource>("tape");
  readonly ballistics = remembered("ballistics", "vu"); // the key of a scale
  readonly pictures = remembered("pictures", "closed"); // goniometer and spectrum: "open" or "closed"
  readonly analysing = remembered("analysing", "closed"); // the analysers' figures: "open" or "closed"
  readonly listening = remembered("listening", "closed"); // source against tape by ear: "open" or "closed"
  readonly help = signal(false);
  readonly chosen_view = signal<View | null>(null);
  readonly view = computed(() => this.chosen_view.value ?? "deck");
  readonly alignment = signal<Told | null>(null); // the running one, as it was told (src/align/alignment.ts reads it)
  /** How bad the bias is, in a word; null where nothing is to be said. */
  readonly bias_word = computed(() => {
    const { concerns } = this.machine.value;
    return concerns.some(({ fail }) => fail) ? "fail" : concerns.length > 0 ? "warn" : null;
  });
  /** Takes keys of the keyboard before the deck's are looked at; true: it has had it. */
  key_taker: ((event: KeyboardEvent) => boolean) | null = null;
  readonly setting_cue = signal(false); // the next cue point or mark pressed takes the place of the tape
  readonly auto_play = signal(false); // play when a locate has arrived
  readonly library_asked = signal(false); // the wind pressed last was a library wind
  readonly shuttles_ended = signal(0); // how often it was taken out of the hand
  readonly machine_keys_open = signal(!is_small_screen());
  readonly reels = signal<Reels | null>(null);
  readonly other_version = signal(false);
  readonly live = computed(() => this.phase.value === "live");

  private readonly frame_listeners = new Set<(frame: MeterFrame) => void>();
  private readonly picture_listeners = new Set<(picture: PictureFrame) => void>();
  private readonly told_listeners = new Set<(method: string, params: unknown) => void>();
  private readonly arm_timer = new ArmTimer();
  private first_version: string | null = null;
  private readonly link = new Link({
    phase: (phase) => this.on_phase(phase),
    notification: (method, params) => this.on_notification(method, params),
    frame: (frame) => {
      for (const listener of this.frame_listeners) {
        listener(frame);
      }
    },
    picture: (picture) => {
      if (picture.source === this.meter_source.peek()) {
        this.picture_listeners.forEach((listener) => listener(picture));
      }
    },
    round_trip: (milliseconds) => (this.round_trip_ms.value = milliseconds),
  });
  private readonly stop_sender = new StopSender(
    () => this.link.call("stop", undefined, null),
    (state) => (this.stop_state.value = state),
  );

  readonly shuttle_hold = new ShuttleHold((speed_ips) => this.command("shuttle", { speed: speed_ips }, performance.now()));

  async start(): Promise<void> {
    setInterval(() => this.look(), LOOK_EVERY_MS);
    const wake = () => {
      if (!document.hidden) {
        this.look();
        this.link.kick();
      }
    };
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("online", wake);
    window.addEventListener("pageshow", wake);
    const choose = () => (this.chosen_view.value = view_of_hash(location.hash));
    window.addEventListener("hashchange", () => {
      choose();
      void this.pair_from_address();
    });
    choose();
    effect(() => {
      const source = this.pictures.value === "open" && this.view.value === "deck" ? this.meter_source.value : null;
      if (this.live.value) {
        this.link.call("pictures", { source }, null).catch(() => undefined); // a link that comes back is asked anew
      }
    });
    await this.pair_from_address();
    this.link.start();
  }

  on_frame(listener: (frame: MeterFrame) => void): () => void {
    this.frame_listeners.add(listener);
    return () => this.frame_listeners.delete(listener);
  }

  on_picture(listener: (picture: PictureFrame) => void): () => void {
    this.picture_listeners.add(listener);
    return () => this.picture_listeners.delete(listener);
  }

  /** Every notification, for those who want more of it than the machine's state. */
  on_told(listener: (method: string, params: unknown) => void): () => void {
    this.told_listeners.add(listener);
    return () => this.told_listeners.delete(listener);
  }

  /** Asks something that moves nothing. */
  ask(method: string, params?: object): Promise<unknown> {
    return this.link.call(method, params, null);
  }

  // ---- what the keys do

  stop(): void {
    this.message.value = null;
    this.let_go_of_shuttle();
    this.stop_sender.press();
  }
  private let_go_of_shuttle(): void {
    this.shuttle_hold.let_go();
    this.shuttles_ended.value += 1;
  }
  /** A STOP that is not confirmed yet must not be repeated into another command, nor a held shuttle go on over it. */
  another_key(): void {
    this.stop_sender.superseded();
    this.let_go_of_shuttle();
  }

  motion(method: MotionKey, pressed_ms: number): void {
    this.another_key();
    this.library_asked.value = false;
    void this.command(method, undefined, pressed_ms);
  }
  library_wind(direction: "forward" | "reverse", pressed_ms: number): void {
    this.another_key();
    this.library_asked.value = true;
    void this.command("library_wind", { direction }, pressed_ms);
  }
  shuttle_grab(): void {
    this.stop_sender.superseded();
    this.shuttle_hold.grab();
  }
  edit(pressed_ms: number): void {
    this.another_key();
    void this.command("edit", undefined, pressed_ms);
  }
  /** What is on or off: defeat_lifters, thread, a track's ready, a route of the patch. */
  set(method: "defeat_lifters" | "thread" | "ready" | "route", params: object, pressed_ms: number): void {
    void this.command(method, params, pressed_ms);
  }
  select_speed(ips: number, pressed_ms: number): void {
    void this.command("select_speed", { ips }, pressed_ms);
  }
  preset_counter(position: number | string, pressed_ms: number): void {
    void this.command("preset_counter", { position }, pressed_ms);
  }
  /** Why a key does nothing now. */
  explain(reason: string): void {
    this.message.value = { kind: "refusal", text: reason };
  }
  /** What the reels tell is not told by itself. */
  async ask_reels(): Promise<void> {
    if (this.live.value) {
      this.reels.value = await this.link.call("reels", undefined, null).then(reels_of, () => null);
    }
  }
  async arm(pressed_ms: number): Promise<void> {
    if (await this.command("arm", undefined, pressed_ms)) {
      this.arm_timer.given(performance.now());
    }
  }
  disarm(): void {
    void this.command("disarm", undefined, null);
  }
  locate(position: number | string, pressed_ms: number): void {
    this.another_key();
    void this.command("locate", { position, ...this.then_play() }, pressed_ms);
  }
  return_to_zero(pressed_ms: number): void {
    this.another_key();
    void this.command("return_to_zero", this.then_play(), pressed_ms);
  }
  /** Goes there, or makes it here, as SET says. */
  cue(cue: number, pressed_ms: number): void {
    if (this.setting_cue.value) {
      this.setting_cue.value = false;
      void this.places("cue_set", { cue }, pressed_ms);
    } else {
      this.another_key();
      void this.command("cue_go", { cue: String(cue), ...this.then_play() }, pressed_ms);
    }
  }
  mark(which: "in" | "out", pressed_ms: number): void {
    if (this.setting_cue.value) {
      this.setting_cue.value = false;
      void this.places("mark", { which }, pressed_ms);
    } else {
      this.another_key();
      void this.command("mark_go", { which, ...this.then_play() }, pressed_ms);
    }
  }
  between_marks(method: "repeat" | "rehearse" | "punch", pressed_ms: number): void {
    this.another_key();
    void this.command(method, undefined, pressed_ms);
  }
  private then_play(): { play?: boolean } {
    return this.auto_play.value ? { play: true } : {};
  }
  /** A change of cue points or marks; the answer has them all. */
  private async places(method: string, params: object, pressed_ms: number): Promise<void> {
    this.message.value = null;
    try {
      this.on_notification("locator", await this.link.call(method, params, pressed_ms));
    } catch (error) {
      this.message.value = { kind: "refusal", text: error instanceof Refused ? error.message : String(error) };
    }
  }
  async tape_changed(pressed_ms: number): Promise<void> {
    if (await this.command("tape_changed", undefined, pressed_ms)) {
      this.ask_status();
    }
  }
  zero_counter(pressed_ms: number): void {
    void this.command("zero_counter", undefined, pressed_ms);
  }
  /** Integrated loudness and its range begin anew. */
  meters_reset(pressed_ms: number): void {
    void this.command("meters_reset", undefined, pressed_ms);
  }
  clear_fault(pressed_ms: number): void {
    void this.command("clear_fault", undefined, pressed_ms);
  }
  dismiss_verdict(): void {
    this.machine.value = { ...this.machine.value, last_job: null };
  }

  async pair_with(entry: string): Promise<void> {
    this.pairing.value = true;
    const result = await pair(token_of_entry(entry));
    this.pairing.value = false;
    this.pairing_problem.value = result.paired ? null : result.problem;
    if (result.paired) {
      this.link.kick();
    }
  }

  // ---- what comes from the daemon

  private async pair_from_address(): Promise<void> {
    const token = take_token_from_address();
    if (token !== null) {
      await this.pair_with(token);
    }
  }

  /** True when the machine took it. A refusal is shown in the machine's own words. */
  async command(method: string, params: object | undefined, pressed_ms: number | null): Promise<boolean> {
    return (await this.order(method, params, pressed_ms)) !== null;
  }
  /** The same, with what it answered; null for a refusal. */
  async order(method: string, params: object | undefined, pressed_ms: number | null): Promise<Told | null> {
    this.message.value = null;
    try {
      const answer = ((await this.link.call(method, params, pressed_ms)) ?? {}) as Told;
      if (answer.state !== undefined) {
        this.on_notification("state", answer.state);
      }
      if (answer.status === "deferred" && typeof answer.reason === "string") {
        this.message.value = { kind: "answer", text: answer.reason };
      }
      return answer;
    } catch (error) {
      this.message.value = { kind: "refusal", text: error instanceof Refused ? error.message : String(error) };
      return null;
    }
  }

  private on_phase(phase: Phase): void {
    this.phase.value = phase;
    if (phase === "live") {
      void this.link.call("locator", undefined, null).then(
        (told_places) => this.on_notification("locator", told_places),
        () => undefined, // the next notification has them
      );
    } else {
      this.round_trip_ms.value = null;
      this.meters_stale.value = true;
      this.counter_stale.value = true;
    }
  }

  private on_notification(method: string, params: unknown): void {
    const alignment = method === "alignment" ? params : method === "status" ? (params as Told | null)?.alignment : undefined;
    if (alignment !== undefined) {
      this.take_alignment(alignment as Told | null);
    }
    this.told_listeners.forEach((listener) => listener(method, params));
    const shuttled = this.machine.value.current === "Shuttling";
    this.machine.value = told(this.machine.value, method, params);
    if (shuttled && this.machine.value.current !== "Shuttling") {
      this.let_go_of_shuttle(); // somebody else has ended it
    }
    if (method === "position_corrected") {
      const words = (params as { text?: unknown } | null)?.text;
      this.message.value = { kind: "answer", text: `The counter was set right by what is heard off tape: ${typeof words === "string" ? words : "see the log"}` };
    }
    const { armed, current, version } = this.machine.value;
    if (method === "state" || method === "status") {
      this.arm_timer.machine(armed, current === "Recording");
    }
    if (version !== null) {
      this.first_version ??= version;
      this.other_version.value = version !== this.first_version;
    }
  }

  private take_alignment(now: Told | null): void {
    const before = this.alignment.peek();
    if (now !== null && before !== null && now.job === before.job && Number(now.sequence) < Number(before.sequence)) {
      return; // an answer that a notification has overtaken
    }
    this.alignment.value = now;
    if (now !== null) {
      this.chosen_view.value ??= "align"; // who has chosen nothing wants to see it
    } else if (before !== null) {
      this.ask_status(); // what it leaves behind, as arm that is held
    }
  }
  private ask_status(): void {
    this.link.call("status", undefined, null).then(
      (status) => this.on_notification("status", status),
      () => undefined, // it is asked for with each new link
    );
  }

  /** Ten times a second: is what is shown still true, is the arm over? */
  private look(): void {
    const now_ms = performance.now();
    this.meters_stale.value = this.link.freshness.meters_stale(now_ms);
    this.counter_stale.value = this.link.freshness.counter_stale(now_ms);
    if (this.arm_timer.over(now_ms)) {
      void this.command("disarm", undefined, null).then((done) => {
        if (done) {
          this.message.value = { kind: "answer", text: "Arm was withdrawn: 30 s passed without recording." };
        }
      });
    }
    const remaining_ms = this.arm_timer.remaining_ms(now_ms);
    this.arm_remaining_s.value = remaining_ms === null ? null : Math.ceil(remaining_ms / 1000);
  }
}

export const panel = new Panel();
