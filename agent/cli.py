"""The `interarec` command. Nothing heavy is imported here: `--help` has to answer at once."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from typing import Any

import typer

from agent.commands.assortment import assortment_app, choice_app
from agent.commands.capture import capture
from agent.commands.catalog import catalog_app
from agent.commands.chat import chat
from agent.commands.config import config
from agent.commands.demo import demo
from agent.commands.frames import frames_app
from agent.commands.prompt import prompt_app
from agent.commands.read import read
from agent.commands.recommend import recommend
from agent.commands.session import session_app
from agent.commands.shared import one_line
from agent.commands.thread import thread_app
from tools.errors import InteraRecError

app = typer.Typer(
    name="interarec",
    help="Recommendations from browsing screenshots, proved best within the shopper's limits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(demo)
app.command()(read)
app.command()(recommend)
app.command()(chat)
app.command()(capture)
app.command()(config)
app.add_typer(catalog_app, name="catalog")
app.add_typer(thread_app, name="thread")
app.add_typer(frames_app, name="frames")
app.add_typer(assortment_app, name="assortment")
app.add_typer(choice_app, name="choice")
app.add_typer(session_app, name="session")
app.add_typer(prompt_app, name="prompt")
# Packages that stand on top of this one bring commands of their own.
for _point in entry_points(group="interarec.commands"):
    app.add_typer(_point.load(), name=_point.name)

# Typer's own copy of click moved between its versions; a public class leads to it in all of them.
_ClickException: type[Any] = typer.BadParameter.__mro__[2]


def main() -> None:
    """Runs the command; an error meant for a person is one line on stderr and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except _ClickException as error:
        # The list of commands, asked for by naming none, is many lines and no mistake.
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
        else:
            print(one_line(f"interarec: {error.format_message()}"), file=sys.stderr)
        sys.exit(error.exit_code)
    except InteraRecError as error:
        print(one_line(f"interarec: {error}"), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interarec: interrupted", file=sys.stderr)
        sys.exit(130)
    sys.exit(code or 0)
