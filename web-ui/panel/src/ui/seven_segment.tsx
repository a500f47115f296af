// SPDX-License-Identifier: Apache-2.0
// Large lit digits, the dark segments just visible behind them.
const SEGMENTS = [
  "13,6 43,6 48,11 42,17 14,17 8,11", // a: top
  "50,13 55,18 55,42 50,48 44,42 44,19", // b
  "50,52 55,58 55,82 50,87 44,81 44,58", // c
  "14,83 42,83 48,89 43,94 13,94 8,89", // d: bottom
  "6,52 12,58 12,81 6,87 1,82 1,58", // e
  "6,13 12,19 12,42 6,48 1,42 1,18", // f
  "14,44.5 42,44.5 48,50 42,55.5 14,55.5 8,50", // g: middle
];
const LIT: Record<string, string> = {
  "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd", "6": "afgedc", "7": "abc",
  "8": "abcdefg", "9": "abcdfg", "-": "g",
}; // prettier-ignore

function Digit({ character, small }: { character: string; small: boolean }) {
  const lit = LIT[character] ?? "";
  return (
    <svg class={small ? "digit digit-small" : "digit"} viewBox="-4 0 68 100">
      <g transform="translate(8 0) skewX(-5)">
        {SEGMENTS.map((points, index) => (
          <polygon key={index} class={lit.includes("abcdefg"[index] ?? "?") ? "segment lit" : "segment"} points={points} />
        ))}
      </g>
    </svg>
  );
}

function Separator({ character, small }: { character: string; small: boolean }) {
  return (
    <svg class={small ? "separator digit-small" : "separator"} viewBox="0 0 22 100">
      <g transform="translate(8 0) skewX(-5)">
        {character === ":" ? (
          <>
            <circle class="segment lit" cx="6" cy="33" r="6" />
            <circle class="segment lit" cx="6" cy="67" r="6" />
          </>
        ) : (
          <circle class="segment lit" cx="6" cy="88" r="6.5" />
        )}
      </g>
    </svg>
  );
}

/** The minus, and the tilde of a doubtful place over it. */
function Sign({ negative, doubtful }: { negative: boolean; doubtful: boolean }) {
  return (
    <svg class="digit digit-small" viewBox="-4 0 68 100">
      <polygon class={negative ? "segment lit" : "segment"} points="14,44.5 42,44.5 48,50 42,55.5 14,55.5 8,50" />
      {doubtful && <path class="tilde" d="M8 24 C16 10 24 12 29 19 S43 28 50 14" />}
    </svg>
  );
}

/** "1:02:03.45"; what follows the dot is smaller. */
export function SevenSegment({ text, negative, doubtful }: { text: string; negative: boolean; doubtful: boolean }) {
  const dot = text.indexOf(".");
  return (
    <div class="seven-segment" aria-hidden="true">
      <Sign negative={negative} doubtful={doubtful} />
      {[...text].map((character, index) => {
        const small = dot >= 0 && index >= dot;
        return character === ":" || character === "." ? (
          <Separator key={index} character={character} small={small} />
        ) : (
          <Digit key={index} character={character} small={small} />
        );
      })}
    </div>
  );
}
