"""Programs and clients that do their worst to `sliceproof run` and to `sliceproof serve`.

    python benchmarks/hostile.py --minutes 30

Each round judges a program that misbehaves at random, or loads one `serve`, which stays up all the time, with such a
client. A round of `run` must end in time with a verdict and the exit code that is documented, and leave no process
behind; after a round of `serve` a good client must get its answer, and neither the server's open files nor its memory
may grow without bound. It ends with a paragraph of what there was, and with 1 if anything was not as it must be.
"""

import argparse
import ctypes
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

DIALECT = "text"
ASKED = ("--dialect", DIALECT, "--requirement", "PLAIN", "--requirement", "U1", "--requirement", "A1")
SLOW = 300  # seconds in which a run of three requirements must end, whatever its program does
GROWS = 64 << 20  # bytes by which the server's memory may have grown after its first rounds
FILES = 64  # by how many may its open files; 256 connections may be open while it is loaded
SETTLES = 20.0  # seconds in which it must have let go of connections that are closed


# What a program does at random, before it does what it should


def crash(url: str, name: str) -> None:
    """End at once, with any code."""
    os._exit(random.choice((0, 1, 3, 255)))


def kill(url: str, name: str) -> None:
    """Die of a signal that nobody sees coming."""
    os.kill(os.getpid(), signal.SIGKILL)


def segfault(url: str, name: str) -> None:
    """Read where there is nothing."""
    ctypes.string_at(0)


