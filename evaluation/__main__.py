"""Check a draw without us: `python -m evaluation DRAW.json`, the file as the lot's result shows it.

Prints what was drawn and exits with 0, or says what is wrong and exits with 1. It needs this
package, `audit` and `kernel`, and neither network nor database.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kernel.canonical import NotCanonical, parse

from .draw import NotTheDraw, eligible, verify

LARGEST = 16 << 20


def main(arguments: list[str]) -> int:
    """Verify the draw document in the file named; the exit status."""
    if len(arguments) != 1:
        print("usage: python -m evaluation DRAW.json", file=sys.stderr)
        return 2
    try:
        data = Path(arguments[0]).read_bytes()
        if len(data) > LARGEST:
            raise NotTheDraw("the file is too large")
        document = parse(data)
        verify(document)
    except (OSError, NotCanonical, NotTheDraw) as error:
        print(f"NOT THE DRAW: {error}")
        return 1
    announcement = document["announcement"]
    left_out = [row["contributor"] for row in document["contributions"] if row["nonce"] is None]
    print(f"draw {document['draw']} of lot {announcement['lot']}")
    print(f"pool {len(announcement['pool'])}, eligible {len(eligible(announcement))}, "
          f"seats {announcement['seats']}")
    print(f"contributors {len(document['contributions'])}, left out: {', '.join(left_out) or 'none'}")
    print(f"seed {document['seed']}")
    print(f"coefficient {document['coefficient']}")
    for number, ticket in enumerate(document["panel"], 1):
        print(f"seat {number}  {ticket}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
