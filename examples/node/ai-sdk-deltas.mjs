// The deltas of the AI SDK's stream of parts, as `yields: "deltas"` has them (docs/channels.md).

/** What the error of a part says; one of the service itself is no Error, but has its type and message. */
function failure(error) {
  return error instanceof Error ? error : Object.assign(new Error(error.message), { name: error.type });
}

export async function* aiSdkDeltas(stream) {
  const calls = []; // the ids of the tool calls that have begun
  for await (const part of stream) {
    const call = { kind: "tool-call", index: calls.indexOf(part.id) };
    if (part.type === "error") throw failure(part.error);
    else if (part.type === "text-delta") yield part.delta;
    else if (part.type === "reasoning-delta") yield { text: part.delta, kind: "reasoning" };
    else if (part.type === "tool-input-start") {
      yield { ...call, index: calls.push(part.id) - 1, id: part.id, name: part.toolName };
    } else if (part.type === "tool-input-delta") yield { ...call, text: part.delta };
    else if (part.type === "finish") yield { finish: part.finishReason.unified ?? part.finishReason };
  }
}
