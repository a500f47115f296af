// SPDX-License-Identifier: Apache-2.0
// What a browser has to fetch of dist/: before the first screen stands (index.html and all it leads to by itself), and
// on demand, each part with what only it needs. Fails when a limit is passed.
//   node dev/weigh.mjs [DIST]
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { gzipSync } from "node:zlib";

const LIMITS = { first_bytes: 122_880, first_script_gzip: 61_440, first_requests: 6, part_gzip: 30_720 };
const dist = process.argv[2] ?? "dist";
const read = (name) => readFileSync(join(dist, name));
const gzipped = (names) => names.reduce((sum, name) => sum + gzipSync(read(name), { level: 9 }).length, 0);

/** What a script imports at once; the files of `import()` are strings elsewhere in it. */
function imports(name) {
  const script = name.endsWith(".js") ? read(name).toString() : "";
  const found = [...script.matchAll(/(?:^|[;}\s])(?:import|export)(?:[\w$\s{},*]*?from)?\s*["'](\.{1,2}\/[^"']+)["']/g)];
  return found.map(([, path]) => posix.join(posix.dirname(name), path));
}
function with_imports(names) {
  const all = new Set();
  const take = (name) => {
    if (!all.has(name)) {
      all.add(name);
      imports(name).forEach(take);
    }
  };
  names.forEach(take);
  return all;
}

const index = read("index.html").toString();
const named = [...index.matchAll(/(?:src|href)="\/?([^"#:]+)"/g)].map(([, path]) => path);
const first = with_imports(["index.html", ...named]);
const everything = ["index.html", ...readdirSync(join(dist, "assets")).map((name) => `assets/${name}`)];
const later = everything.filter((name) => !first.has(name));

const scripts = [...first].filter((name) => name.endsWith(".js"));
const bytes = [...first].reduce((sum, name) => sum + read(name).length, 0);
const problems = [];
const check = (what, value, most) => value > most && problems.push(`${what}: ${value}, at most ${most} are allowed`);
console.log(`first load: ${bytes} bytes in ${first.size} requests, script ${gzipped(scripts)} bytes gzipped`);
check("bytes of the first load", bytes, LIMITS.first_bytes);
check("requests of the first load", first.size, LIMITS.first_requests);
check("gzipped bytes of the first load's script", gzipped(scripts), LIMITS.first_script_gzip);

// A part is what an import() in some script names, with the scripts and style sheets that Vite fetches for it. What is
// asked for by another part has that one's files already.
const parts = new Map(); // script -> { files, asked by }
for (const name of everything.filter((each) => each.endsWith(".js"))) {
  const script = read(name).toString();
  const named = [...(/m\.f=\[([^\]]*)\]/.exec(script)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(([, path]) => path);
  for (const [, path, indices] of script.matchAll(/import\(\s*[`"']\.\/([^`"']+)[`"']\s*\)(?:\.then\([^)]*\))?(?:,__vite__mapDeps\(\[([\d,]*)\]\))?/g)) {
    const files = (indices ?? "").split(",").flatMap((index) => (index === "" ? [] : [named[Number(index)]]));
    parts.set(`assets/${path}`, { files: with_imports([`assets/${path}`, ...files]), by: name });
  }
}
const counted = new Set();
for (const [part, { files, by }] of [...parts].sort(([a], [b]) => a.localeCompare(b))) {
  const there = new Set([...first, ...(parts.get(by)?.files ?? [])]);
  const fetched = [...files].filter((name) => !there.has(name));
  files.forEach((name) => counted.add(name));
  const stem = posix.basename(part).replace(/-.{8}\.js$/, "");
  console.log(`on demand: ${stem} ${gzipped(fetched)} bytes gzipped (${fetched.map((name) => posix.basename(name)).join(", ")})`);
  check(`gzipped bytes of ${stem}`, gzipped(fetched), LIMITS.part_gzip);
}
for (const name of later.filter((each) => !counted.has(each))) {
  problems.push(`nothing leads to ${name}`);
}
problems.forEach((problem) => console.error(`weigh: ${problem}`));
process.exitCode = problems.length > 0 ? 1 : 0;
