# An error that the baseline never saw: shown on its first line, confirmed only by repetition.
log -7d +60 6     INFO api: request {n} served in {n} ms
log +5  +60 1     ERROR orders: cannot parse quantity of order {n}
deploy +0 v1.8.2

expect +4  none quantity
expect +6  finding new candidate quantity
expect +25 finding new confirmed quantity
expect +25 incident open
