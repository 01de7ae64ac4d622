// eventsource-parser, with the reading of records ours: sliceproof check "exec:node eventsource-parser-body.mjs"
//
// The data of each event that the parser finds is one line for `sse.mjs`, so a failure is the parser's.

import { readFileSync } from "node:fs";
import { createParser } from "eventsource-parser";
import { SseText } from "./sse.mjs";
import { serve } from "./sliceproof.mjs";

const root = new URL("./node_modules/eventsource-parser/package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(root, "utf8"));

async function* decode(chunks) {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const sse = new SseText();
  const found = [];
  const parser = createParser({ onEvent: ({ data }) => found.push(`data: ${data.replaceAll("\n", " ")}\n`) });
  for await (const chunk of chunks) {
    parser.feed(utf8.decode(chunk, { stream: true }));
    yield* sse.read(found.splice(0).join(""));
  }
  parser.feed(utf8.decode());
  parser.reset({ consume: true });
  yield* sse.read(found.splice(0).join(""));
  yield* sse.end();
}

await serve(decode, { version, dialects: ["tgi-sse", "openai-sse"], envelope: "http" });
