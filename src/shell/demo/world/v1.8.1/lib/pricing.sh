# Prices, all in cents until they are shown.

# Sets `unit` and `shelf` from the catalog.
find_product() {
  unit=
  case $sku in
    '' | *[!A-Z0-9]*) ;;
    *) eval "unit=\${price_$sku-} shelf=\${shelf_$sku-0}" ;;
  esac
  if [ -z "$unit" ]; then
    reject "unknown product $sku" '@HERE@ in find_product'
    return 1
  fi
}

# Sets `percent`, what the coupon takes off.
find_coupon() {
  percent=0
  case $coupon in
    '') ;;
    *[!A-Z0-9]*) warn pricing "coupon \"$coupon\" ignored" ;;
    *) eval "percent=\${percent_$coupon-0}" ;;
  esac
}

# Sets `price` of the product at hand, without shipping.
price_product() {
  find_product || return 1
  case $quantity in
    '' | *[!0-9]* | 0*)
      reject "bad quantity \"$quantity\"" '@HERE@ in price_product'
      return 1
      ;;
  esac
  find_coupon
  price=$((unit * quantity))
  price=$((price - price * percent / 100))
}

# Sets `shipping` by the first digit of the postcode.
price_shipping() {
  case $postcode in
    '') shipping=0 ;;
    1*) shipping=290 ;;
    [2-4]*) shipping=490 ;;
    *) shipping=690 ;;
  esac
}

# Sets `shown`, an amount of euro cents in the customer's currency.
show_amount() {
  case $currency in
    USD) amount=$(($1 * 108 / 100)) ;;
    CHF) amount=$(($1 * 95 / 100)) ;;
    *) amount=$1 ;;
  esac
  cents=$((amount % 100))
  if [ "$cents" -lt 10 ]; then cents=0$cents; fi
  shown="$((amount / 100)).$cents $currency"
}
