"""A module without a candidate: libcst is not asked about it."""


def primes(limit: int) -> list[int]:
    """The primes below a limit."""
    found: list[int] = []
    for number in range(2, limit):
        if all(number % prime for prime in found):
            found.append(number)
    return found


def spelled(words: list[str]) -> str:
    """Words in one line."""
    return " ".join(word.strip().capitalize() for word in words)
