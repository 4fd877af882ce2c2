"""`interarec prompt`: look at the prompts, compare versions, find what is wrong with one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.shared import JsonFlag, print_json

if TYPE_CHECKING:
    from prompts.loader import Prompt

prompt_app = typer.Typer(
    name="prompt", help="List, show, compare and check prompts.", no_args_is_help=True
)

Folder = Annotated[Path | None, typer.Option("--prompts", help="Folder with prompts of your own.")]


def _in_force(name: str, folder: Path | None) -> tuple[Prompt, str]:
    from agent.config import load_settings
    from prompts import load

    own = load_settings(prompts=folder).prompts
    prompt = load(name, own)
    held = own is not None and (own / f"{name}.yaml").is_file()
    return prompt, str(own) if held else "shipped"


@prompt_app.command("list")
def list_prompts(prompts: Folder = None, as_json: JsonFlag = False) -> None:
    """List every prompt: version, digest, where it comes from."""
    from prompts import available

    rows = []
    for name in available():
        prompt, source = _in_force(name, prompts)
        rows.append(
            {
                "name": name,
                "version": prompt.version,
                "digest": prompt.digest,
                "from": source,
                "purpose": prompt.purpose,
            }
        )
    if as_json:
        print_json({"prompts": rows})
        return
    for row in rows:
        typer.echo(f"{row['name']:<10} @{row['version']} {row['digest']}  {row['from']}")
        typer.echo(f"           {row['purpose']}")


@prompt_app.command()
def show(
    name: Annotated[str, typer.Argument(help="Its name.")],
    prompts: Folder = None,
    as_json: JsonFlag = False,
) -> None:
    """Show a prompt's texts and what its placeholders stand for."""
    prompt, source = _in_force(name, prompts)
    if as_json:
        print_json({**prompt.model_dump(mode="json"), "digest": prompt.digest, "from": source})
        return
    typer.echo(f"{prompt.stamp}  ({source})\n{prompt.purpose}\n")
    for placeholder, meaning in prompt.placeholders.items():
        typer.echo(f"  {{{{{placeholder}}}}}  {meaning}")
    for part in ("system", "user"):
        if text := getattr(prompt, part):
            typer.echo(f"\n--- {part}\n{text.rstrip()}")


@prompt_app.command()
def diff(
    first: Annotated[str, typer.Argument(help="A file, or the name of a prompt as shipped.")],
    second: Annotated[
        str | None, typer.Argument(help="A file; by default the one in your own folder.")
    ] = None,
    prompts: Folder = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare two versions of a prompt, line by line."""
    from prompts import load
    from prompts.compare import differences
    from prompts.lint import read

    def found(place: str) -> Prompt:
        return read(Path(place)) if place.endswith((".yaml", ".yml")) else load(place)

    one = found(first)
    two = found(second) if second else _in_force(one.name, prompts)[0]
    lines = differences(one, two)
    if as_json:
        print_json({"first": one.stamp, "second": two.stamp, "lines": lines})
        return
    typer.echo("\n".join(lines) if lines else f"{one.stamp} and {two.stamp} say the same.")


@prompt_app.command()
def lint(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; by default your own folder.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check prompts: placeholders, tags, versions. Exit status 2 when something is wrong."""
    from importlib.resources import as_file
    from importlib.resources import files as resources

    from agent.config import load_settings
    from prompts.lint import lint_file
    from tools.errors import InputError

    with as_file(resources("prompts")) as shipped:
        places = files or [load_settings().prompts or shipped]
        checked: list[Path] = []
        for place in places:
            if place.is_dir():
                checked += sorted(place.glob("*.yaml"))
            else:
                checked.append(place)
        if not checked:
            raise InputError(f"there are no prompts in {', '.join(map(str, places))}")
        findings = [finding for path in checked for finding in lint_file(path)]
    if as_json:
        print_json({"checked": len(checked), "findings": [vars(f) for f in findings]})
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(f"{len(checked)} checked, {len(findings)} found")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(2)