def hang(url: str, name: str) -> None:
    """Neither end nor report, also when asked to end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    time.sleep(3600)


def forks(url: str, name: str) -> None:
    """Leave children behind, one of them in a session of its own, and end."""
    for leads in (False, True):
        if os.fork() == 0:
            if leads:
                os.setsid()
            time.sleep(3600)
    os._exit(1)


def many_requests(url: str, name: str) -> None:
    """Ask for pages that there are not, thousands of times."""
    with closing(connected(url)) as connection:
        for number in range(3000):
            connection.request("GET", f"/no/{number}")
            connection.getresponse().read()


def huge_reports(url: str, name: str) -> None:
    """Report more than a request may hold, and then as much as it may."""
    for size in (9 << 20, 1 << 34, 7 << 20):
        with suppress(OSError, http.client.HTTPException), closing(connected(url)) as connection:
            connection.putrequest("POST", f"/report/{name}x")
            connection.putheader("Content-Length", str(size))
            connection.endheaders()
            for _ in range(min(size, 9 << 20) >> 20):
                connection.send(b"x" * (1 << 20))
            connection.getresponse().read()


def wrong_reports(url: str, name: str) -> None:
    """Report what is no report, and for names that there are not."""
    bodies = [b"", b"{}", b"[]", b"\xff\xfe", b'{"text": 1}', b"[" * 100_000, b'{"text": "' + b"\\ud800" * 9 + b'"}']
    for body in bodies:
        for path in (f"/report/{name}x", "/report/", f"/report/{'a' * 50_000}", "/report/%00"):
            post(url, path, body)
    for body in random.sample(bodies, 5):
        post(url, f"/report/{name}", body)


def malformed(url: str, name: str) -> None:
    """Speak what is no HTTP."""
    for junk in (
        b"\x00" * 5000,
        b"GET\r\n\r\n",
        b"\xff\xd8 / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 5000,
        b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
        random.randbytes(50_000),
    ):
        with suppress(OSError), opened(url) as connection:
            connection.sendall(junk)
            if random.random() < 0.5:
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1000)


def never_reads(url: str, name: str) -> None:
    """Ask for answers, a hundred on one connection, and read none."""
    for path in (f"/endpoints/{name}/invocations-response-stream", f"/endpoints/{name}/invocations", "/plan"):
        with suppress(OSError), opened(url) as connection:
            connection.settimeout(2)
            connection.sendall(f"POST {path} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}".encode() * 100)


def many_connections(url: str, name: str) -> None:
    """Open three hundred connections and say nothing."""
    with ExitStack() as stack:
        for _ in range(300):
            with suppress(OSError):
                stack.enter_context(opened(url))
        time.sleep(random.choice((0, 1)))


def half_open(url: str, name: str) -> None:
    """Begin requests, and leave in the middle of each."""
    whole = f"POST /endpoints/{name}/invocations-response-stream HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    for at in range(1, len(whole) + 1, 3):
        with suppress(OSError), opened(url) as connection:
            connection.sendall(whole[:at])
            if at % 2:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def steals(url: str, name: str) -> None:
    """Ask for more streams than are there, in many threads, and leave."""
    for _ in range(20):
        with suppress(OSError), opened(url) as connection:
            connection.sendall(b"GET /next HTTP/1.1\r\n\r\n" * 3)


def noise(url: str, name: str) -> None:
    """Print a lot, and no text."""
    os.write(2, random.randbytes(300_000))


ENDS = (crash, kill, segfault, hang, forks)
LOADS = (many_requests, huge_reports, wrong_reports, malformed, never_reads, many_connections, half_open, noise)
PROGRAMS = {each.__name__: each for each in (*ENDS, *LOADS, steals)}


def opened(url: str) -> socket.socket:
    """A connection to the server."""
    at = urlsplit(url)
    return socket.create_connection((at.hostname, at.port), timeout=10)


def connected(url: str) -> http.client.HTTPConnection:
    """One that speaks HTTP."""
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)


def post(url: str, path: str, body: bytes) -> bytes:
    """What comes of a POST; nothing if it fails."""
    with suppress(OSError, http.client.HTTPException), closing(connected(url)) as connection:
        connection.request("POST", path, body=body)
        return connection.getresponse().read()
    return b""


def text(url: str, name: str) -> str:
    """What a good client gets of an endpoint."""
    from sliceproof import decode

    with closing(connected(url)) as connection:
        connection.request("POST", f"/endpoints/{name}/invocations-response-stream", body=b"{}")
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"status {response.status}")
        return "".join(decode(iter(lambda: response.read1(65536), b""), DIALECT))


def program(kind: str, chance: float) -> None:
    """A client that does what it should, and by chance what *kind* is, before or behind its report."""
    url = os.environ["SLICEPROOF_URL"]
    while True:
        with closing(connected(url)) as connection:
            connection.request("GET", "/next")
            response = connection.getresponse()
            said = response.read()
        if response.status == 204:
            continue
        name, told = json.loads(said)["name"], {}
        try:
            told["text"] = text(url, name)
        except Exception as error:
            told |= {"text": "", "error": repr(error)}
        before = random.random() < 0.5
        does = PROGRAMS[kind] if random.random() < chance else None
        if does is not None and before:
            does(url, name)
        post(url, f"/report/{name}", json.dumps(told).encode())
        if does is not None and not before:
            does(url, name)


# The rounds


class Rounds:
    """What there was so far, and what was not as it must be."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.longest = 0.0

    def fault(self, text: str) -> None:
        """Something is not as it must be."""
        self.faults.append(text)
        print(f"NOT AS IT MUST BE: {text}", flush=True)

    def run(self, kind: str) -> None:
        """Judge a program of that kind."""
        mark = f"hostile-{os.getpid()}-{random.getrandbits(48):012x}"
        chance = random.choice((0.02, 0.2, 1.0))
        words = [sys.executable, __file__, "--program", kind, "--chance", str(chance), "--mark", mark]
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.json")
            asked = [sys.executable, "-m", "sliceproof", "run", *ASKED, "--json", str(report), "--", *words]
            try:
                ran = subprocess.run(asked, cwd=folder, capture_output=True, timeout=SLOW, check=False)
            except subprocess.TimeoutExpired:
                self.fault(f"run of {kind}, chance {chance}: no end after {SLOW} s")
                ends_all(mark)
                return
            rows = json.loads(report.read_text())["results"] if report.exists() else []
        self.longest = max(self.longest, time.monotonic() - began)
        verdicts = Counter(row["verdict"] for row in rows)
        self.kinds[f"run {kind}"] += 1
        self.verdicts[f"exit {ran.returncode}"] += 1
        must = 1 if verdicts["fail"] else 2 if verdicts["error"] or not rows else 0
        if ran.returncode != must or not rows:
            said = ran.stderr.decode("utf-8", "replace")[-600:]
            self.fault(f"run of {kind}, chance {chance}: exit {ran.returncode}, verdicts {dict(verdicts)}: {said}")
        if kind in ("crash", "kill", "segfault", "hang", "forks") and chance == 1.0 and ran.returncode == 0:
            self.fault(f"run of {kind}: nothing was found")
        time.sleep(0.2)
        if left := ends_all(mark):
            self.fault(f"run of {kind}, chance {chance}: {left} processes are left")

    def serve(self, kind: str, server: "Serving") -> None:
        """Load the server with such a client, and ask it as a good one."""
        self.kinds[f"serve {kind}"] += 1
        threads = [
            threading.Thread(target=_quietly, args=(kind, server.url), daemon=True)
            for _ in range(random.choice((1, 1, 4)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        until, got = time.monotonic() + SETTLES, ""
        while got != server.said and time.monotonic() < until:
            try:
                got = text(server.url, DIALECT)
            except Exception as error:
                got = repr(error)
                time.sleep(0.2)
        self.verdicts["serve answers" if got == server.said else "serve fails"] += 1
        if got != server.said:
            self.fault(f"serve after {kind}: {got[:200]!r} instead of its answer")
        while (files := server.files()) > server.first_files + FILES and time.monotonic() < until:
            time.sleep(0.2)
        if files > server.first_files + FILES:
            self.fault(f"serve after {kind}: {files} open files, at first {server.first_files}")
        if server.rounds == 40:
            server.warm = server.resident()
        server.rounds += 1
        if server.warm and server.resident() > server.warm + GROWS:
            self.fault(
                f"serve after {kind}: {server.resident() >> 20} MiB resident, {server.warm >> 20} after 40 rounds"
            )
            server.warm = server.resident()


def _quietly(kind: str, url: str) -> None:
    with suppress(OSError, http.client.HTTPException):
        PROGRAMS[kind](url, DIALECT)


class Serving:
    """A `sliceproof serve` that stays up."""

    def __init__(self) -> None:
        words = [sys.executable, "-m", "sliceproof", "serve"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[0]
        self.said = text(self.url, DIALECT)
        self.first_files, self.first_resident = self.files(), self.resident()
        self.rounds, self.warm = 0, 0

    def files(self) -> int:
        """How many files it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def threads(self) -> int:
        """How many threads it has."""
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def resident(self) -> int:
        """Its resident memory in bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ends_all(mark: str) -> int:
    """How many processes still have the mark in their command; they are killed."""
    found = 0
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError):
                if mark.encode() in Path("/proc", entry, "cmdline").read_bytes():
                    os.kill(int(entry), signal.SIGKILL)
                    found += 1
    return found


def main() -> int:
    """Rounds until time is up; 1 if anything was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=sorted(PROGRAMS))
    parser.add_argument("--program", help=argparse.SUPPRESS)
    parser.add_argument("--chance", type=float, default=1.0, help=argparse.SUPPRESS)
    parser.add_argument("--mark", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.program:
        program(asked.program, asked.chance)
    random.seed(asked.seed)
    rounds, server, until = Rounds(), Serving(), time.monotonic() + 60 * asked.minutes
    own = len(os.listdir("/proc/self/fd"))
    try:
        while time.monotonic() < until:
            kind = asked.kind or random.choice(list(PROGRAMS))
            rounds.run(kind)
            for each in random.choices([load.__name__ for load in LOADS[:-1]], k=5):
                rounds.serve(each, server)
        kinds = ", ".join(f"{name} {count}" for name, count in sorted(rounds.kinds.items()))
        ends = ", ".join(f"{name} {count}" for name, count in sorted(rounds.verdicts.items()))
        print(
            f"{sum(rounds.kinds.values())} rounds in {asked.minutes:g} minutes with seed {asked.seed} ({kinds}): "
            f"{ends}. The longest run took {rounds.longest:.0f} s. The server began with "
            f"{server.first_resident >> 20} MiB and {server.first_files} open files, had {server.warm >> 20} MiB after "
            f"40 rounds, and ended with {server.resident() >> 20} MiB, {server.files()} open files and "
            f"{server.threads()} threads; this process went from {own} open files to "
            f"{len(os.listdir('/proc/self/fd'))}. {len(rounds.faults)} things were not as they must be."
        )
    finally:
        server.process.terminate()
        server.process.wait()
    return 1 if rounds.faults else 0


if __name__ == "__main__":
    sys.exit(main())
