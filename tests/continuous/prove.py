"""Builds the targets as ClusterFuzzLite does, without Docker, and runs each: `tox -e continuous`.

The build's own script makes one file of each target, with PyInstaller. Each then runs on its seeds and must
find nothing; and once more with a decoder that is broken on purpose, where it must crash.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNS = 300
BROKEN = {
    "fuzz_messages": '{"decoders": ["broken:messages_with_headers_in_order"]}',
    "fuzz_headers": '{"decoders": ["botocore"]}',
    "fuzz_streams": '{"decoders": ["broken:decodes_parts_alone"]}',
}
_NOT_COPIED = shutil.ignore_patterns(".git", ".tox", ".venv*", ".hypothesis", "build", "node_modules", "__pycache__")
EXCEPTION = 77  # libFuzzer's exit code for one that was raised


def build(folder: Path) -> Path:
    """All targets, in a folder of their own."""
    source, out = folder / "source", folder / "out"
    shutil.copytree(ROOT, source, ignore=_NOT_COPIED)
    out.mkdir()
    path = os.pathsep.join((str(source / "tests" / "continuous"), os.environ["PATH"]))
    environment = os.environ | {"OUT": str(out), "SRC": str(folder), "SANITIZER": "address", "PATH": path}
    subprocess.run(["bash", ".clusterfuzzlite/build.sh"], cwd=source, env=environment, check=True)
    return out


def run(target: Path, runs: int, options: str = "") -> int:
    """The target's exit code after so many executions, beginning with its seeds."""
    with tempfile.TemporaryDirectory() as seeds:
        with zipfile.ZipFile(target.with_name(f"{target.name}_seed_corpus.zip")) as zipped:
            zipped.extractall(seeds)
        line = [str(target), f"-runs={runs}", f"-dict={target}.dict", f"-artifact_prefix={seeds}/", seeds]
        environment = os.environ | ({"SLICEPROOF_FUZZ": options} if options else {})
        ran = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=600, check=False)
    if ran.returncode not in (0, EXCEPTION):
        print(ran.stdout[-2000:], ran.stderr[-2000:], sep="\n")
    return ran.returncode


def main() -> None:
    """Build, run, and say what failed."""
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        targets = sorted(path for path in build(Path(folder)).iterdir() if not path.suffix)
        for target in targets:
            if run(target, RUNS):
                failed.append(f"{target.name} on its seeds")
            if target.name in BROKEN and run(target, 100 * RUNS, BROKEN[target.name]) != EXCEPTION:
                failed.append(f"{target.name} with a broken decoder")
    if len(targets) != 4 or failed:
        sys.exit(f"{len(targets)} targets; wrong: {', '.join(failed) or 'none is missing'}")
    print(f"{', '.join(target.name for target in targets)}: built, sound on their seeds, and they can crash")


if __name__ == "__main__":
    main()
