"""LineIterator, which several packages have copied: a last line without its line feed never ends (H1, L4)."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

COPIES = {
    "langchain-aws": (("1.9.1",), "langchain_aws.llms.sagemaker_endpoint"),
    "langchain-community": (("0.4.2",), "langchain_community.llms.sagemaker_endpoint"),
    "sagemaker": (("2.257.7",), "sagemaker.iterators"),
    "sagemaker-core": (("2.0.1",), "sagemaker.core.iterators"),
}


class AsksForEverError(Exception):
    pass


class Events:
    """boto3's events; whoever goes on asking after the last one is told so."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = iter(parts)
        self.asked_after_the_end = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self

    def __next__(self) -> dict[str, Any]:
        for part in self.parts:
            return {"PayloadPart": {"Bytes": part}}
        self.asked_after_the_end += 1
        if self.asked_after_the_end > 1000:
            raise AsksForEverError
        raise StopIteration


@pytest.mark.parametrize("package", [pytest.param(name, marks=pytest.mark.confirms(name, "H1")) for name in COPIES])
def test_a_last_line_without_its_line_feed_makes_it_spin(package: str, judged: Any) -> None:
    versions, module = COPIES[package]
    judged(package, *versions)
    lines = import_module(module).LineIterator(Events(b'{"outputs": [" a"]}\n{"outputs"', b': [" b"]}'))
    assert next(lines) == b'{"outputs": [" a"]}'
    with pytest.raises(AsksForEverError):
        next(lines)


@pytest.mark.parametrize(
    ("package", "version", "module", "name"),
    [
        ("sagemaker-core", "2.27.0", "sagemaker.core.iterators", "LineIterator"),
        ("langchain-aws", "1.9.1", "langchain_aws.chat_models.sagemaker_endpoint", "ChatLineIterator"),
    ],
)
def test_two_of_them_were_mended(package: str, version: str, module: str, name: str, judged: Any) -> None:
    judged(package, version)
    iterator = getattr(import_module(module), name)
    assert list(iterator(Events(b'{"outputs"', b': [" b"]}'))) == [b'{"outputs": [" b"]}']


@pytest.mark.parametrize(
    ("package", "version", "module"),
    [("sagemaker", "2.257.7", "sagemaker.iterators"), ("sagemaker-core", "2.27.0", "sagemaker.core.iterators")],
)
def test_the_sdk_refuses_a_stream_over_100_mb_however_short_its_lines_are(
    package: str, version: str, module: str, judged: Any
) -> None:
    judged(package, version)
    mebibyte_of_lines = (b"x" * 1023 + b"\n") * 1024
    events = ({"PayloadPart": {"Bytes": mebibyte_of_lines}} for _ in range(101))
    with pytest.raises(RuntimeError, match="No newline found in stream"):
        for _ in import_module(module).LineIterator(events):
            pass
