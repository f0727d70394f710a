"""`python -m bidding.client`, the same as `yangguang bid`."""

import sys

from .commands import main

sys.exit(main())
