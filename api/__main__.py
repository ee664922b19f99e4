"""`python -m api run` is `veiviser run` without an installed script."""

import sys

from api.command import main

if __name__ == "__main__":
    sys.exit(main())
