"""python -m par_lint."""

import sys

from par_lint.cli import main

sys.exit(main())
