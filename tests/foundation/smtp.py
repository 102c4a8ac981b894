"""A mail server small enough to misbehave on purpose: what it takes, refuses, or leaves hanging."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default


class Session(socketserver.StreamRequestHandler):
    """One client. ``server.refusals`` answers a recipient; ``server.after_data`` what comes."""

    server: MailServer
    timeout = 60

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith(("EHLO", "HELO")):
                self.say("250 here")
            elif verb.startswith("RCPT"):
                address = line[line.index("<") + 1 : line.index(">")]
                self.say(self.server.refusals.get(address, "250 yes"))
            elif verb == "DATA":
                self.say("354 go on")
                if not self.take():
                    return
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 yes")

    def take(self) -> bool:
        """Take a mail; returns whether the session goes on after it."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        self.server.taken.append(email.message_from_bytes(b"".join(lines), policy=default))
        if self.server.after_data == "hang":
            self.server.stopping.wait(60)
        if self.server.after_data:
            return False
        self.say("250 taken")
        return True

    def say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.taken: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        #: "": it answers; "drop": the connection ends after the mail; "hang": nothing more comes.
        self.after_data = ""
        self.stopping = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=0"

    @property
    def recipients(self) -> list[str]:
        return sorted(str(each["To"]) for each in self.taken)


@contextmanager
def running() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()
            thread.join(30)
