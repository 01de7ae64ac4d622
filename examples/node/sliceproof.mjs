// Speaks sliceproof's exec protocol (docs/exec-protocol.md) for any `decode(input, stream)`.
//
//     serve(decode, { version: "1.2.3", dialects: ["tgi-sse"], accepts: "events", yields: "text" });
//
// A client of the body itself, without an event stream, adds `envelope: "http"`, and is given chunks.
// `input` is an async iterable of what `accepts` says: chunks (Buffer) of the HTTP body, parts (Buffer), or
// events as the AWS SDK gives them. `decode` returns an (async) iterable of what `yields` says: text (string),
// deltas (text, the fields of docs/channels.md, or an array of these), lines (Uint8Array) or messages ({ headers, payload }).
// Of deltas `channels` are those that it claims beside the content. stdout is the protocol's; write all else to stderr.

import { readSync, writeSync } from "node:fs";

const block = Buffer.alloc(1 << 16);
let rest = [];
const lines = [];
let told = "";
let current; // the number of the stream that is under way

/** The next line that sliceproof wrote, parsed; undefined when there are no more. */
function read() {
  flush(); // sliceproof answers only what it has read
  while (lines.length === 0) {
    const size = readSync(0, block);
    if (size === 0) return undefined;
    let start = 0;
    for (let at; (at = block.subarray(0, size).indexOf(10, start)) !== -1; start = at + 1) {
      lines.push(rest.join("") + block.latin1Slice(start, at)); // ASCII, as JSON and base64 are written here
      rest = [];
    }
    rest.push(block.latin1Slice(start, size));
  }
  return JSON.parse(lines.shift());
}

function write(message) {
  told += JSON.stringify(message) + "\n";
  if (told.length > 1 << 16) flush();
}

function flush() {
  const data = Buffer.from(told);
  told = "";
  for (let at = 0; at < data.length; ) at += writeSync(1, data, at);
}

const items = {
  deltas: (delta) => ({ delta: typeof delta === "string" ? { text: delta } : delta }),
  text: (text) => ({ text }),
  lines: (line) => ({ line: Buffer.from(line).toString("base64") }),
  messages: ({ headers, payload }) => ({ message: { headers, payload: Buffer.from(payload).toString("base64") } }),
};

/** What the decoder reads: each `next()` asks sliceproof for one more, also after the end. */
function input(stream, accepts) {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      await new Promise(setImmediate); // what is on its way out, through streams that read ahead, comes out first
      if (stream !== current) return { done: true, value: undefined }; // the consumer has left, and something still reads
      write({ stream, pull: true });
      const answer = read();
      if (answer === undefined) process.exit(0);
      if (answer.end) return { done: true, value: undefined };
      if (answer.raise) throw Object.assign(new Error(answer.raise.message), { name: answer.raise.name });
      const bytes = Buffer.from(answer.chunk, "base64");
      return { done: false, value: accepts === "events" ? { PayloadPart: { Bytes: bytes } } : bytes };
    },
  };
}

/** Serve one stream after the other until sliceproof leaves. */
export async function serve(decode, hello = {}) {
  const { version = "", dialects = null, accepts = "chunks", yields = "text", envelope = "sagemaker", channels = null } = hello;
  process.on("exit", flush);
  read(); // {"protocol": 1}
  write({ hello: { protocol: 1, version, dialects, accepts, yields, envelope, channels } });
  for (let opened; (opened = read()) !== undefined; ) {
    const { stream, dialect, form } = opened;
    current = stream;
    const alive = setInterval(flush, 100); // a decoder that waits for ever is to hang, not to end the process
    try {
      for await (const item of decode(input(stream, accepts), { dialect, form })) {
        for (const each of yields === "deltas" ? [item].flat() : [item]) write({ stream, ...items[yields](each) });
      }
      await new Promise(setImmediate); // a rejection that nobody handles belongs to this stream
      current = undefined;
      write({ stream, done: true });
    } catch (error) {
      current = undefined;
      write({ stream, error: { type: String(error?.name ?? typeof error), message: String(error?.message ?? error) } });
    }
    clearInterval(alive);
  }
}
