"""The shipped suites: one file of cases each, and what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evals.cases import Case
from evals.loaders import load_cases
from tools.errors import CaseError

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Suite:
    """A shipped suite."""

    name: str
    purpose: str

    @property
    def file(self) -> Path:
        """Its rows."""
        return FOLDER / f"{self.name}.yaml"

    def cases(self) -> list[Case]:
        """Its cases.

        Raises:
            CaseError: a row is at fault.
        """
        return load_cases(self.file)


SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite("extraction", "Are shop screens read right, in any dress, and summed up right?"),
        Suite("tool_choice", "Does a request lead to the right tool with the right arguments?"),
        Suite("no_tool", "Is nothing looked up or changed where nothing was asked for?"),
        Suite("what_if", "Are the limits right after every turn, and the differences true?"),
        Suite("injection", "Do instructions hidden in pictures, titles and chat come to nothing?"),
        Suite("compose", "Does the message say what it has to, and nothing else?"),
        Suite("fit", "Does what is recommended suit shoppers whose taste is hidden?"),
    )
}


def cases_of(names: list[str]) -> dict[str, list[Case]]:
    """Suite -> its cases; a name may be a shipped suite, `all`, or the path of a file of cases.

    Raises:
        CaseError: there is no such suite or file, a row is at fault, or two suites share an id.
    """
    wanted = list(SUITES) if names == ["all"] else names
    found: dict[str, list[Case]] = {}
    owner: dict[str, str] = {}
    for name in wanted:
        if name in SUITES:
            label, cases = name, SUITES[name].cases()
        elif Path(name).is_file():
            label, cases = Path(name).stem, load_cases(Path(name))
        else:
            raise CaseError(f"there is no suite {name!r}; shipped are {', '.join(SUITES)}, all")
        for case in cases:
            if case.id in owner:
                raise CaseError(
                    f"the id {case.id!r} stands in the suites {owner[case.id]!r} and {label!r}"
                )
            owner[case.id] = label
        found[label] = cases
    return found
