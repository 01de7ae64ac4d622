"""The environment variables by which clients of AWS find an endpoint of ours, with credentials that are none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def variables(url: str) -> dict[str, str]:
    """The variables that name the server at *url*, for both services."""
    return {**CREDENTIALS, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": url, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url}


@contextmanager
def environment(url: str) -> Iterator[None]:
    """This process has these variables meanwhile, for clients that take URL or credentials from nowhere else."""
    ours = variables(url)
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
