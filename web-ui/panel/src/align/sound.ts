// SPDX-License-Identifier: Apache-2.0
// Sounds the voices of pitch.ts through WebAudio. A browser lets it begin only under a finger: start() belongs into the
// handler of a key.
import { LOW_HZ, type Voice } from "./pitch";

const GLIDE_S = 0.03; // a time constant: readings come ten times a second
const TARGET_GAIN = 0.1;
const READING_GAIN = 0.16;
const DONE_GAIN = 0.25;
const DONE_NOTE_S = 0.14;

interface Sounding {
  target: OscillatorNode;
  reading: OscillatorNode;
  gains: GainNode[];
}

export class Sound {
  private readonly sounding = new Map<number, Sounding>();
  private readonly context: AudioContext;
  private readonly sides: ChannelMergerNode;

  constructor(make: () => AudioContext = () => new AudioContext()) {
    this.context = make();
    this.sides = this.context.createChannelMerger(2); // a panner that old Safari has too
    this.sides.connect(this.context.destination);
    void this.context.resume();
  }

  show(voices: Voice[]): void {
    const now = this.context.currentTime;
    for (const voice of voices) {
      const sounding = this.sounding.get(voice.channel) ?? this.begin(voice);
      sounding.target.frequency.setTargetAtTime(voice.target_hz, now, GLIDE_S);
      sounding.reading.frequency.setTargetAtTime(voice.reading_hz, now, GLIDE_S);
    }
    for (const [channel, sounding] of this.sounding) {
      if (!voices.some((voice) => voice.channel === channel)) {
        this.end(sounding);
        this.sounding.delete(channel);
      }
    }
  }

  /** Two notes, a fourth up: nothing else that sounds here steps. */
  done(channel: number): void {
    const base = channel >= 2 ? 2 * LOW_HZ : LOW_HZ;
    [base * 1.5, base * 2].forEach((frequency_hz, note) => {
      const from = this.context.currentTime + note * DONE_NOTE_S;
      const [oscillator, gain] = this.tone(frequency_hz, channel, "triangle");
      gain.gain.setValueAtTime(DONE_GAIN, from);
      gain.gain.setTargetAtTime(0, from + DONE_NOTE_S * 0.6, 0.03);
      oscillator.start(from);
      oscillator.stop(from + 2 * DONE_NOTE_S);
    });
  }

  silence(): void {
    this.show([]);
  }
  end_all(): void {
    void this.context.close();
  }

  private tone(frequency_hz: number, channel: number, type: OscillatorType): [OscillatorNode, GainNode] {
    const oscillator = this.context.createOscillator();
    const gain = this.context.createGain();
    oscillator.type = type;
    oscillator.frequency.value = frequency_hz;
    gain.gain.value = 0;
    oscillator.connect(gain);
    for (const side of channel === 1 ? [0] : channel === 2 ? [1] : [0, 1]) {
      gain.connect(this.sides, 0, side);
    }
    return [oscillator, gain];
  }

  private begin(voice: Voice): Sounding {
    const now = this.context.currentTime;
    const [target, target_gain] = this.tone(voice.target_hz, voice.channel, "sine");
    const [reading, reading_gain] = this.tone(voice.reading_hz, voice.channel, "sine");
    target_gain.gain.setTargetAtTime(TARGET_GAIN, now, GLIDE_S);
    reading_gain.gain.setTargetAtTime(READING_GAIN, now, GLIDE_S);
    target.start();
    reading.start();
    const sounding = { target, reading, gains: [target_gain, reading_gain] };
    this.sounding.set(voice.channel, sounding);
    return sounding;
  }

  private end({ target, reading, gains }: Sounding): void {
    const now = this.context.currentTime;
    gains.forEach((gain) => gain.gain.setTargetAtTime(0, now, GLIDE_S));
    target.stop(now + 8 * GLIDE_S);
    reading.stop(now + 8 * GLIDE_S);
  }
}
