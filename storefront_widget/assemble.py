"""Puts the extensions together: `python -m storefront_widget.assemble`.

The theme's assets are the widget's own files, and each extension's words are those of
`extensions/words`: copied, so that there is one source. The bundles in `dist` are what
the sandbox store shows; Shopify makes its own from the same files.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from storefront_widget import node

HERE = Path(__file__).parent
THEME = HERE / "theme"
DIST = HERE / "dist"
EXTENSIONS = HERE / "extensions"


def put_widget_into(theme: Path) -> None:
    """Copy the widget's files to the assets of a theme extension."""
    for path in sorted(HERE.glob("*.[jc]s*")):
        shutil.copy(path, theme / "assets" / path.name)


def put_words_into(extension: Path) -> None:
    """Copy the words to where Shopify looks for an extension's."""
    (extension / "locales").mkdir(exist_ok=True)
    for path in sorted((EXTENSIONS / "words").glob("*.json")):
        shutil.copy(path, extension / "locales" / path.name)


if __name__ == "__main__":
    put_widget_into(THEME)
    for settings in EXTENSIONS.glob("*/shopify.extension.toml"):
        put_words_into(settings.parent)
    if node.get():
        node.run("bundle", f"--outdir={DIST}")
    else:
        print(node.MISSING, file=sys.stderr)  # noqa: T201
