# One line a log entry: time of the request, level, component, message.

n_errors=0

info() { printf '%s INFO  [%s] %s\n' "$at" "$1" "$2"; }

warn() { printf '%s WARN  [%s] %s\n' "$at" "$1" "$2"; }

error() {
  n_errors=$((n_errors + 1))
  printf '%s ERROR [%s] %s\n' "$at" "$1" "$2"
}

# Refuses the order at hand: WHY, and WHERE in the source it was refused.
reject() {
  error orders "order $id rejected: $1 at $2"
}
