"""The one switch that decides which hosted models may be called at all.

``INTERAREC_MODEL_CALLS`` is `allow` (default), `loopback` (only servers on this machine) or
`forbid`. Tests run with `loopback`, so no test can reach a real model.
"""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from tools.errors import InputError, ModelCallsForbidden

VARIABLE = "INTERAREC_MODEL_CALLS"


def require_allowed(base_url: str | None) -> None:
    """Returns if a call to this server is allowed now.

    Args:
        base_url: the server's address; None means the provider's public one.

    Raises:
        ModelCallsForbidden: the switch forbids it.
        InputError: the switch has an unknown value.
    """
    mode = os.environ.get(VARIABLE, "allow")
    if mode not in ("allow", "loopback", "forbid"):
        raise InputError(f"{VARIABLE} is {mode!r}; it takes allow, loopback or forbid")
    if mode == "allow" or (mode == "loopback" and _is_loopback(base_url)):
        return
    raise ModelCallsForbidden(f"model calls are switched off here ({VARIABLE}={mode})")


def _is_loopback(base_url: str | None) -> bool:
    host = urlsplit(base_url or "").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
