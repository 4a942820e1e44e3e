"""`python -m commands`: the same as `bot`, for processes that we start ourselves."""

import sys

from commands.main import main

sys.exit(main())
