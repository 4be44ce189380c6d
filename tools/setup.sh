#!/bin/sh
# Make .venv hold exactly what requirements-dev.lock says, and the project itself, editable.
# pip and uv use this machine's own configuration: no index is named here or in the locks.
set -eu

python="${PYTHON:-python3}"
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Perennial needs Python 3.11 or newer; '$python' is not. Say which: make PYTHON=python3.12 setup" >&2
    exit 1
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv

# The bootstrap is locked as well: uv's own entry, with its hashes, is taken from the lock.
uv_entry="$(mktemp)"
trap 'rm -f "$uv_entry"' EXIT
awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements-dev.lock > "$uv_entry"
wanted="$(sed -n 's/^uv==\([^ ]*\).*/\1/p' "$uv_entry")"
case "$(.venv/bin/uv --version 2>/dev/null || true)" in
    "uv $wanted"*) ;;
    *) .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$uv_entry" ;;
esac

# Compiled once here: where PYTHONDONTWRITEBYTECODE is set, every command would compile everything again.
.venv/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements-dev.lock
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
.venv/bin/python -m compileall -q src || true
echo "Ready: .venv holds $(.venv/bin/uv pip list --quiet --python .venv/bin/python --format freeze | wc -l | tr -d ' ') locked packages."
