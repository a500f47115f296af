// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { draft_of, EMPTY, moved, put_track, title_of_name, with_files, with_side, with_tones, with_track, without_side, without_track, TONES, type Draft } from "../src/print/draft";
import { plan_file_name, plan_of } from "../src/print/plan";
import { toml_of } from "../src/print/toml";

const titles = (draft: Draft) => draft.sides.map((side) => side.tracks.map((track) => track.title).join(" "));
const key_of = (draft: Draft, title: string) => draft.sides.flatMap((side) => side.tracks).find((track) => track.title === title)?.key ?? -1;
const files = (...names: string[]) => names.map((name) => ({ file: `/m/${name}.wav`, name: `${name}.wav` }));
/** A: one two three; B: four */
const two_sides = () => {
  const first = with_side(with_files(EMPTY, 1, files("one", "two", "three")));
  return with_files(first, first.sides[1]?.key ?? -1, files("four"));
};

describe("the order of tracks", () => {
  test("up and down, and over the edge of a side", () => {
    const draft = two_sides();
    expect(titles(moved(draft, key_of(draft, "two"), -1))).toEqual(["two one three", "four"]);
    expect(titles(moved(draft, key_of(draft, "one"), 1))).toEqual(["two one three", "four"]);
    expect(titles(moved(draft, key_of(draft, "two"), 1))).toEqual(["one three two", "four"]);
    expect(titles(moved(draft, key_of(draft, "three"), 1))).toEqual(["one two", "three four"]);
    expect(titles(moved(draft, key_of(draft, "four"), -1))).toEqual(["one two three four", ""]);
    expect(titles(moved(draft, key_of(draft, "one"), -1))).toEqual(["one two three", "four"]); // nowhere to go
    expect(titles(moved(draft, key_of(draft, "four"), 1))).toEqual(["one two three", "four"]);
  });
  test("dropped before another, at a side's end, and on itself", () => {
    const draft = two_sides();
    const side_b = draft.sides[1]?.key ?? -1;
    expect(titles(put_track(draft, key_of(draft, "one"), side_b, key_of(draft, "four")))).toEqual(["two three", "one four"]);
    expect(titles(put_track(draft, key_of(draft, "one"), side_b, null))).toEqual(["two three", "four one"]);
    expect(put_track(draft, key_of(draft, "one"), 1, key_of(draft, "one"))).toBe(draft);
  });
  test("a side that is removed gives its tracks to the one beside it; the last one stays", () => {
    const draft = two_sides();
    expect(titles(without_side(draft, 1))).toEqual(["one two three four"]);
    expect(titles(without_side(draft, draft.sides[1]?.key ?? -1))).toEqual(["one two three four"]);
    expect(without_side(EMPTY, 1)).toBe(EMPTY);
    expect(titles(without_track(draft, key_of(draft, "two")))).toEqual(["one three", "four"]);
  });
  test("no two rows have one key, however they came", () => {
    const draft = with_tones(with_side(two_sides()), TONES);
    const keys = [...draft.sides.flatMap((side) => [side.key, ...side.tracks.map(({ key }) => key)]), ...(draft.tones ?? []).map(({ key }) => key)];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

test.each([
  ["01 Overture.wav", "Overture"],
  ["/srv/masters/02_Nocturne_in_C.flac", "Nocturne in C"],
  ["1999.wav", "1999"],
  ["03 - 1999 (alt).wav", "1999 (alt)"],
  ["A.B.C.aiff", "A.B.C"],
])("title of %s", (name, title) => expect(title_of_name(name)).toBe(title));

describe("what it becomes for the machine", () => {
  test("what is left empty is left out; lengths carry their unit", () => {
    const made = with_files({ ...EMPTY, facts: { title: " Nocturnes ", gap: "12", "tape.stock": "sm900", "tape.length": "762,5" }, units: { gap: "ft" }, tails_out: false }, 1, files("01 one"));
    const key = key_of(made, "one");
    const { plan, problems } = plan_of(with_track(made, key, { trim_db: "\u22121.5", gap: "3", gap_unit: "s", artist: "A. Player" }));
    expect(problems).toEqual([]);
    expect(plan).toEqual({
      title: "Nocturnes",
      gap: "12 ft",
      tape: { stock: "sm900", length: "762.5 m", tails_out: false },
      sides: [{ name: "A", tracks: [{ file: "/m/01 one.wav", title: "one", artist: "A. Player", trim_db: -1.5, gap: "3 s" }] }],
    });
  });
  test("what is no number is named, with its place", () => {
    const made = with_files({ ...EMPTY, facts: { title: "T", "tape.length": "long" } }, 1, files("one"));
    const { problems } = plan_of(with_track(made, key_of(made, "one"), { trim_db: "1.2.3" }));
    expect(problems).toEqual(['Length: "long" is not a number', 'Side A, track 1, trim: "1.2.3" is not a number']);
  });
  test("slate, second reel, what warns and stops, and who overrides", () => {
    const draft: Draft = { ...with_tones(two_sides(), [{ frequency_hz: "1000", duration_s: "30", level_re_operating_db: "0", azimuth: true }]), voice: { file: "upload:1", name: "v.wav" }, live: { dropout: "warn", bias: "stop", wow: "mark" } };
    const { plan } = plan_of({ ...draft, facts: { "alignment.override_name": "E. Engineer", "alignment.override_reason": "the client waits" } });
    expect(plan.slate).toEqual({ tones: [{ frequency_hz: 1000, duration_s: 30, level_re_operating_db: 0, azimuth: true }], voice: "upload:1" });
    expect(plan.live).toEqual({ warns: ["dropout"], stops: ["bias"] });
    expect(plan.alignment).toEqual({ override_name: "E. Engineer", override_reason: "the client waits" });
    expect((plan.sides as { new_tape?: boolean }[]).map(({ new_tape }) => new_tape)).toEqual([undefined, true]);
  });
  test("a reel without a title is no plan yet; a gap to the side before only on the same reel", () => {
    expect(plan_of(EMPTY).problems).toEqual(["Give the reel a title."]);
    const [first, second] = two_sides().sides;
    const sides = (new_tape: boolean) => plan_of({ ...EMPTY, sides: [first, { ...second, new_tape, gap: "12", gap_unit: "ft" }] as Draft["sides"] }).plan.sides as { gap?: string }[];
    expect(sides(true)[1]?.gap).toBeUndefined();
    expect(sides(false)[1]?.gap).toBe("12 ft");
  });
  test("its file is named after the title", () => {
    expect(plan_file_name({ ...EMPTY, facts: { title: "Où? / Là! " } })).toBe("ou-la.toml");
    expect(plan_file_name(EMPTY)).toBe("reel-plan.toml");
  });
});

test("TOML: values before tables, tables in lists, every letter that needs it escaped", () => {
  expect(toml_of({ title: 'The "one"\\two\n', sides: [{ name: "A", tracks: [{ file: "/a b.wav", trim_db: -1.5 }] }], tape: { stock: "x", tails_out: true } })).toBe(
    ['title = "The \\"one\\"\\\\two\\n"', "", "[[sides]]", 'name = "A"', "", "[[sides.tracks]]", 'file = "/a b.wav"', "trim_db = -1.5", "", "[tape]", 'stock = "x"', "tails_out = true", ""].join("\n"),
  );
  expect(toml_of({ live: { warns: ["dropout"], stops: [] } })).toBe('[live]\nwarns = ["dropout"]\nstops = []\n');
});

test("a draft that the browser kept; one that is spoilt is an empty one", () => {
  const draft = two_sides();
  expect(draft_of(JSON.stringify(draft))).toEqual(draft);
  expect(draft_of("")).toBe(EMPTY);
  expect(draft_of('{"sides": []}')).toBe(EMPTY);
  expect(draft_of('{"facts": {}, "sides": [{}]}')).toBe(EMPTY);
});
