"""Completions of a TGI model behind a SageMaker endpoint, as they come."""

from streamchat.decoding import ModelError, adecode, decode

__all__ = ["ModelError", "adecode", "decode"]
