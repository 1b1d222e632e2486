#!/bin/sh
# Builds coord/web/static/built from tools/frontend. Needs Node 20; nothing else in Coord does.
set -eu
cd "$(dirname "$0")"
[ -d node_modules ] || npm install --ignore-scripts
node build.mjs
