import pytest
from streamchat import adecode, decode


@pytest.mark.sliceproof(dialects=["tgi-sse"], requirements="U1 E1 X2")
def test_sync_and_async_agree(sliceproof):
    sliceproof.check(decode, adecode)
