# Nothing changes: no confirmed finding, no incident, and the watch ends healthy or with mere candidates.
log -7d +70 6     INFO api: request {n} served in {n} ms
log -7d +70 0.05  WARN cache: miss for key user:{n}
log -7d +70 0.2   ERROR payment: gateway declined order {n}
deploy +0 v1.8.2

expect +10 none gateway declined
expect +59 none request
expect +65 verdict healthy
screen +65 80x24 healthy-80x24.txt
