"""The example in Ruby, with the decoder of the AWS SDK that Debian packages: what it breaks, and what not."""

import shutil
import subprocess
from pathlib import Path

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.requirements import REQUIREMENTS

CLIENT = Path(__file__).parents[2] / "examples/ruby/client.rb"
RUBY = shutil.which("ruby")

if RUBY is None or subprocess.run([RUBY, "-raws-eventstream", "-e", ""], capture_output=True, check=False).returncode:
    pytest.skip("Ruby or its aws-eventstream is not installed", allow_module_level=True)


def verdicts(dialect: str) -> dict[str, str]:
    judged = load(f"run:{RUBY} '{CLIENT}'", dialects=(dialect,))
    results = list(run(judged, Plan(list(REQUIREMENTS.values()), PROFILES["quick"]), [dialect]))
    assert sum(result.verdict == "pass" for result in results) > 30
    return {result.requirement.id: result.verdict for result in results if result.verdict not in ("pass", "n/a")}


@pytest.mark.parametrize("dialect", ["tgi-sse", "openai-sse"])
def test_the_client_breaks_no_must_where_its_reader_knows_the_last_record(dialect: str) -> None:
    """The three are the small reader's of the example, not the SDK's."""
    assert verdicts(dialect) == {"L3": "warn", "S3": "warn", "U5-bom": "warn"}


def test_the_client_takes_half_a_message_of_plain_text_for_the_end() -> None:
    assert verdicts("text") == {"T2": "fail", "F2-malformed": "warn"}


ENDS_EARLY = """
headers = { ":message-type" => Aws::EventStream::HeaderValue.new(value: "event", type: "string") }
message = Aws::EventStream::Message.new(headers: headers, payload: StringIO.new("lost"))
wire = Aws::EventStream::Encoder.new.encode(message)
p (1...wire.bytesize).map { |at| Aws::EventStream::Decoder.new.decode_chunk(wire.byteslice(0, at)) }.uniq
p Aws::EventStream::Decoder.public_instance_methods(false).sort
"""


@pytest.mark.confirms("run:ruby examples/ruby/client.rb", "T2")
def test_the_decoder_of_the_sdk_cannot_be_told_that_the_wire_has_ended() -> None:
    """Without sliceproof: it wants more, wherever a message ends, and has nothing to call at the end."""
    assert RUBY is not None
    ran = subprocess.run([RUBY, "-raws-eventstream", "-e", ENDS_EARLY], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["[[nil, true]]", "[:decode, :decode_chunk]"]
