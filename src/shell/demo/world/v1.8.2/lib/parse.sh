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
  IFS=,
  set -- $1
  unset IFS
  if [ $# -ne 6 ]; then
    reject 'malformed order' '@HERE@ in parse_order'
    return 1
  fi
  customer=$1 sku=$2 quantity=$3 coupon=$4 currency=$5 postcode=$6
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
