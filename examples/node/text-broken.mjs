// The same as text.mjs, but each part is decoded alone: sliceproof check "exec:node text-broken.mjs"

import { serve } from "./sliceproof.mjs";
import { SseText } from "./sse.mjs";

async function* decode(events) {
  const sse = new SseText();
  for await (const { PayloadPart } of events) {
    yield* sse.read(new TextDecoder().decode(PayloadPart.Bytes)); // half a character becomes U+FFFD
  }
  yield* sse.end();
}

await serve(decode, { version: "1.0", dialects: ["tgi-sse", "openai-sse"], accepts: "events", yields: "text" });
