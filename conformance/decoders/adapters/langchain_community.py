"""langchain-community's LineIterator, the older copy of langchain-aws' one."""

from sliceproof.conformance.decoders.adapters.lines import BY_LINE, line_decoder
from sliceproof.conformance.harness.contract import Decoder


def decoder() -> Decoder:
    """The adapter; ImportError if langchain-community is not installed."""
    from langchain_community.llms.sagemaker_endpoint import LineIterator

    return line_decoder("langchain-community", "langchain-community", LineIterator, BY_LINE)
