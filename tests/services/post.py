"""A mail server on this machine that takes messages, refuses them or leaves in the middle, as it is told."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from screening.config import Post

SENDER = "ledger@example.gov.cn"


@dataclass
class PostOffice:
    """Listens on loopback; `answers` replaces its answer to a verb, None leaves without one."""

    answers: dict[str, str | None] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    """Every message that it answered for, or left after."""
    heard: list[str] = field(default_factory=list)
    """Every line but the messages'."""

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    @property
    def post(self) -> Post:
        """How the program is told of it."""
        return Post(host="127.0.0.1", port=self.port, security="none", sender=SENDER)

    @property
    def letters(self) -> list[EmailMessage]:
        """The messages as a mail program reads them."""
        return [message_from_bytes(text, policy=policy.default) for text in self.taken]

    def close(self) -> None:
        """No more."""
        with suppress(OSError):  # twice is once
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, client.makefile("rwb") as stream:
                try:
                    self._serve(stream)
                except (OSError, ValueError):
                    continue

    def _serve(self, stream) -> None:
        def answer(verb: str, usual: str) -> bool:
            said = self.answers.get(verb, usual)
            if said is None:
                return False
            stream.write(said.encode() + b"\r\n")
            stream.flush()
            return True

        if not answer("HELLO", "220 ready"):
            return
        while line := stream.readline().decode().strip():
            self.heard.append(line)
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb == "DATA":
                if not answer(verb, "354 go on"):
                    return
                if self.answers.get(verb, "354").startswith("354"):
                    text = b""
                    while (row := stream.readline()) != b".\r\n":
                        text += row.removeprefix(b".") if row.startswith(b"..") else row
                    self.taken.append(text)
                    if not answer("TAKEN", "250 taken"):
                        return
            elif verb == "QUIT":
                answer(verb, "221 bye")
                return
            elif not answer(verb, "250 good"):
                return
