#!/bin/bash
# Three hosts on a switch of their own, for tests: network namespaces NAME-1, NAME-2 and NAME-3 at NET.1 to NET.3. Clients
# stand at the same switch, in the namespace of whoever calls this, at NET.254. All faults are made in the switch, so that
# hosts and programs notice nothing but silence: no carrier is lost, nothing is refused. Traffic of clients always passes.
# Needs root on Linux, iproute2 and nftables.
#
#   three-hosts.sh up NAME NET      makes hosts and switch; NAME has at most 8 characters, NET is the start of a /24 (10.1.2)
#   three-hosts.sh cut NAME N       host N and the others hear nothing of each other
#   three-hosts.sh drop NAME N M    what host N sends to host M is lost; the other way is open
#   three-hosts.sh heal NAME        nothing is lost any more
#   three-hosts.sh down NAME        ends what runs on the hosts and takes everything away
set -euo pipefail

usage() {
  sed -n '2,11p' "$0" >&2
  exit 2
}

[ $# -ge 2 ] && [ ${#2} -le 8 ] || usage
name=$2
switch=$name-0

at_switch() {
  ip netns exec "$switch" "$@"
}

lose() {
  at_switch nft add rule bridge faults forward iifname "$1" oifname "$2" drop
}

# Puts a cable between the switch and an end that has the address $3; the switch calls its own end $1.
plug() {
  at_switch ip link set "$1" master bridge up
  "${@:4}" ip address add "$3/24" dev "$2"
  "${@:4}" ip link set "$2" up
}

case $1 in
  up)
    [ $# -eq 3 ] || usage
    if ip -4 address | grep -q " $3\."; then
      echo "$3.0/24 is in use on this machine" >&2
      exit 1
    fi
    ip netns add "$switch"
    at_switch ip link add bridge type bridge
    at_switch ip link set bridge up
    at_switch nft 'add table bridge faults; add chain bridge faults forward { type filter hook forward priority 0; }'
    ip link add "$name-c" type veth peer name clients netns "$switch"
    plug clients "$name-c" "$3.254"
    for n in 1 2 3; do
      ip netns add "$name-$n"
      ip netns exec "$name-$n" ip link set lo up
      ip -n "$name-$n" link add eth0 type veth peer name "host$n" netns "$switch"
      plug "host$n" eth0 "$3.$n" ip netns exec "$name-$n"
    done
    ;;
  cut)
    [ $# -eq 3 ] || usage
    lose "host$3" 'host*'
    lose 'host*' "host$3"
    ;;
  drop)
    [ $# -eq 4 ] || usage
    lose "host$3" "host$4"
    ;;
  heal) at_switch nft flush chain bridge faults forward ;;
  down)
    for n in 1 2 3 0; do
      # The names of namespaces are ours alone, and so is what runs in them.
      ip netns pids "$name-$n" 2>/dev/null | xargs -r kill -KILL || true
      ip netns delete "$name-$n" 2>/dev/null || true
    done
    # A namespace is taken down in the background; this end of the clients' cable goes at once, and with it the address.
    ip link delete "$name-c" 2>/dev/null || true
    ;;
  *) usage ;;
esac
