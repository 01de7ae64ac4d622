// The deltas of a chunk of OpenAI's chat completions, as `yields: "deltas"` has them (docs/channels.md).

const some = (value) => Object.fromEntries(Object.entries(value).filter(([, each]) => each));

export function openaiDeltas({ choices }) {
  return choices.flatMap(({ index: choice, delta, finish_reason: finish }) => [
    some({ text: delta.reasoning_content ?? delta.reasoning, kind: "reasoning", choice }),
    some({ text: delta.content, choice }),
    some({ text: delta.refusal, kind: "refusal", choice }),
    ...(delta.tool_calls ?? []).map(({ index, id, function: { name, arguments: text } = {} }) =>
      some({ text, kind: "tool-call", choice, index, id, name }),
    ),
    some({ finish, choice }),
  ]);
}
