"""From the options of `check` to the campaign that they ask for, if they ask for one."""

from collections.abc import Mapping
from typing import Any

import click

from sliceproof.conformance.engine.campaign.database import FOLDER, DatabaseError, Shared, opened
from sliceproof.conformance.engine.campaign.share import Worker, worker
from sliceproof.conformance.engine.campaign.working import Campaign


def asked(options: Mapping[str, Any]) -> bool:
    """Whether the options ask for a campaign."""
    return bool(options["database"] or options["local"] or options["worker"] or options["seeds"] > 1)


def campaign(options: Mapping[str, Any]) -> Campaign:
    """The campaign that the options ask for, its database open."""
    mine = worker(options["worker"]) if options["worker"] else Worker()
    if mine.of > 1 and options["update_baseline"]:
        raise click.UsageError("--update-baseline needs all results, and --worker gives a share; leave one of them out")
    return Campaign(mine, options["seeds"], _shared(options["database"], options["local"]))


def _shared(database: str | None, local: str | None) -> Shared | None:
    if local and "://" not in (database or ""):
        raise DatabaseError("--local is the folder before a database in Redis; give --database redis://HOST:PORT/DB")
    return opened(database, local or FOLDER, _tell) if database else None


def _tell(line: str) -> None:
    click.echo(f"sliceproof: {line}", err=True)
