# The log stops ten minutes after a deploy: one finding on the source, none on its signatures.
log -7d +60 6     INFO api: request {n} served in {n} ms
log -7d +60 2     INFO worker: job {n} done
silence +10 +60
deploy +0 v1.8.2

expect +9  verdict healthy
expect +25 silent
expect +25 none request
expect +25 none job
