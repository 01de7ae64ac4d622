"""Where the rules come from, where several come from the same place."""

SMITHY = "Smithy docs/source-2.0/aws/amazon-eventstream.rst"
SSE = "WHATWG HTML, 9.2.5 and 9.2.6 (server-sent events)"
CUT_ANYWHERE = "SageMaker cuts the container's bytes anywhere (LineIterator, sagemaker-python-sdk iterators.py)"
SERVICE = "botocore sagemaker-runtime/2017-05-13/service-2.json; Smithy amazon-eventstream"
