"""The templates, and what becomes of text in them: nothing that a decoder gives is markup, or acts on what is near."""

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sliceproof import __version__
from sliceproof.conformance.harness.outlet import shown
from sliceproof.conformance.reporting.html.visible import visible

_ALLOWED = "default-src 'none'; style-src 'unsafe-inline'; script-src '{hash}'; base-uri 'none'; form-action 'none'"


def _printable(value: Any) -> Any:
    """What a template shows: controls, bidi controls and halves of surrogate pairs as escapes."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else shown(value)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    made.filters["visible"] = visible
    made.filters["thread"] = thread
    made.filters["hex"] = lambda byte: f"{byte:02x}"
    made.filters["ascii"] = lambda byte: chr(byte) if 32 < byte < 127 else "␣" if byte == 32 else "·"
    made.filters["share"] = lambda part, whole: f"{100 * part / whole if whole else 0:.3f}%"
    return made


def thread(seen: str) -> str:
    """The address of a public thread that is told as owner/repository#number; "" of what is none."""
    repository, mark, number = seen.rpartition("#")
    is_one = mark and number.isdecimal() and repository.count("/") == 1 and " " not in repository
    return f"https://github.com/{repository}/issues/{number}" if is_one else ""


def _asset(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def head() -> Markup:
    """The style of the parts, for the head of somebody else's page: of what is in them and of nothing around them."""
    return Markup(f"<style>{_asset('parts.css')}</style>")


def _head() -> Markup:
    """Style and script of a whole page, and the policy that lets it load nothing."""
    script, style = _asset("script.js"), _asset("parts.css") + _asset("page.css")
    allowed = _ALLOWED.format(hash=_hash(script))
    policy = f'<meta http-equiv="Content-Security-Policy" content="{allowed}">'
    return Markup(f"{policy}\n<style>{style}</style>\n<script>{script}</script>")


def macro(template: str, name: str, *arguments: Any) -> Markup:
    """What a macro of a template makes."""
    made: Markup = getattr(_environment().get_template(template).module, name)(*arguments)
    return Markup(made)


def page(template: str, **values: Any) -> str:
    """A whole page."""
    return _environment().get_template(template).render(head=_head(), sliceproof=__version__, **values)
