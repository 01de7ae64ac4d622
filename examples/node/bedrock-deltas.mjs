// The deltas of what models write behind Bedrock, as `yields: "deltas"` has them (docs/channels.md).

/** Of an event of ConverseStream; Amazon Nova's own records are the same. */
function converse({ contentBlockStart: start, contentBlockDelta: said, messageStop: stop }) {
  if (stop) return { finish: stop.stopReason };
  const call = { kind: "tool-call", index: (start ?? said)?.contentBlockIndex };
  if (start) return start.start.toolUse ? { ...call, id: start.start.toolUse.toolUseId, name: start.start.toolUse.name } : [];
  const { text, toolUse, reasoningContent } = said?.delta ?? {};
  if (toolUse) return { ...call, text: toolUse.input };
  if (reasoningContent) return { kind: "reasoning", text: reasoningContent.text ?? "" }; // or its signature
  return text ?? [];
}

/** Of an event of Anthropic's Messages API. */
function anthropic({ type, index, delta, content_block: block, error }) {
  if (type === "error") throw new Error(error.message);
  if (type === "message_delta" && delta.stop_reason) return { finish: delta.stop_reason };
  const call = { kind: "tool-call", index };
  if (type === "content_block_start" && block.type === "tool_use") return { ...call, id: block.id, name: block.name };
  if (type !== "content_block_delta") return [];
  if (delta.type === "input_json_delta") return { ...call, text: delta.partial_json };
  if (delta.type === "thinking_delta") return { kind: "reasoning", text: delta.thinking };
  return delta.type === "text_delta" ? delta.text : [];
}

/** Of a record of Meta's. */
function llama({ generation: text, stop_reason: finish }) {
  return { text, finish: finish ?? "" };
}

/** Of a record of Mistral's: a completion's, or a chat's. */
function mistral({ outputs, choices }) {
  const { text, message, stop_reason: finish } = (outputs ?? choices)[0];
  return { text: text ?? message.content ?? "", finish: finish ?? "" };
}

const readers = {
  "bedrock-converse": converse,
  "bedrock-invoke-anthropic": anthropic,
  "bedrock-invoke-llama": llama,
  "bedrock-invoke-mistral": mistral,
  "bedrock-invoke-nova": converse,
};

export const dialects = Object.keys(readers);

/** What reads the records of one stream, each as its deltas. */
export function reader(dialect) {
  const calls = []; // the blocks of the tool calls that have begun, which are numbered by themselves
  const numbered = (block) => (calls.includes(block) ? calls.indexOf(block) : calls.push(block) - 1);
  return (record) =>
    [readers[dialect](record)]
      .flat()
      .map((delta) => (delta.kind === "tool-call" ? { ...delta, index: numbered(delta.index) } : delta));
}
