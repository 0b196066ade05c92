# A payment error comes fifteen times as often after a deploy; unrelated noise goes on.
log -7d +60 6     INFO api: request {n} served in {n} ms
log -7d +60 0.05  WARN cache: miss for key user:{n}
log -7d +0  0.2   ERROR payment: gateway declined order {n}
log +0  +60 3     ERROR payment: gateway declined order {n}
deploy +0 v1.8.2

expect -1  verdict no deploy
expect +1  finding rise candidate gateway declined
expect +10 finding rise confirmed gateway declined
expect +30 none request
expect +30 none cache
expect +30 verdict regressed
expect +30 incident open
screen +30 80x24 regression-80x24.txt
screen +30 200x60 regression-200x60.txt
