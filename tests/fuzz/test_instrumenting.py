"""Which functions tell atheris where they go: all of a chosen module, and none of what it imports."""

from types import ModuleType

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.fuzz.instrumenting import functions, instrument
from sliceproof.wire import messages


def test_the_functions_and_methods_of_a_module_are_found() -> None:
    names = {function.__qualname__ for function in functions(messages)}
    assert {"encode", "frame", "MessageDecoder.feed", "MessageDecoder.pending", "Message.__eq__"} <= names
    assert "crc32" not in names
    assert "decode_headers" not in names


def test_a_function_still_does_what_it_did() -> None:
    pytest.importorskip("atheris")
    module = ModuleType("of_this_test")
    exec("def double(number):\n    return 2 * number if number > 1 else number + number\n", module.__dict__)
    module.double.__module__ = module.__name__
    before = module.double.__code__
    import sys

    sys.modules[module.__name__] = module
    try:
        assert instrument([module.__name__]) == 1
    finally:
        del sys.modules[module.__name__]
    assert module.double.__code__ is not before
    assert [module.double(number) for number in (1, 2)] == [2, 4]


@pytest.mark.parametrize("name", ["reference", "botocore", "litellm-proposed-fix"])
def test_a_decoder_names_modules_that_there_are(name: str) -> None:
    from importlib import import_module

    decoder = DECODERS[name].load()
    assert decoder.modules
    assert all(list(functions(import_module(module))) for module in decoder.modules)
