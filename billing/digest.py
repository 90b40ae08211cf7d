"""The digest of a posted month: a chain anyone can check from the exports (billing-rules 6.5)."""

from collections.abc import Iterable, Sequence
from hashlib import sha256


def row_hash(line: str) -> str:
    """SHA-256 (hex) of an export line as written, without its line end."""
    return sha256(line.encode()).hexdigest()


def row_hashes(lines: Iterable[str]) -> list[str]:
    """Hashes of a community's rows of a month in export order: shares, charges, rebates, closes (6.5)."""
    return [sha256(line.encode()).hexdigest() for line in lines]


def chain(previous: str, hashes: Iterable[str]) -> str:
    """The digest over the previous month's digest ("" for the first) and the hashes, each on its line (6.5)."""
    text = "".join(f"{one}\n" for one in (previous, *hashes))
    return sha256(text.encode()).hexdigest()


def verify(months: Iterable[tuple[Sequence[str], str]]) -> int | None:
    """The position of the first month whose (hashes, digest) breaks the chain, or None.

    `months` are all posted months of a community from the first on.
    """
    previous = ""
    for position, (hashes, digest) in enumerate(months):
        if chain(previous, hashes) != digest:
            return position
        previous = digest
    return None
