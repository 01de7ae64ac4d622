"""langchain-community's LineIterator, the older copy of langchain-aws' one."""

from sliceproof.conformance.decoder import Decoder
from sliceproof.conformance.decoders.lines import BY_LINE, line_decoder


def decoder() -> Decoder:
    """The adapter; ImportError if langchain-community is not installed."""
    from langchain_community.llms.sagemaker_endpoint import LineIterator

    return line_decoder("langchain-community", "langchain-community", LineIterator, BY_LINE)
