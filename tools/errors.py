"""Every error that is meant for a person, in one small tree.

::

    InteraRecError              one clear sentence; the command line prints it and exits with 2
    ├── InputError              what was given cannot be used as it is
    │   ├── CurrencyMismatch    amounts of two currencies were to be compared or added
    │   ├── FrameRefused        a picture did not pass the gate (carries a short code)
    │   ├── CatalogError        a catalogue or a product file cannot be used
    │   ├── InstanceError       an optimisation instance or a choice file is malformed
    │   ├── SessionError        session data or a session model cannot be used
    │   ├── CaseError           an evaluation case, its gold or its trace cannot be used
    │   ├── TooFewClusters      an interval was asked of fewer clusters than it can be had from
    │   └── PromptError         a prompt file is malformed or misses a placeholder
    ├── ModelUnavailable        a configured model could not be used; the embedded one answers
    ├── ModelCallsForbidden     a hosted model was about to be called where that is switched off
    └── MissingExtra            an optional part is not installed

Anything else that is raised is a bug and stays loud.
"""

from __future__ import annotations


class InteraRecError(Exception):
    """Root of all errors whose text may be shown to a person."""


class InputError(InteraRecError):
    """What was given cannot be used as it is."""


class CurrencyMismatch(InputError):
    """Amounts of different currencies never compare, add or subtract."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"an amount in {one} cannot be set against one in {other}")


class FrameRefused(InputError):
    """A picture did not pass the gate; `code` names why in one word."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class CatalogError(InputError):
    """A catalogue or a product file cannot be used."""


class InstanceError(InputError):
    """An optimisation instance or a choice file is malformed."""


class SessionError(InputError):
    """Session data or a saved session model cannot be used."""


class CaseError(InputError):
    """An evaluation case, its gold or its trace cannot be used; names the file and the row."""


class RunStopped(InteraRecError):
    """An evaluation cannot go on: no model, no recorded answer, no money; what is done is kept."""


class TooFewClusters(InputError):
    """An interval was asked of fewer clusters (dialogues, pictures …) than it can be had from."""


class PromptError(InputError):
    """A prompt file is malformed, or a placeholder is unknown or unfilled."""


class ModelUnavailable(InteraRecError):
    """A configured model could not be used; `reason` is safe to show."""


class ModelCallsForbidden(InteraRecError):
    """A hosted model was about to be called where real calls are switched off."""


class MissingExtra(InteraRecError):
    """An optional part is not installed; the message names the extra that brings it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}': pip install 'interarec[{extra}]'")
