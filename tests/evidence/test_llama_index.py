"""llama-index-llms-sagemaker-endpoint: what it strips from each part is a set of characters (P1)."""

from importlib.metadata import distribution
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest


@pytest.fixture
def handler(judged: Any) -> Any:
    """Its IOHandler; the package around it imports llama_cpp, which this needs not."""
    judged("llama-index-llms-sagemaker-endpoint", "0.6.0")
    path = distribution("llama-index-llms-sagemaker-endpoint").locate_file(
        "llama_index/llms/sagemaker_endpoint/utils.py"
    )
    spec = spec_from_file_location("sagemaker_endpoint_utils", str(path))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.IOHandler()


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (b"Hello", "Hello"),
        (b"great", ""),
        (b"xylophone", "ylophone"),
        (b'[{"generated_text":"again"}]', "in"),
    ],
)
def test_text_made_of_the_prefixs_letters_is_lost(handler: Any, part: bytes, text: str) -> None:
    assert handler.deserialize_streaming_output(part) == text


def test_a_character_that_two_parts_share_raises(handler: Any) -> None:
    with pytest.raises(UnicodeDecodeError):
        handler.deserialize_streaming_output("é".encode()[:1])


def test_the_start_of_djls_json_document_raises_for_its_space(handler: Any) -> None:
    with pytest.raises(ValueError, match="Expecting"):
        handler.deserialize_streaming_output(b'{"generated_text": "x')
