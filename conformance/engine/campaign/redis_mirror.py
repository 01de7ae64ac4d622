"""Redis behind a local folder: what is found is in the folder first, and in Redis as long as that answers.

When Redis goes away there is one line that says so, and the run goes on with the folder. What the folder has and
Redis has not is given to it by the next run that reaches it, and by this one at its end if it is back by then.
Only this module imports the redis client.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from hypothesis.database import ExampleDatabase, MultiplexedDatabase
from hypothesis.extra.redis import RedisExampleDatabase
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as NoAnswerError
from redis.retry import Retry

from sliceproof.conformance.engine.campaign.database import DatabaseError, Shared, Tell

PREFIX = b"sliceproof:"
CHANNEL = "sliceproof:changes"
EXPIRES = timedelta(days=90)
"""After so long without a run that asks for it, Redis forgets a failure."""
SECONDS = 5.0
"""How long Redis may take to answer, each time; it is asked twice."""

GONE = (NoConnectionError, NoAnswerError, ResponseError, InvalidResponse, OSError)
"""What the server or the way to it does; anything else is a fault of ours and is not caught."""

T = TypeVar("T")


class Behind(Shared):
    """A folder, and Redis behind it."""

    def __init__(
        self, url: str, name: str, passwords: Iterable[str], local: ExampleDatabase, folder: str, tell: Tell
    ) -> None:
        self._local, self._folder, self._tell = local, folder, tell
        self._remote = WhileItAnswers(url, tuple(passwords), self._gone)
        super().__init__(name, MultiplexedDatabase(local, self._remote))
        if reason := self._remote.unreachable():
            raise DatabaseError(
                f"cannot keep anything in {name} ({reason}); "
                "give --database a Redis that answers and may be written to, or a folder"
            )

    @property
    def lost(self) -> str:
        """Why Redis is out of reach, or ""."""
        return self._remote.lost

    def lose(self, reason: str) -> None:
        """Ask Redis no more, as another process has found it out of reach."""
        self._remote.lost = reason

    def _gone(self, became: str, reason: str) -> None:
        self._tell(
            f"warning: {self.name} {became} ({reason}); going on with the folder {self._folder} alone. "
            "What is found is kept there, and given to Redis by the next run that reaches it"
        )

    def push(self, keys: Iterable[bytes]) -> None:
        """Give Redis what the folder has under *keys* and it has not."""
        for key in keys:
            if found := set(self._local.fetch(key)):
                for value in found - set(self._remote.fetch(key)):
                    self._remote.save(key, value)

    def settle(self, keys: Iterable[bytes]) -> None:
        """If Redis went away and is back, give it what was found meanwhile."""
        if self.lost and not self._remote.unreachable():
            self._remote.lost = ""
            self._tell(f"{self.name} is back, and is given what was found meanwhile")
            self.push(keys)


class WhileItAnswers(ExampleDatabase):
    """Hypothesis' database in Redis until that goes away; after that it is empty, and `lost` says why."""

    def __init__(self, url: str, passwords: tuple[str, ...], gone: Callable[[str, str], None]) -> None:
        super().__init__()
        self.lost = ""
        self._passwords, self._gone = passwords, gone
        retry = Retry(ExponentialBackoff(cap=1, base=0.1), 1)
        try:
            self._client = Redis.from_url(url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS, retry=retry)
            self._redis = RedisExampleDatabase(
                self._client, expire_after=EXPIRES, key_prefix=PREFIX, listener_channel=CHANNEL
            )
        except (TypeError, ValueError):
            raise DatabaseError("the options in the URL of --database are none that the redis client knows") from None

    def unreachable(self) -> str:
        """Why nothing can be kept in Redis, or "": tried anew each time."""
        try:
            self._client.set(PREFIX + b"reached", b"", ex=60)
        except GONE as error:
            return self._reason(error)
        return ""

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """All values under a key."""
        return self._asked(lambda: list(self._redis.fetch(key)), [])

    def save(self, key: bytes, value: bytes) -> None:
        """Keep a value."""
        self._asked(lambda: self._redis.save(key, value), None)

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget a value."""
        self._asked(lambda: self._redis.delete(key, value), None)

    def _asked(self, ask: Callable[[], T], otherwise: T) -> T:
        if self.lost:
            return otherwise
        try:
            return ask()
        except GONE as error:
            self.lost = self._reason(error)
            self._gone("refused a command" if isinstance(error, ResponseError) else "went away", self.lost)
        return otherwise

    def _reason(self, error: BaseException) -> str:
        text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        for password in self._passwords:
            text = text.replace(password, "***")
        return text
