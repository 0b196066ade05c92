# Says once a minute that the service is there.

n_ticks=0

heartbeat() {
  n_ticks=$((n_ticks + 1))
  info main "heartbeat: $n_orders orders, $n_errors errors since start"
  if [ $((n_ticks % 5)) -eq 0 ]; then
    info metrics "flushed 4 series after $n_ticks ticks"
  fi
}
