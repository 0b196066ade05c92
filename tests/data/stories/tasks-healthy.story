# Jobs, mails and imports go on as before a deploy, some of them lost as ever; once the source is silent.
log  -3d +70 6             INFO api: request {n} served in {n} ms
task -3d +70 2 0.99 40     INFO worker: job {n} started -> INFO worker: job {n} done
task -3d +70 1 0.93 300    INFO mail: delivery {n} accepted -> INFO mail: delivery {n} sent
task -3d +70 0.2 1 1500    INFO import: import {n} begins -> INFO import: import {n} complete
task +0 +70  3 0.5 30      INFO sync: sync_id={n} begins -> INFO sync: sync_id={n} complete
deploy +0 v1.8.2
silence +40 +45

expect +15 none job
expect +30 none delivery
expect +59 none job
expect +59 none delivery
expect +59 none import
expect +65 none delivery
