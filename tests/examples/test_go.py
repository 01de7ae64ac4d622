"""The example in Go, with the decoder of the AWS SDK that Debian packages: what it breaks, and what not."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.requirements import REQUIREMENTS

CLIENT = Path(__file__).parents[2] / "examples/go/client.go"
GO, PACKAGES = shutil.which("go"), Path("/usr/share/gocode")

if GO is None or not (PACKAGES / "src/github.com/aws/aws-sdk-go-v2").is_dir():
    pytest.skip("Go or its AWS SDK is not installed", allow_module_level=True)


def built(source: Path, folder: Path) -> Path:
    assert GO is not None
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": str(PACKAGES), "GOCACHE": str(folder / "cache")}
    subprocess.run([GO, "build", "-o", folder / "client", source], env=env, check=True, timeout=300)
    return folder / "client"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(CLIENT, tmp_path_factory.mktemp("go"))


def verdicts(client: Path, dialect: str) -> dict[str, str]:
    judged = load(f"run:'{client}'", dialects=(dialect,))
    results = list(run(judged, Plan(list(REQUIREMENTS.values()), PROFILES["quick"]), [dialect]))
    assert sum(result.verdict == "pass" for result in results) > 30
    return {result.requirement.id: result.verdict for result in results if result.verdict not in ("pass", "n/a")}


@pytest.mark.parametrize("dialect", ["tgi-sse", "openai-sse"])
def test_the_client_breaks_no_must_where_its_reader_knows_the_last_record(client: Path, dialect: str) -> None:
    """The three are the small reader's of the example, not the SDK's."""
    assert verdicts(client, dialect) == {"L3": "warn", "S3": "warn", "U5-bom": "warn"}


def test_the_client_takes_half_a_message_of_plain_text_for_the_end(client: Path) -> None:
    assert verdicts(client, "text") == {"T2": "fail", "F2-malformed": "warn"}


ENDS_EARLY = """
package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

func main() {
	var wire bytes.Buffer
	headers := eventstream.Headers{{Name: ":message-type", Value: eventstream.StringValue("event")}}
	eventstream.NewEncoder().Encode(&wire, eventstream.Message{Headers: headers, Payload: []byte("lost")})
	quiet := []int{}
	for at := 1; at < wire.Len(); at++ {
		if _, err := eventstream.NewDecoder().Decode(bytes.NewReader(wire.Bytes()[:at]), nil); err == io.EOF {
			quiet = append(quiet, at-wire.Len())
		}
	}
	fmt.Println(quiet)
}
"""


@pytest.mark.confirms("run:examples/go/client", "T2")
def test_the_decoder_of_the_sdk_says_eof_where_a_message_ends_in_its_payload_or_between_fields(tmp_path: Path) -> None:
    """Without sliceproof: how many bytes are missing of a message whose last 8 are its payload and its checksum."""
    (tmp_path / "ends.go").write_text(ENDS_EARLY)
    ran = subprocess.run([built(tmp_path / "ends.go", tmp_path)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[-38 -34 -30 -29 -16 -15 -13 -8 -7 -6 -5 -4]"


PANICS = """
package main

import (
	"bytes"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

func main() {
	defer func() { fmt.Println(recover()) }()
	var wire bytes.Buffer
	headers := eventstream.Headers{{Name: "a", Value: eventstream.StringValue("b")}}
	eventstream.NewEncoder().Encode(&wire, eventstream.Message{Headers: headers})
	wire.Bytes()[14] = 0x17 // the type of the header's value, of which one bit is flipped
	eventstream.NewDecoder().Decode(&wire, nil)
}
"""


def test_the_decoder_of_the_sdk_panics_at_a_corrupt_type_before_it_looks_at_the_checksum(tmp_path: Path) -> None:
    """The example recovers, and tells it as an error; a program that does not is ended by it."""
    (tmp_path / "panics.go").write_text(PANICS)
    ran = subprocess.run([built(tmp_path / "panics.go", tmp_path)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "unknown value type 23"
