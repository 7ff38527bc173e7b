# SPDX-License-Identifier: Apache-2.0
"""``python -m regulars.api.reference DIRECTORY``: writes every page and file of the reference (``make docs``)."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    """Write the reference below the directory named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.kit.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql:///nowhere")  # it is not asked
    import django

    django.setup()
    from regulars.api.reference.markup import BASE_MARK
    from regulars.api.reference.pages import TRY_MARK
    from regulars.api.reference.site import file, makers

    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name in makers():
        text = file(name)
        assert text is not None
        (directory / name).write_text(text.replace(BASE_MARK, "").replace(TRY_MARK, ""), "utf-8")
    sys.stdout.write(f"{len(makers())} files in {directory}; begin at {directory / 'index.html'}\n")


if __name__ == "__main__":
    main()
