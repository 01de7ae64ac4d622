// @smithy/eventstream-codec, the AWS SDK's codec of event-stream messages: sliceproof check "exec:node messages.mjs"
//
// The codec decodes one whole message; to find where it ends, by the length it begins with, is its caller's work.

import { createRequire } from "node:module";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { serve } from "./sliceproof.mjs";

const MOST = 25 * 1024 * 1024; // a payload has at most 24 MiB, its headers 128 KiB

async function* decode(chunks) {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes).toString("utf8"),
    (text) => Buffer.from(text, "utf8"),
  );
  let held = [];
  let size = 0;
  let wanted = 4;
  for await (const chunk of chunks) {
    held.push(chunk);
    size += chunk.length;
    if (size < wanted) continue;
    let bytes = Buffer.concat(held);
    while (bytes.length >= (wanted = bytes.length < 4 ? 4 : bytes.readUInt32BE(0))) {
      if (wanted < 16) throw new RangeError(`a message declares ${wanted} bytes`);
      const { headers, body } = codec.decode(bytes.subarray(0, wanted));
      yield { headers: plain(headers), payload: body };
      bytes = bytes.subarray(wanted);
    }
    if (wanted > MOST) throw new RangeError(`a message declares ${wanted} bytes`);
    held = [bytes];
    size = bytes.length;
  }
  if (size > 0) throw new Error("the wire ends inside a message");
}

function plain(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, String(value)]));
}

const { version } = createRequire(import.meta.url)("@smithy/eventstream-codec/package.json");
await serve(decode, { version, yields: "messages" });
