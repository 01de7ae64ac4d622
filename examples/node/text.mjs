// Text from the AWS SDK's events, sound: sliceproof check "exec:node text.mjs"

import { serve } from "./sliceproof.mjs";
import { SseText } from "./sse.mjs";

async function* decode(events) {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const sse = new SseText();
  for await (const { PayloadPart } of events) {
    yield* sse.read(utf8.decode(PayloadPart.Bytes, { stream: true })); // keeps half a character for the next part
  }
  yield* sse.read(utf8.decode());
  yield* sse.end();
}

await serve(decode, { version: "1.0", dialects: ["tgi-sse", "openai-sse"], accepts: "events", yields: "text" });
