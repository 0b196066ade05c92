# Places orders.

n_orders=0

place_order() {
  parse_order "$1" || return 0
  price_product || return 0
  price_shipping
  if [ "$quantity" -gt "$shelf" ]; then
    warn stock "only $shelf of $quantity $sku on the shelf for order $id, rest on back order"
  fi
  n_orders=$((n_orders + 1))
  show_amount $((price + shipping))
  info orders "order $id placed by $customer: $quantity x $sku for $shown"
}
