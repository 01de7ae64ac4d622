import { assert, expect, test } from "vitest";
import { decode } from "./sound.mjs"; // your decoder: of an async iterable of Uint8Array an async iterable of text
import file from "./vectors.json";

const asked = file.vectors.filter(({ level }) => level === "must"); // without the filter, each SHOULD too

async function* body({ chunks, error }) {
  for (const chunk of chunks) yield Buffer.from(chunk, "base64");
  if (error === "source-error") throw new Error("the connection broke");
}

async function ask({ text: due, or, error, says, chunks }) {
  let text = "";
  const read = async () => {
    for await (const delta of decode(body({ chunks, error }))) text += delta;
  };
  await (error ? expect(read()).rejects.toThrow(says) : read());
  let at = 0;
  while (at < due.length && text[at] === due[at]) at++;
  const [came, wanted] = [text, due].map((each) => JSON.stringify(each.slice(at, at + 40)));
  assert(error ? at === due.length : [due, or].includes(text), `at ${at} comes ${came}, where ${wanted} is due`);
}

for (const vector of asked) test(`${vector.id}: ${vector.why}`, () => ask(vector));
