#!/bin/sh
# Runs the service on single requests and compares what it logs: sh tests/run.sh
# SHELL_UNDER_TEST names another shell than sh.
set -u

case $0 in
  */*) root=${0%/*}/.. ;;
  *) root=.. ;;
esac
n_passed=0 n_failed=0

# check NAME REQUEST LOGGED
check() {
  got=$(printf '2026-01-05T10:00:00.000Z 7 %s\n' "$2" | ${SHELL_UNDER_TEST:-sh} "$root/service.sh" 2>&1)
  got=${got#2026-01-05T10:00:00.000Z }
  case $got in
    "$3"*)
      n_passed=$((n_passed + 1))
      ;;
    *)
      n_failed=$((n_failed + 1))
      printf 'FAILED %s\n  expected %s\n  got      %s\n' "$1" "$3" "$got"
      ;;
  esac
}

check 'an order is priced with shipping' 'place C1042,K204,2,,EUR,10115' \
  'INFO  [orders] order 7 placed by C1042: 2 x K204 for 40.70 EUR'
check 'a coupon takes its percentage off' 'place C1042,K204,2,SAVE10,EUR,10115' \
  'INFO  [orders] order 7 placed by C1042: 2 x K204 for 36.92 EUR'
check 'other currencies are converted' 'place C1042,P042,1,,USD,20095' \
  'INFO  [orders] order 7 placed by C1042: 1 x P042 for 8.52 USD'
check 'far places cost more' 'place C7,P042,1,,CHF,80331' \
  'INFO  [orders] order 7 placed by C7: 1 x P042 for 9.39 CHF'
check 'an order cut short is refused' 'place C1042,K204,2' \
  'ERROR [orders] order 7 rejected: malformed order at '
check 'an unknown product is refused' 'place C1042,K999,2,,EUR,10115' \
  'ERROR [orders] order 7 rejected: unknown product K999 at '
check 'a quantity is a number' 'place C1042,K204,two,,EUR,10115' \
  'ERROR [orders] order 7 rejected: bad quantity "two" at '
check 'a coupon nobody knows takes nothing off' 'place C1042,K204,2,SAVE99,EUR,10115' \
  'INFO  [orders] order 7 placed by C1042: 2 x K204 for 40.70 EUR'
check 'a coupon and another currency go together' 'place C7,L250,3,STAFF,CHF,30159' \
  'INFO  [orders] order 7 placed by C7: 3 x L250 for 73.48 CHF'
check 'a quote has no shipping' 'quote L015,1,SPRING,20' \
  'INFO  [quotes] quote 7 for 1 x L015: 41.65 EUR'
check 'a payment is noted' 'payment 6,ok,180' \
  'INFO  [payments] order 6 paid after 180ms'
check 'an unknown route does no harm' 'wp-login.php -' \
  'WARN  [http] no route for "wp-login.php"'

printf '%s passed, %s failed\n' "$n_passed" "$n_failed"
[ "$n_failed" -eq 0 ]
