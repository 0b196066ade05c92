# Takes note of what the payment gateway answers.

settle_payment() {
  parse_payment "$1"
  case $outcome in
    ok) info payments "order $order paid after ${millis}ms" ;;
    declined) info payments "payment of order $order declined after ${millis}ms" ;;
    timeout) warn payments "gateway timed out after ${millis}ms for order $order, retry 1 of $gateway_tries" ;;
    *) error payments "gateway answered \"$outcome\" for order $order at @HERE@ in settle_payment" ;;
  esac
}
