"""Puts the extensions together: `python -m storefront_widget.assemble`.

The theme's assets are the widget's own files, copied, so that there is one source.
"""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent
THEME = HERE / "theme"


def put_widget_into(theme: Path) -> None:
    """Copy the widget's files to the assets of a theme extension."""
    for path in sorted(HERE.glob("*.[jc]s*")):
        shutil.copy(path, theme / "assets" / path.name)


if __name__ == "__main__":
    put_widget_into(THEME)
