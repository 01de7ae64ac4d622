"""The options of `check`, and the campaign that they ask for, if they ask for one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from sliceproof.conformance.engine.options import Options
from sliceproof.conformance.reporting.outputs import Outputs

if TYPE_CHECKING:
    from sliceproof.conformance.engine.campaign.database import Shared
    from sliceproof.conformance.engine.campaign.worker import Campaign


@dataclass(frozen=True)
class CheckOptions:
    """What is judged and how far, and what only the command does besides; `jobs` 0 is in this process.

    `root` is the folder that targets are relative to, if not the current one, `origin` a line that says which
    settings came from where.
    """

    judging: Options
    baseline: str | None = None
    update_baseline: bool = False
    folders: tuple[str, ...] = ()
    save_to: str | None = None
    outputs: Outputs = field(default_factory=Outputs)
    database: str | None = None
    local: str | None = None
    worker: str | None = None
    seeds: int = 1
    jobs: int = 0
    verbose: bool = False
    root: str = "."
    origin: str = ""

    def __post_init__(self) -> None:
        if self.judging.conformance and (self.worker or self.seeds > 1):
            raise click.UsageError("--conformance is asked whole, by one seed; leave --worker and --seeds out")

    @property
    def campaign(self) -> bool:
        """Whether they ask for a campaign."""
        return bool(self.database or self.local or self.worker or self.seeds > 1)


def campaign(options: CheckOptions, tell: Callable[[str], None]) -> "Campaign":
    """The campaign that the options ask for, its database open; *tell* is called once it is out of reach."""
    from sliceproof.conformance.engine.campaign.sharding import Worker, worker
    from sliceproof.conformance.engine.campaign.worker import Campaign

    mine = worker(options.worker) if options.worker else Worker()
    if mine.of > 1 and options.update_baseline:
        raise click.UsageError("--update-baseline needs all results, and --worker gives a share; leave one of them out")
    return Campaign(mine, options.seeds, _shared(options.database, options.local, tell))


def _shared(database: str | None, local: str | None, tell: Callable[[str], None]) -> "Shared | None":
    from sliceproof.conformance.engine.campaign.database import FOLDER, DatabaseError, opened

    if local and "://" not in (database or ""):
        raise DatabaseError("--local is the folder before a database in Redis; give --database redis://HOST:PORT/DB")
    return opened(database, local or FOLDER, tell) if database else None
