# SPDX-License-Identifier: Apache-2.0
"""Keeps a file in pieces, encrypted, and gives them back one by one."""

from __future__ import annotations

import itertools
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

import orjson

from regulars.kit.secret import decrypt, encrypt
from regulars.transactions.imports.tables import Row
from regulars.transactions.models import ImportPart

ROWS_EACH = 500
MEMORY_BYTES_MAX = 4 * 1_048_576
"""A larger file is put together again on the disk, not in memory."""

Problems = Mapping[str, list[list[str]]]
"""Number of a line -> (code, text) of why it is refused."""


def seal(account_id: int, import_id: int, content: bytes) -> bytes:
    """Return bytes of a file as they may lie in the database."""
    return encrypt(zlib.compress(content, 1), owner=f"import:{account_id}:{import_id}")


def unseal(account_id: int, import_id: int, stored: Any) -> bytes:
    """Return what seal() was given. Raises SecretUnreadable."""
    return zlib.decompress(decrypt(bytes(stored), owner=f"import:{account_id}:{import_id}"))


def keep_raw(*, account_id: int, import_id: int, chunks: Iterable[bytes]) -> None:
    """Keep a file as it came. Queries: 1 a chunk."""
    for number, chunk in enumerate(chunks, 1):
        _insert(account_id, import_id, number, seal(account_id, import_id, chunk), is_raw=True)


def raw_file(*, account_id: int, import_id: int) -> IO[bytes]:
    """Return the file as it came, to be closed by the caller. Queries: 1 a chunk and 1."""
    file = tempfile.SpooledTemporaryFile(MEMORY_BYTES_MAX)  # noqa: SIM115 - the caller closes it
    for number in itertools.count(1):
        rows = ImportPart.objects.filter(account_id=account_id, import_id=import_id, is_raw=True, number=number)
        stored = rows.values_list("content_encrypted", flat=True).first()
        if stored is None:
            break
        file.write(unseal(account_id, import_id, stored))
    file.seek(0)
    return file


def keep_rows(*, account_id: int, import_id: int, rows: Iterable[Row]) -> None:
    """Keep lines, 500 a part; the file as it came is no longer needed. Queries: 1 a part and 1."""
    source = iter(rows)
    for number in itertools.count(1):
        some = list(itertools.islice(source, ROWS_EACH))
        if not some:
            break
        content = seal(account_id, import_id, orjson.dumps(some))
        _insert(account_id, import_id, number, content, is_raw=False, last_line=some[-1][0])
    ImportPart.objects.filter(account_id=account_id, import_id=import_id, is_raw=True).delete()


def iter_parts(*, account_id: int, import_id: int, after: int = 0) -> Iterator[tuple[ImportPart, list[Row]]]:
    """Yield the parts with their lines, one at a time. Queries: 1 a part and 1."""
    for number in itertools.count(after + 1):
        part = ImportPart.objects.filter(account_id=account_id, import_id=import_id, is_raw=False, number=number).first()
        if part is None:
            return
        rows = orjson.loads(unseal(account_id, import_id, part.content_encrypted))
        yield part, [(line, cells) for line, cells in rows]


def note_problems(part: ImportPart, problems: Problems) -> None:
    """Write down why lines of a part are refused, in place of what was known. Queries: 1."""
    _of(part).update(problems=problems)


def keep_refused(part: ImportPart, rows: Iterable[Row], problems: Problems) -> None:
    """Of a part keep the refused lines alone, with their reasons. Queries: 1."""
    kept = orjson.dumps([row for row in rows if str(row[0]) in problems])
    _of(part).update(content_encrypted=seal(part.account_id, part.import_id, kept), problems=problems)


def _of(part: ImportPart) -> Any:
    return ImportPart.objects.filter(
        account_id=part.account_id, import_id=part.import_id, is_raw=part.is_raw, number=part.number
    )


def _insert(account_id: int, import_id: int, number: int, content: bytes, *, is_raw: bool, last_line: int = 0) -> None:
    ImportPart.objects.create(
        account_id=account_id, import_id=import_id, is_raw=is_raw, number=number, content_encrypted=content, last_line=last_line
    )
