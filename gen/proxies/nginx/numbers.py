"""Patterns over decimal numbers: nginx compares texts only, so "larger than" is a regular expression."""

from __future__ import annotations

from gen.proxies.nginx.literal import Pattern


def larger_than(limit: int) -> Pattern:
    """Matches the decimal numbers above `limit`, leading zeros or not."""
    digits = str(limit)
    options = [f"[1-9][0-9]{{{len(digits)},}}"]
    for position, digit in enumerate(digits):
        if digit != "9":
            rest = len(digits) - position - 1
            options.append(f"{digits[:position]}[{int(digit) + 1}-9][0-9]{{{rest}}}")
    return Pattern(rf"^0*(?:{'|'.join(options)})\z")
