"""Event loops in which decoders run: asyncio's, or trio's for those that need it; each run has its own and ends.

What a decoder leaves behind, tasks that swallow their cancellation or generators that wait in their
`finally`, is waited for a second at most. Where a loop already runs, the new one gets a thread of its own.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, TypeVar

from sliceproof.conformance.harness.watchdog import Hang, ring

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, T]]

ASYNCIO, TRIO = "asyncio", "trio"
WIND_UP = 1.0  # seconds for what is left when a run is over

_left: list[Any] = []  # tasks that do not end: to collect them would wake them once more


def run(work: Work[T], library: str = ASYNCIO) -> T:
    """Run *work* to its end in an event loop of its own."""
    go = _in_trio if library == TRIO else _in_asyncio
    return _apart(lambda: go(work)) if _running() else go(work)


def library_of(sign: object) -> str:
    """The library that an awaitable waits for, from what it yields or what was raised: "trio", "asyncio" or ""."""
    if "trio" not in sys.modules:
        return ASYNCIO
    if isinstance(sign, BaseException):
        frames, trace = [], sign.__traceback__
        while trace is not None:
            frames.append(str(trace.tb_frame.f_globals.get("__name__")))
            trace = trace.tb_next
        named = "'trio." in str(sign) or " trio" in str(sign)
        return TRIO if named or (frames[-1:] and frames[-1].split(".")[0] == "trio") else ASYNCIO
    kind = sign if isinstance(sign, type) else type(sign)
    return TRIO if kind.__module__.split(".")[0] in ("trio", "outcome") else ASYNCIO


def patience(library: str, seconds: float) -> AbstractAsyncContextManager[Callable[[], None]]:
    """Ends what runs inside with Hang after so many seconds; what it gives starts them anew."""
    return _trio_patience(seconds) if library == TRIO else _asyncio_patience(seconds)


async def together(library: str, works: Sequence[Work[T]]) -> list[T]:
    """Run all at once, each in a task of its own; their results in their order."""
    if library != TRIO:
        return list(await asyncio.gather(*(work() for work in works)))
    import trio

    came: dict[int, T] = {}

    async def keep(number: int, work: Work[T]) -> None:
        came[number] = await work()

    async with trio.open_nursery() as nursery:
        for number, work in enumerate(works):
            nursery.start_soon(keep, number, work)
    return [came[number] for number in range(len(works))]


async def pause(library: str, seconds: float) -> None:
    """Let others run for so long."""
    if library == TRIO:
        import trio

        await trio.sleep(seconds)
    else:
        await asyncio.sleep(seconds)


def current_task(library: str) -> object:
    """The task that runs."""
    if library == TRIO:
        import trio

        return trio.lowlevel.current_task()
    return asyncio.current_task()


@asynccontextmanager
async def _asyncio_patience(seconds: float) -> AsyncIterator[Callable[[], None]]:
    clock = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(seconds) as waiting:
            yield lambda: waiting.reschedule(clock() + seconds)
    except TimeoutError as error:
        if waiting.expired():
            raise Hang from error
        raise


@asynccontextmanager
async def _trio_patience(seconds: float) -> AsyncIterator[Callable[[], None]]:
    import trio

    with trio.CancelScope(deadline=trio.current_time() + seconds) as scope:

        def renew() -> None:
            scope.deadline = trio.current_time() + seconds

        yield renew
    if scope.cancelled_caught:
        raise Hang


def _running() -> bool:
    """Whether an event loop runs in this thread."""
    if asyncio._get_running_loop() is not None:
        return True
    trio = sys.modules.get("trio")
    return trio is not None and bool(getattr(trio.lowlevel, "in_trio_run", lambda: False)())


def _apart(go: Callable[[], T]) -> T:
    """Call *go* in a thread of its own; one that does not end is left to itself when Hang is raised here."""
    came: list[T] = []
    raised: list[BaseException] = []

    def call() -> None:
        try:
            came.append(go())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=call, name="sliceproof-loop", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.2)  # in slices, so that an exception from outside is raised between them
    except Hang:
        ring(thread.ident or 0)
        thread.join(WIND_UP)
        raise
    if raised:
        raise raised[0]
    return came[0]


def _in_trio(work: Work[T]) -> T:
    import trio

    came: T = trio.run(work)
    return came


def _in_asyncio(work: Work[T]) -> T:
    """As asyncio.run does, but waits only so long for tasks that do not end when they are cancelled."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work())
    finally:
        try:
            loop.run_until_complete(_wound_up())
        finally:
            loop.close()


async def _wound_up() -> None:
    loop = asyncio.get_running_loop()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=WIND_UP)
    closing = asyncio.ensure_future(loop.shutdown_asyncgens())
    await asyncio.wait({closing}, timeout=WIND_UP)
    for _ in range(3):  # turns in which generators that nobody holds are closed
        await asyncio.sleep(0)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        _left.append(task)
    for task in tasks:
        seen(task)


def seen(task: "asyncio.Future[Any]") -> None:
    """Take a task's exception, so that nobody is told that it was never looked at."""
    if task.done() and not task.cancelled():
        task.exception()


class Suspensions:
    """Whether what was awaited ever waited for the event loop."""

    def __init__(self) -> None:
        self.none = True

    async def noticed(self, awaitable: Any) -> Any:
        """Await it, and notice whether it waits."""
        return await _Noticed(awaitable, self)


class _Noticed(Generator[Any, Any, Any]):
    def __init__(self, awaitable: Any, suspensions: Suspensions) -> None:
        self.steps, self.suspensions = awaitable.__await__(), suspensions

    def __await__(self) -> Generator[Any, Any, Any]:
        return self

    def send(self, value: Any) -> Any:
        sign = self.steps.send(value)
        self.suspensions.none = False
        return sign

    def throw(self, *error: Any) -> Any:
        return self.steps.throw(*error)

    def close(self) -> None:
        self.steps.close()


def other_tasks(library: str) -> bool:
    """Whether there are tasks beside the one that runs; under trio there always may be."""
    return library == TRIO or len(asyncio.all_tasks()) > 1


class Suspended(BaseException):
    """An awaitable waits for something that only an event loop can bring; `library` is whose."""

    def __init__(self, library: str = ASYNCIO) -> None:
        super().__init__(library)
        self.library = library


def step(awaitable: Any) -> Any:
    """The result of an awaitable that does not really wait; Suspended, and the awaitable is unwound, if it does."""
    steps = awaitable.__await__()
    try:
        sign = steps.send(None)
    except StopIteration as done:
        return done.value
    suspended = Suspended(library_of(sign))
    with suppress(BaseException):
        for _ in range(10):  # it may wait again in each `finally`
            steps.throw(suspended)
    raise suspended
