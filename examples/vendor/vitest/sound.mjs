// A small decoder of tgi-sse on SageMaker that is right: messages, then characters, then lines, then records.
import { crc32 } from "node:zlib";

const SIZES = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 }; // bytes of a header's value, by its type

export async function* decode(chunks, characters = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })) {
  let rest = "";
  const data = [];
  for await (const payload of payloads(chunks)) {
    const lines = (rest + characters.decode(payload, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) yield* event(line.replace(/\r$/, ""), data);
  }
  characters.decode();
  yield* event(rest, data);
  yield* event("", data);
}

function* event(line, data) {
  if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  if (line || !data.length) return;
  const record = data.splice(0).join("\n").trim();
  if (record && record !== "[DONE]") yield* text(JSON.parse(record));
}

function* text(record) {
  if ("error" in record) throw new Error(JSON.stringify(record.error));
  if (record.token?.text && !record.token.special) yield record.token.text;
}

async function* payloads(chunks) {
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 12) {
      const total = held.readUInt32BE(0);
      const length = held.readUInt32BE(4);
      if (crc32(held.subarray(0, 8)) !== held.readUInt32BE(8) || total < 16 + length || total > 1 << 25)
        throw new Error("a prelude that cannot be");
      if (held.length < total) break;
      const message = held.subarray(0, total);
      held = held.subarray(total);
      if (crc32(message.subarray(0, -4)) !== message.readUInt32BE(total - 4))
        throw new Error("a message whose checksum does not match");
      const found = headers(message.subarray(12, 12 + length));
      const payload = message.subarray(12 + length, -4);
      if (found[":message-type"] !== "event") throw new Error(`${JSON.stringify(found)} ${payload}`);
      if (found[":event-type"] === "PayloadPart") yield payload;
    }
  }
  if (held.length) throw new Error("the wire ends inside a message");
}

function headers(block) {
  const found = {};
  for (let at = 0; at < block.length; ) {
    const name = block.toString("utf-8", at + 1, (at += 1 + block[at]));
    const kind = block[at++];
    const size = kind === 6 || kind === 7 ? block.readUInt16BE(at) : SIZES[kind];
    if (kind === 6 || kind === 7) at += 2;
    found[name] = kind === 7 ? block.toString("utf-8", at, at + size) : block.toString("hex", at, at + size);
    at += size;
  }
  return found;
}
