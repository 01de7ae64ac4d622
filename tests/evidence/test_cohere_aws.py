"""cohere-aws: two records in one part are no JSON document, and no later one is read either (R2)."""

from typing import Any

RECORD = b'{"index": 0, "text": "x", "is_finished": false}\n'


def told(*parts: bytes) -> list[str]:
    from cohere_aws.generation import StreamingGenerations
    from cohere_aws.mode import Mode

    events = [{"PayloadPart": {"Bytes": part}} for part in parts]
    return [item.text for item in StreamingGenerations(events, Mode.SAGEMAKER)]


def test_two_records_in_one_part_lose_themselves_and_all_after_them(judged: Any) -> None:
    judged("cohere-aws", "0.8.18")
    assert told(RECORD, RECORD) == ["x", "x"]
    assert told(RECORD + RECORD, RECORD, RECORD) == []
