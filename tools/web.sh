#!/bin/sh
# The console's part of `make`: install what its lock says, build it into the package, check it.
#   web.sh build     node_modules, then src/perennial/console/static (quick when nothing changed)
#   web.sh try       the same, but without Node.js say so and go on: everything else works without the console
#   web.sh run NAME  node_modules, then an npm script of web/package.json
set -eu
cd "$(dirname "$0")/../web"
static="../src/perennial/console/static"

has_node() {
    command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

sum_of() { # the checksum of these files, names included
    find "$@" -type f | LC_ALL=C sort | xargs -d '\n' cksum | cksum | tr ' ' '-'
}

install() {
    wanted="$(sum_of package.json package-lock.json)"
    [ "$(cat node_modules/.made-from 2>/dev/null)" = "$wanted" ] && return
    echo "Installing what the console is built with ..."
    npm ci --no-audit --no-fund --silent
    echo "$wanted" > node_modules/.made-from
}

build() {
    install
    wanted="$(sum_of src public index.html package.json package-lock.json tsconfig.json vite.config.ts)"
    [ -s "$static/index.html" ] && [ "$(cat node_modules/.built-from 2>/dev/null)" = "$wanted" ] && return
    echo "Building the console ..."
    npm run --silent build -- --logLevel warn
    echo "$wanted" > node_modules/.built-from
}

if ! has_node; then
    echo "The console needs Node.js 20.19 or newer, with npm; it is not here." >&2
    [ "$1" = try ] || exit 1
    echo "Going on without the console: the API and every command work as ever." >&2
    exit 0
fi
case "$1" in
    build | try) build ;;
    run) install && npm run --silent "$2" ;;
    *) echo "What is '$1'? See the top of $0." >&2 && exit 2 ;;
esac
