"""The Kubernetes manifests and the compose file are what their schemas say, and run commands that there are."""

import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sliceproof.conformance.cli.main import check
from sliceproof.conformance.engine.campaign.sharding import worker

yaml = pytest.importorskip("yaml", reason="tox -e manifests has what checks the manifests")
kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="tox -e manifests has the schemas")
pytest.importorskip("check_jsonschema", reason="tox -e manifests has the schema of compose files")

FOLDER = Path(__file__).parents[2] / "examples" / "campaign"
VERSIONS = ("1.31", kubernetes_validate.latest_version())
"""From one that has all that is used without a feature gate."""


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text("utf-8")))


def kinds(name: str) -> dict[str, dict[str, Any]]:
    return {document["kind"]: document for document in documents(name)}


def commands() -> Iterator[tuple[str, list[str], str]]:
    """Where each worker is started, with its arguments as they come to it."""
    spec = kinds("job.yaml")["Job"]["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    for index in range(spec["completions"]):
        lines = [one.replace("$(JOB_COMPLETION_INDEX)", str(index)) for one in container["args"]]
        yield "job.yaml", lines, container["image"]
    for name, service in documents("compose.yaml")[0]["services"].items():
        if name.startswith("worker-"):
            yield "compose.yaml", service["command"], service["image"]


def shares(of: str) -> list[str]:
    return [check.make_context("check", told[1:]).params["worker"] for name, told, _ in commands() if name == of]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["job.yaml", "redis.yaml"])
def test_a_manifest_is_what_kubernetes_takes(name: str, version: str) -> None:
    for document in documents(name):
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_manifest_with_a_word_misspelt_is_not(version: str) -> None:
    """So that the test above is known to look."""
    (job,) = documents("job.yaml")
    misspelt, mistyped, without = deepcopy(job), deepcopy(job), deepcopy(job)
    misspelt["spec"]["completionsMode"] = "Indexed"
    mistyped["spec"]["completions"] = "four"
    del without["spec"]["template"]
    for wrong in (misspelt, mistyped, without):
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, version, strict=True)


@pytest.mark.parametrize(("change", "code"), [("", 0), ("\nservice: {}\n", 1)])
def test_the_compose_file_is_what_the_specification_says(tmp_path: Path, change: str, code: int) -> None:
    copy = tmp_path / "compose.yaml"
    copy.write_text((FOLDER / "compose.yaml").read_text("utf-8") + change)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["job.yaml", "compose.yaml"])
def test_the_workers_have_each_a_share_of_its_own(name: str) -> None:
    lines = [worker(share) for share in shares(name)]
    assert [one.index for one in lines] == list(range(len(lines)))
    assert {one.of for one in lines} == {len(lines)}
    assert len(lines) > 1


def test_each_worker_is_the_command_check_of_the_image() -> None:
    for _, told, image in commands():
        assert (told[0], image) == ("check", "sliceproof-campaign")
    assert 'ENTRYPOINT ["sliceproof"]' in (FOLDER / "Dockerfile").read_text("utf-8")


def test_the_job_runs_all_workers_at_once() -> None:
    spec = kinds("job.yaml")["Job"]["spec"]
    assert spec["completionMode"] == "Indexed"
    assert spec["parallelism"] == spec["completions"]


def test_a_broken_must_is_not_tried_again() -> None:
    job = kinds("job.yaml")["Job"]["spec"]
    rules = {rule["action"]: rule for rule in job["podFailurePolicy"]["rules"]}
    (container,) = job["template"]["spec"]["containers"]
    assert rules["FailIndex"]["onExitCodes"] == {"containerName": container["name"], "operator": "In", "values": [1]}
    assert job["template"]["spec"]["restartPolicy"] == "Never"
    assert all(
        document["restart"] == "no"
        for document in documents("compose.yaml")[0]["services"].values()
        if "restart" in document
    )


def test_the_workers_and_redis_mean_the_same_service_and_secret() -> None:
    job, redis, service = kinds("job.yaml")["Job"], kinds("redis.yaml")["Deployment"], kinds("redis.yaml")["Service"]
    pod = job["spec"]["template"]["spec"]
    (waiting,) = pod["initContainers"]
    assert f"-h {service['metadata']['name']} ping" in waiting["command"][2]
    assert service["spec"]["selector"] == redis["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"] == redis["spec"]["selector"]["matchLabels"]
    containers = [*pod["containers"], waiting, *redis["spec"]["template"]["spec"]["containers"]]
    used = [one["valueFrom"]["secretKeyRef"] for each in containers for one in each["env"] if "valueFrom" in one]
    made = (FOLDER / "README.md").read_text("utf-8")
    for secret in used:
        assert f"secret generic {secret['name']} " in made
        assert f"--from-literal={secret['key']}=" in made


def test_every_container_says_what_it_needs() -> None:
    pods = [kinds("job.yaml")["Job"], kinds("redis.yaml")["Deployment"]]
    for pod in (one["spec"]["template"]["spec"] for one in pods):
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            assert {"requests", "limits"} <= container["resources"].keys()


def test_each_worker_keeps_what_it_finds_on_a_volume() -> None:
    (container,) = kinds("job.yaml")["Job"]["spec"]["template"]["spec"]["containers"]
    mounted = [one["mountPath"] for one in container["volumeMounts"]]
    for _, told, _ in commands():
        local = check.make_context("check", told[1:]).params["local"]
        assert any(local.startswith(f"{path}/") for path in mounted)
