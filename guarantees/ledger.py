"""A guarantor's own books: what it issued, what it received, what it let go, each once.

Not a table of the platform: this is the private SQLite file of the program `simulator`,
which stands where a bank's system stands. Exactly one release per instrument is a
constraint here as well; two sides that both forget is what it takes to pay twice.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.canonical import b64, sha256, truncate

from .instrument import (
    CASH_DEPOSIT,
    Instrument,
    Order,
    account_digest,
    read_instrument,
    read_order,
    sign_confirmation,
    sign_instrument,
)

_TABLES = """
CREATE TABLE IF NOT EXISTS instrument (
    number TEXT PRIMARY KEY, kind TEXT NOT NULL, amount_fen INTEGER NOT NULL,
    payer_digest TEXT NOT NULL, body TEXT NOT NULL, signature TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS release (
    key TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE REFERENCES instrument(number),
    paid_fen INTEGER NOT NULL, payee_digest TEXT NOT NULL, order_body TEXT NOT NULL,
    statement TEXT NOT NULL, signature TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0);
"""


class Declined(Exception):
    """The guarantor does not do what was asked; `status` is the HTTP status to say it with."""

    def __init__(self, status: int, problem: str):
        super().__init__(problem)
        self.status = status


@dataclass(frozen=True)
class Paper:
    """A text and the guarantor's signature over it."""

    text: str
    signature: str


class Ledger:
    """The books of the guarantor `uscc` in `folder`: its key and its SQLite file."""

    def __init__(self, folder: Path, uscc: str):
        self.folder = Path(folder)
        self.uscc = uscc
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.key = self._key()
        with closing(self._connect()) as connection:
            connection.executescript(_TABLES)

    @property
    def public_key(self) -> str:
        """The verifying key, base64 of 32 bytes."""
        return b64(self.key.public_key().public_bytes_raw())

    def payer(self, name: str, number: str) -> str:
        """The digest of a payer's account; the secret in it never leaves this guarantor."""
        secret = sha256(b"yangguang/v1/account-secret\n", self.key.private_bytes_raw())
        return account_digest(secret, name, number)

    def issue(self, instrument: Instrument) -> Paper:
        """Sign an instrument and book it; raises Declined when its number is taken."""
        body = instrument.as_bytes().decode()
        signature = sign_instrument(self.key, self.uscc, body.encode())
        with self._writing() as connection:
            taken = connection.execute("SELECT 1 FROM instrument WHERE number = ?",
                                       (instrument.instrument_no,)).fetchone()
            if taken:
                raise Declined(409, "this number is taken")
            connection.execute("INSERT INTO instrument VALUES (?, ?, ?, ?, ?, ?)", (
                instrument.instrument_no, instrument.kind, instrument.amount_fen,
                instrument.payer_digest, body, signature))
        return Paper(body, signature)

    def prolong(self, number: str, until: date) -> Paper:
        """Sign a guarantee anew with a later end; all else stays. Raises Declined."""
        with self._writing() as connection:
            row = connection.execute("SELECT body FROM instrument WHERE number = ?",
                                     (number,)).fetchone()
            if row is None:
                raise Declined(404, "no such instrument")
            before = read_instrument(row[0].encode())
            if before.valid_until is None or until <= before.valid_until:
                raise Declined(422, "that is no later end")
            body = replace(before, valid_until=until).as_bytes().decode()
            signature = sign_instrument(self.key, self.uscc, body.encode())
            connection.execute("UPDATE instrument SET body = ?, signature = ? WHERE number = ?",
                               (body, signature, number))
        return Paper(body, signature)

    def release(self, key: str, body: str) -> Paper:
        """Carry an order out once; the same key and body again get the same answer.

        Raises Declined for an unknown instrument, another sum or payee, a second order under
        another key, or another body under the same key.
        """
        order = read_order(body.encode())
        with self._writing() as connection:
            before = connection.execute(
                "SELECT order_body, statement, signature FROM release WHERE key = ?",
                (key,)).fetchone()
            if before:
                if before[0] != body:
                    raise Declined(409, "this key was used for another order")
                return Paper(before[1], before[2])
            self._judge(connection, key, order)
            statement = order.confirmation(
                f"R{order.instrument_no}", truncate(datetime.now(UTC))).decode()
            signature = sign_confirmation(self.key, self.uscc, statement.encode())
            connection.execute(
                "INSERT INTO release (key, number, paid_fen, payee_digest, order_body, statement,"
                " signature) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key, order.instrument_no, order.principal_fen + order.interest_fen,
                 order.payee_digest, body, statement, signature))
        return Paper(statement, signature)

    def _judge(self, connection: sqlite3.Connection, key: str, order: Order) -> None:
        row = connection.execute(
            "SELECT kind, amount_fen, payer_digest FROM instrument WHERE number = ?",
            (order.instrument_no,)).fetchone()
        if row is None or order.guarantor != self.uscc:
            raise Declined(404, "no such instrument")
        if order.release != key:
            raise Declined(422, "the key is not the order's release")
        if (order.principal_fen, order.payee_digest) != (row[1], row[2]):
            raise Declined(422, "the sum or the payee is not the instrument's")
        if order.interest_fen and row[0] != CASH_DEPOSIT:
            raise Declined(422, "a guarantee earns no interest")
        if connection.execute("SELECT 1 FROM release WHERE number = ?",
                              (order.instrument_no,)).fetchone():
            raise Declined(409, "this instrument was already released")

    def lines(self) -> list[dict[str, object]]:
        """Every instrument with what was paid out for it, None while it is held."""
        with closing(self._connect()) as connection:
            return [{"instrument_no": row[0], "kind": row[1], "amount_fen": row[2],
                     "paid_fen": row[3], "payee_digest": row[4]} for row in connection.execute(
                "SELECT i.number, i.kind, i.amount_fen, r.paid_fen, r.payee_digest"
                " FROM instrument i LEFT JOIN release r ON r.number = i.number ORDER BY i.number")]

    def untold(self) -> list[tuple[str, Paper]]:
        """(guarantee id at the platform, confirmation) of what the platform was not yet told."""
        with closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT order_body, statement, signature FROM release WHERE told = 0").fetchall()
        return [(read_order(row[0].encode()).guarantee, Paper(row[1], row[2])) for row in rows]

    def told(self, paper: Paper) -> None:
        """Remember that the platform has this confirmation."""
        with self._writing() as connection:
            connection.execute("UPDATE release SET told = 1 WHERE statement = ?", (paper.text,))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.folder / "ledger.db", timeout=30, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    @contextmanager
    def _writing(self):
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def _key(self) -> Ed25519PrivateKey:
        path = self.folder / "signing.key"
        try:
            with open(path, "xb", opener=_private) as file:
                file.write(Ed25519PrivateKey.generate().private_bytes_raw())
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            pass
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
