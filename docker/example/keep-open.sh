#!/bin/bash
# Keeps a connection to port $2 of host $1 open, and opens it anew where it ends.
while true; do
  if exec 3<>"/dev/tcp/$1/$2"; then read -r -u 3; fi
  sleep 1
done
