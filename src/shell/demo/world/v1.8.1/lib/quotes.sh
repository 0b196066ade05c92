# Gives quotes, and fresh ones for those that are too old.

give_quote() {
  parse_quote "$1"
  price_product || return 0
  show_amount "$price"
  if [ "$age" -gt "$quote_seconds" ]; then
    warn quotes "quote $id expired after ${age}s, priced anew"
    return 0
  fi
  info quotes "quote $id for $quantity x $sku: $shown"
}
