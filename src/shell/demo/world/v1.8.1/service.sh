#!/bin/sh
# The orders service. Reads one request a line from standard input, as the front proxy hands it
# over, and writes its log to standard output; ends with its input. See README.md.
#
# Nothing but builtins of a POSIX shell: a request must not cost a process.
set -uf

case $0 in
  */*) root=${0%/*} ;;
  *) root=. ;;
esac
version=unreleased revision=none
if [ -f "$root/RELEASE" ]; then . "$root/RELEASE"; fi
. "$root/config/service.conf"
. "$root/config/catalog.conf"
. "$root/lib/log.sh"
. "$root/lib/parse.sh"
. "$root/lib/pricing.sh"
. "$root/lib/orders.sh"
. "$root/lib/quotes.sh"
. "$root/lib/payments.sh"
. "$root/lib/health.sh"

while read -r at id route body; do
  case $route in
    place) place_order "$body" ;;
    quote) give_quote "$body" ;;
    payment) settle_payment "$body" ;;
    tick) heartbeat ;;
    start) info main "starting orders version=$version revision=$revision" ;;
    *) warn http "no route for \"$route\"" ;;
  esac
done
