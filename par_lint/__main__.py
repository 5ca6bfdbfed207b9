"""Run par-lint as `python -m par_lint`."""

import sys

from par_lint.frontends.cli.main import main

sys.exit(main())
