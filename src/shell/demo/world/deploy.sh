#!/bin/sh
# Puts one revision of the orders service in production.
#
#   sh deploy.sh REVISION|TAG|BRANCH
#
# A release is made beside the running one, and `current` is switched to it in one rename.
set -eu
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE CDPATH

fail() {
  printf 'deploy: %s\n' "$1" >&2
  exit 1
}

case ${1-} in
  '' | -*) fail 'name one revision, tag or branch' ;;
esac
case $0 in
  */*) here=${0%/*} ;;
  *) here=. ;;
esac
here=$(cd -- "$here" && pwd -P)
repo=$here/repo

id=$(git -C "$repo" rev-parse --verify --quiet "$1^{commit}") || fail "$1 is no revision of $repo"
version=$(git -C "$repo" describe --tags --always "$id")
release=$here/releases/$id
printf 'deploying %s: revision %s\n' "$version" "$id"

staging=$here/releases/.staging.$$
trap 'rm -rf "$staging"' EXIT
rm -rf "$staging"
mkdir -p "$staging/tree"

if [ ! -d "$release" ]; then
  git -C "$repo" archive --format=tar -o "$staging/tree.tar" "$id"
  (cd "$staging/tree" && tar -xmf ../tree.tar)
  # sh has no portable line numbers, so a release gets them here, as C gets its __LINE__.
  (cd "$staging/tree" && for file in service.sh lib/*.sh; do
    awk -v file="$file" '{ gsub(/@HERE@/, file ":" NR); print }' "$file" > ../stamped
    cat ../stamped > "$file"
  done)
  printf 'version=%s revision=%s\n' "$version" "$id" > "$staging/tree/RELEASE"
  mv "$staging/tree" "$release"
  printf 'released into %s\n' "releases/$id"
else
  printf 'released before, in %s\n' "releases/$id"
fi

ln -s "releases/$id" "$staging/current"
mv -f "$staging/current" "$here/"
printf '%s %s\n' "$id" "$version" >> "$here/deploys.log"
printf 'current is now %s\n' "$version"
