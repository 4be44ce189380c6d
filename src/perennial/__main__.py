"""`python -m perennial` is the `perennial` command."""

import sys

from perennial.cli import main

sys.exit(main())
