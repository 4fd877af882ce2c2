"""The network layer under a client, bounded by the deadline: names, connections, single reads.

The timeouts of an HTTP client hold for one read each, so a server that drips a byte a second is
waited for without end. Here every operation gets only what is left of the call's time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import httpcore2
from httpcore2 import NetworkBackend, NetworkStream

from agent.models.deadline import time_left

if TYPE_CHECKING:
    import ssl

    import httpx2

T = TypeVar("T")


def keep_deadline(client: httpx2.Client) -> None:
    """Bounds every network operation of the client by the deadline in force."""
    # Neither library has a public place to put a network layer into an existing transport; making
    # a transport anew would lose the proxies that the client took from the environment.
    for transport in (client._transport, *client._mounts.values()):
        pool: Any = getattr(transport, "_pool", None)
        if pool is not None and not isinstance(pool._network_backend, _Backend):
            pool._network_backend = _Backend(pool._network_backend)


class _Backend(NetworkBackend):
    def __init__(self, inner: NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> NetworkStream:
        limit = _bounded(timeout, httpcore2.ConnectTimeout)
        # Looking up a name knows no timeout, and each address of a name gets the whole of it.
        stream = _in_time(
            lambda: self._inner.connect_tcp(host, port, limit, *args, **kwargs), time_left()
        )
        return _Stream(stream)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> NetworkStream:
        limit = _bounded(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.connect_unix_socket(path, limit, *args, **kwargs))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(NetworkStream):
    def __init__(self, inner: NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _bounded(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _bounded(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> NetworkStream:
        limit = _bounded(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _bounded(timeout: float | None, error: type[Exception]) -> float | None:
    left = time_left()
    if left is None:
        return timeout
    if left <= 0:
        raise error("the deadline of the call has passed")
    return left if timeout is None else min(timeout, left)


def _in_time(call: Callable[[], T], seconds: float | None) -> T:
    """The call's result; it goes on alone, to its own end, where it takes longer than allowed."""
    if seconds is None:
        return call()
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(call())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise httpcore2.ConnectTimeout("the deadline of the call has passed")
    return done[0]
