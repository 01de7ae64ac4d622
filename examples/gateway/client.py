"""OpenAI's client before LiteLLM's proxy before the endpoint: sliceproof run --dialect openai-sse -- python client.py

The proxy has one name of an endpoint in its configuration, `configured`; sliceproof gives whoever asks for that the
stream that is under way.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError

from openai import OpenAI

OURS, KEY = os.environ["SLICEPROOF_URL"], f"sk-{secrets.token_hex(32)}"


def proxy() -> "tuple[str, subprocess.Popen[bytes]]":
    """A proxy that is started, and its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-c", "import sys; from litellm import run_server; sys.exit(run_server())"]
    words += ["--config", str(Path(__file__).with_name("config.yaml")), "--host", "127.0.0.1", "--port", str(port)]
    told = {
        "ENDPOINT": f"{OURS}/endpoints/configured/invocations-response-stream",
        "LITELLM_MASTER_KEY": KEY,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # or it asks the network
    }
    process = subprocess.Popen(words, env=os.environ | told, stdout=2)
    while process.poll() is None:
        with suppress(URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=5)
            return f"http://127.0.0.1:{port}", process
        time.sleep(0.05)
    sys.exit(f"the proxy ended with code {process.returncode}")


def text(client: OpenAI, model: str) -> Iterator[str]:
    messages = [{"role": "user", "content": "hello"}]
    for chunk in client.chat.completions.create(model=model, messages=messages, stream=True):
        yield from (choice.delta.content or "" for choice in chunk.choices if choice.index == 0)


def main() -> None:
    base_url, process = proxy()
    client = OpenAI(base_url=base_url, api_key=KEY, max_retries=0, timeout=30)
    while True:
        try:
            with urllib.request.urlopen(f"{OURS}/next") as response:
                stream = json.loads(response.read() or b"null")
        except OSError:
            return
        if stream is None:
            continue
        told = {"text": ""}
        try:
            for delta in text(client, "text" if stream["dialect"] == "tgi-sse" else "chat"):
                told["text"] += delta
        except Exception as error:
            told["error"] = f"{type(error).__name__}: {error}"
        if process.poll() is not None:
            sys.exit(f"the proxy ended with code {process.returncode}")
        body = json.dumps(told).encode()
        with suppress(OSError):
            urllib.request.urlopen(f"{OURS}/report/{stream['name']}", body).close()


main()
