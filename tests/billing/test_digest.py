from hashlib import sha256

from billing.digest import chain, row_hash, row_hashes, verify

LINES = ["2026-09,LY-W-09,,0.000,0.00,0.00,0.00,", "2026-09,LY-A1,LY-A1-R,percent,86431.50,4321.58,,due"]


def test_a_row_hash_is_that_of_its_line_without_line_end():
    assert row_hash("2026-09,公益") == sha256("2026-09,公益".encode()).hexdigest()


def test_the_digest_covers_the_previous_one_and_each_hash_on_a_line():
    one, two = row_hashes(LINES)

    assert chain("", [one, two]) == sha256(f"\n{one}\n{two}\n".encode()).hexdigest()
    assert chain("abc", [one]) == sha256(f"abc\n{one}\n".encode()).hexdigest()


def test_an_unbroken_chain_verifies_and_a_changed_row_is_found():
    first = row_hashes(LINES)
    second = row_hashes(LINES[:1])
    start = chain("", first)
    months = [(first, start), (second, chain(start, second))]

    assert verify(months) is None
    assert verify([(row_hashes([LINES[0] + "x", LINES[1]]), start), months[1]]) == 0
    assert verify([months[0], (second[::-1] + first, months[1][1])]) == 1
