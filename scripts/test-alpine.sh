#!/bin/sh
# Builds the addon in a checkout on Alpine Linux, as root, and tries it there: forks of each activity, and the tests of the
# fork. "sh scripts/test-alpine.sh [forks per activity]"; docs/platforms.md says what is known of musl.
set -eu
cd "$(dirname "$0")/.."
apk add --no-cache nodejs npm g++ make python3 linux-headers
export PREFORK_ALLOW_MUSL=1
apk info -v musl nodejs 2>/dev/null
npm run build
npm run stress -- --count "$((8 * ${1:-50}))"
node_modules/.bin/vitest run test/native test/integration/posix
