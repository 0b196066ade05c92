# Takes the bodies of requests apart. The fields become variables.

# A payment: order,outcome,milliseconds
parse_payment() {
  order=${1%%,*}
  millis=${1##*,}
  outcome=${1#*,}
  outcome=${outcome%,*}
}

# An order: customer,sku,quantity,coupon,currency,postcode
parse_order() {
  case $1 in
    *,*,*,*,*,*) ;;
    *)
      reject 'malformed order' '@HERE@ in parse_order'
      return 1
      ;;
  esac
  customer=${1%%,*} rest=${1#*,}
  sku=${rest%%,*} rest=${rest#*,}
  quantity=${rest%%,*} rest=${rest#*,}
  coupon=${rest%%,*} rest=${rest#*,}
  currency=${rest%%,*}
  postcode=${rest#*,}
}

# A quote: sku,quantity,coupon,age in seconds
parse_quote() {
  sku=${1%%,*}
  age=${1##*,}
  rest=${1#*,}
  quantity=${rest%%,*} rest=${rest#*,}
  coupon=${rest%,*}
  currency=EUR
}
