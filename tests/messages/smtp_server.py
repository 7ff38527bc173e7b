# SPDX-License-Identifier: Apache-2.0
"""A mail service for tests: speaks enough SMTP on a port of this machine, and keeps what it was given."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MailService(socketserver.ThreadingTCPServer):
    """``replies`` maps a command (RCPT, DATA) to the answer it gets in place of the usual one."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[str] = []
        self.connections = 0
        self.replies: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}?tls=no"


class _Talk(socketserver.StreamRequestHandler):
    server: MailService

    def handle(self) -> None:
        self.server.connections += 1
        self._say("220 test")
        while line := self.rfile.readline().decode():
            command = line[:4].strip().upper()
            refused = self.server.replies.get(command)
            if refused:
                self._say(refused)
            elif command == "DATA":
                self._say("354 go on")
                self.server.mails.append(self._read_mail())
                self._say("250 taken")
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _read_mail(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) not in (".\r\n", ""):
            lines.append(line)
        return "".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


@contextmanager
def mail_service() -> Iterator[MailService]:
    """Run a mail service for the length of a block."""
    with MailService() as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield service
        service.shutdown()
        thread.join(5)
