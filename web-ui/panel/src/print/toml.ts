// SPDX-License-Identifier: Apache-2.0
// A plan as TOML 1.0: plain values first, then tables, then arrays of tables. Pure.
export type Plain = string | number | boolean;
export type Value = Plain | Value[] | { [key: string]: Value };

const ESCAPES: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const text_of = (value: string) => `"${value.replace(/[\\"\n\r\t]/g, (letter) => ESCAPES[letter] ?? letter).replace(/[\u0000-\u001f\u007f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
const key_of = (key: string) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : text_of(key));

function plain_of(value: Value): string {
  if (typeof value === "string") {
    return text_of(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(plain_of).join(", ")}]`;
  }
  if (typeof value === "object") {
    return `{ ${Object.entries(value).map(([key, each]) => `${key_of(key)} = ${plain_of(each)}`).join(", ")} }`; // prettier-ignore
  }
  return String(value);
}

const is_table = (value: Value): value is { [key: string]: Value } => typeof value === "object" && !Array.isArray(value);
const is_tables = (value: Value): value is { [key: string]: Value }[] => Array.isArray(value) && value.length > 0 && value.every(is_table);

function lines_of(table: { [key: string]: Value }, path: string): string[] {
  const entries = Object.entries(table);
  const lines = entries.filter(([, value]) => !is_table(value) && !is_tables(value)).map(([key, value]) => `${key_of(key)} = ${plain_of(value)}`);
  for (const [key, value] of entries) {
    const name = path === "" ? key_of(key) : `${path}.${key_of(key)}`;
    if (is_table(value)) {
      lines.push("", `[${name}]`, ...lines_of(value, name));
    } else if (is_tables(value)) {
      for (const each of value) {
        lines.push("", `[[${name}]]`, ...lines_of(each, name));
      }
    }
  }
  return lines;
}

export const toml_of = (table: { [key: string]: Value }): string => `${lines_of(table, "").join("\n").trim()}\n`;
