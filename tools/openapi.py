"""Write web/openapi.json, from which the console's types are made, or check that it is current.

`python tools/openapi.py` writes, `python tools/openapi.py --check` compares.
"""

import json
import sys
from pathlib import Path

from perennial.api import create_app
from perennial.testing.installation import FakeInstallation

FILE = Path(__file__).parent.parent / "web" / "openapi.json"


def document() -> str:
    """The OpenAPI document as it is kept. The version is left out: a release changes no shape."""
    shapes = create_app(FakeInstallation()).openapi()
    return (
        json.dumps({**shapes, "info": {"title": "Perennial", "version": "0"}}, ensure_ascii=False, indent=1)
        + "\n"
    )


def main(arguments: list[str]) -> int:
    """Write the file, or with `--check` say whether it drifted from the code."""
    if "--check" not in arguments:
        FILE.write_text(document(), encoding="utf-8")
        return 0
    if FILE.is_file() and FILE.read_text(encoding="utf-8") == document():
        return 0
    print("web/openapi.json does not say what the code says: run `make openapi`.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
