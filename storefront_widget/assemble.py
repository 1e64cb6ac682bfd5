"""Puts the extensions together: `python -m storefront_widget.assemble`.

The theme's assets are the widget's own files, and each extension's words are those of
`extensions/words`: copied, so that there is one source. The address that extensions ask
is that of the app's configuration. The bundles in `dist` are what
the sandbox store shows; Shopify makes its own from the same files.
"""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from storefront_widget import node

HERE = Path(__file__).parent
THEME = HERE / "theme"
DIST = HERE / "dist"
EXTENSIONS = HERE / "extensions"
CONFIGURATION = HERE.parent / "shopify.app.toml"


def put_widget_into(theme: Path) -> None:
    """Copy the widget's files to the assets of a theme extension."""
    for path in sorted(HERE.glob("*.[jc]s*")):
        shutil.copy(path, theme / "assets" / path.name)


def put_words_into(extension: Path) -> None:
    """Copy the words to where Shopify looks for an extension's."""
    (extension / "locales").mkdir(exist_ok=True)
    for path in sorted((EXTENSIONS / "words").glob("*.json")):
        shutil.copy(path, extension / "locales" / path.name)


def put_address_into(extensions: Path) -> None:
    """Write down where the app is, so that no owner types it for each extension."""
    page = urlsplit(tomllib.loads(CONFIGURATION.read_text())["application_url"])
    written = json.dumps({"app_url": f"{page.scheme}://{page.netloc}"})
    (extensions / "address.json").write_text(f"{written}\n")


if __name__ == "__main__":
    put_widget_into(THEME)
    put_address_into(EXTENSIONS)
    for settings in EXTENSIONS.glob("*/shopify.extension.toml"):
        put_words_into(settings.parent)
    if node.get():
        node.run("bundle", f"--outdir={DIST}")
    else:
        print(node.MISSING, file=sys.stderr)  # noqa: T201
