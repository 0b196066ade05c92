# Jobs stop finishing after a deploy; it is taken back at minute 15. The process is started again before and after.
log  -3d +60 6             INFO api: request {n} served in {n} ms
task -3d +0   2 0.99 40    INFO worker: job {n} started -> INFO worker: job {n} done
task +0  +15  2 0    40    INFO worker: job {n} started -> INFO worker: job {n} done
task +15 +60  2 0.99 40    INFO worker: job {n} started -> INFO worker: job {n} done
deploy +0 v1.8.2
restart +4
remedy +15 started
restart +17

expect +8  finding stall confirmed started
expect +14 incident open
expect +18 incident recovering
expect +40 incident closed
