// SPDX-License-Identifier: Apache-2.0
// What a sound makes of WebAudio: which oscillators run, and which note was played once and ended by itself.
class Param {
  value = 0;
  setTargetAtTime(value: number): void {
    this.value = value;
  }
  setValueAtTime(value: number): void {
    this.value = value;
  }
}

export class FakeAudio {
  contexts = 0;
  closed = 0;
  notes: number[] = [];
  readonly running = new Set<{ frequency: Param }>();

  sounding(): number[] {
    return [...this.running].map(({ frequency }) => frequency.value).sort((a, b) => a - b);
  }

  readonly Context: unknown;
  constructor() {
    const heard = this;
    this.Context = class {
      currentTime = 0;
      destination = {};
      constructor() {
        heard.contexts += 1;
      }
      resume = () => Promise.resolve();
      close = () => ((heard.closed += 1), heard.running.clear(), Promise.resolve());
      createChannelMerger = () => ({ connect: () => undefined });
      createGain = () => ({ gain: new Param(), connect: () => undefined });
      createOscillator = () => {
        const oscillator = {
          type: "",
          frequency: new Param(),
          connect: () => undefined,
          start: () => void heard.running.add(oscillator),
          stop: () => {
            if (oscillator.type === "triangle") {
              heard.notes.push(oscillator.frequency.value);
            }
            heard.running.delete(oscillator);
          },
        };
        return oscillator;
      };
    };
  }
}
