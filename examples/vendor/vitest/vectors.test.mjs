import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const { decode } = await import(process.env.DECODER ?? "./sound.mjs"); // in your project: import { decode } from "…"
const { vectors } = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf-8"));

async function* fed({ wire, chunks, error }, at = 0) {
  const bytes = Buffer.concat(wire.flatMap(([piece, times]) => Array(times).fill(Buffer.from(piece, "base64"))));
  for (const length of chunks) yield bytes.subarray(at, (at += length));
  if (error?.kind === "source-error") throw new Error("the source failed");
}

test.each(vectors.filter(({ level }) => level === "must"))("$id: $why", async (vector) => {
  let text = "";
  let error = null;
  try {
    for await (const delta of decode(fed(vector))) text += delta;
  } catch (raised) {
    error = raised;
  }
  expect(error === null, `got ${JSON.stringify(text.slice(0, 99))}, ${error}`).toBe(vector.error === null);
  if (vector.error === null) expect([vector.text, vector.or]).toContain(text);
  else expect(text.slice(0, vector.text.length)).toBe(vector.text);
  expect(String(error)).toContain(vector.error?.says ?? "");
});
