# SPDX-License-Identifier: Apache-2.0
"""
How a long answer leaves under granian's RSGI, whose own streams take what they are given and hold it, however slowly the other
side reads, and which end a broken answer as if it were whole.

granian is told to send a file, and the file is a pipe: it reads on when the reader has read, so a full pipe is a slow reader.
What can not be ended well is ended by shutting the caller's connection down, which is found by his address.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import stat
import tempfile
import time
from pathlib import Path
from typing import Any

from regulars.api.access_log import TROUBLE
from regulars.api.exchange import SEND_SECONDS_MAX, Streamed

OPEN_SECONDS_MAX = 10.0
_OPEN_TRIES_SECONDS = 0.002


async def send_through_pipe(protocol: Any, response: Streamed, peer: str) -> None:
    """
    Send a long response. ``peer``: the caller's address and port as the server writes them.

    Raises: whatever ended it early, after the connection was cut; TimeoutError where the caller stopped reading.
    """
    pipe = -1
    try:
        pipe = await _open(protocol, response)
        async for chunk in response.chunks:
            async with asyncio.timeout(SEND_SECONDS_MAX):
                await _write(pipe, chunk)
    except BrokenPipeError:
        pass  # the caller went away
    except BaseException:
        if not cut_connection(peer):
            TROUBLE.error("an answer broke off and its connection could not be cut: it ends in the middle of the document")
        raise
    finally:
        if pipe >= 0:
            os.close(pipe)
        await response.aclose()


async def _open(protocol: Any, response: Streamed) -> int:
    """Return our end of a pipe whose other end granian sends from. Its name is gone as soon as both have it."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-answer-"))
    try:
        path = folder / "pipe"
        os.mkfifo(path, 0o600)
        protocol.response_file(response.status, response.headers, str(path))
        until = time.monotonic() + OPEN_SECONDS_MAX
        while True:
            try:
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads yet
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(_OPEN_TRIES_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _write(pipe: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        try:
            rest = rest[os.write(pipe, rest) :]
        except BlockingIOError:
            await _writable(pipe)


async def _writable(pipe: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_writer(pipe, _set, ready)
    try:
        await ready
    finally:
        loop.remove_writer(pipe)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def cut_connection(peer: str) -> bool:
    """Shut down the connection of this process to ``peer`` ("address:port"); whether there was one."""
    for name in os.listdir("/dev/fd"):
        try:
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
            with socket.socket(fileno=os.dup(int(name))) as copy:
                if copy.family in (socket.AF_INET, socket.AF_INET6) and _shown(copy.getpeername()) == peer:
                    copy.shutdown(socket.SHUT_RDWR)
                    return True
        except OSError:
            continue  # it was closed meanwhile, or listens
    return False


def _shown(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
