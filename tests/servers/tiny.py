"""A tiny model for llama.cpp that says nothing sensible: one layer of random numbers, a token for each byte."""

from pathlib import Path

WIDTH, INNER, HEADS = 32, 64, 2


def write(path: Path) -> None:
    """Write it as a GGUF file of some 100 kB."""
    import gguf
    import numpy as np

    bytes_ = [f"<0x{byte:02X}>".encode() for byte in range(256)]
    tokens = [b"<unk>", b"<s>", b"</s>", *bytes_, "\u2581".encode(), b"a", b"\xc3\xa9"]
    kinds = [2, 3, 3] + [6] * 256 + [1] * 3
    model = gguf.GGUFWriter(str(path), "llama")
    model.add_context_length(256)
    model.add_embedding_length(WIDTH)
    model.add_block_count(1)
    model.add_feed_forward_length(INNER)
    model.add_head_count(HEADS)
    model.add_head_count_kv(HEADS)
    model.add_layer_norm_rms_eps(1e-5)
    model.add_rope_dimension_count(WIDTH // HEADS)
    model.add_vocab_size(len(tokens))
    model.add_tokenizer_model("llama")
    model.add_token_list(tokens)
    model.add_token_scores([0.0] * len(tokens))
    model.add_token_types(kinds)
    model.add_bos_token_id(1)
    model.add_eos_token_id(2)
    model.add_unk_token_id(0)
    model.add_chat_template("{% for m in messages %}{{ m['content'] }}{% endfor %}")
    random = np.random.default_rng(1)
    sizes = {
        "attn_q": WIDTH,
        "attn_k": WIDTH,
        "attn_v": WIDTH,
        "attn_output": WIDTH,
        "ffn_gate": INNER,
        "ffn_up": INNER,
    }
    shapes = {"token_embd": (len(tokens), WIDTH), "output": (len(tokens), WIDTH), "blk.0.ffn_down": (WIDTH, INNER)}
    shapes |= {f"blk.0.{name}": (size, WIDTH) for name, size in sizes.items()}
    for name, shape in shapes.items():
        model.add_tensor(f"{name}.weight", (random.standard_normal(shape) * 0.3).astype(np.float32))
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        model.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
    model.write_header_to_file()
    model.write_kv_data_to_file()
    model.write_tensors_to_file()
    model.close()
