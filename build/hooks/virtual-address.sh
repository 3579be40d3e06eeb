#!/bin/sh
# A hook that moves an IPv4 address to the first server of an order that is online. It runs on every server of that order,
# each with its own --self. Whoever is first takes the address and tells the network (gratuitous ARP); everybody else gives
# it up. Needs root or CAP_NET_ADMIN and CAP_NET_RAW, iproute2, arping of iputils, and flock.
#
#   virtual-address.sh --address 10.1.2.100/24 --device eth0 --self 10.1.2.2:7401 \
#                      --order '10.1.2.1:7401 10.1.2.2:7401 10.1.2.3:7401'
#
#   --unconfirmed   act also on a failure that nobody else has confirmed
#   --force         take the address although somebody answers for it
#   --release       only give it up, whoever is online: for the stop of the agent (ExecStopPost=)
#   --dry-run       only say what would be done
#   --state DIR     folder for the lock, /run/imagefleet by default
#
# What it cannot do, because nothing on this machine can: switch off another one. See docs/failover.md.
set -euf
PATH=$PATH:/usr/sbin:/sbin
. "$(dirname "$0")/first-online.sh"

address='' device='' self='' order='' state=/run/imagefleet
unconfirmed=no force=no release=no dry_run=no
while [ $# -gt 0 ]; do
  case $1 in
    --unconfirmed) unconfirmed=yes ;;
    --force) force=yes ;;
    --release) release=yes ;;
    --dry-run) dry_run=yes ;;
    --address | --device | --self | --order | --state)
      [ $# -ge 2 ] || die "$1 needs a value"
      case $1 in
        --address) address=$2 ;;
        --device) device=$2 ;;
        --self) self=$2 ;;
        --order) order=$2 ;;
        --state) state=$2 ;;
      esac
      shift
      ;;
    *) die "unknown: $1" ;;
  esac
  shift
done
need --address "$address" 0-9./
need --device "$device" 'A-Za-z0-9._-'
case $address in */*) ;; *) die '--address needs the length of its network, such as 10.1.2.100/24' ;; esac
bare=${address%/*}

holds() {
  [ -n "$(ip -4 -o address show dev "$device" to "$bare/32")" ]
}

run() {
  if [ "$dry_run" = yes ]; then say "would run: $*"; else "$@"; fi
}

give_up() {
  if holds; then
    run ip address del "$address" dev "$device"
    say "$bare is given up: $1"
  else
    say "$bare is not here: $1"
  fi
}

announce() {
  # Everybody on the wire keeps the old host's address for minutes otherwise.
  run arping -q -U -c 3 -w 3 -I "$device" "$bare" || say "could not announce $bare"
}

take() {
  if holds; then
    announce
    say "$bare stays here"
    return
  fi
  # Two hosts with one address are worse than none: whoever still answers for it has to let go first.
  if [ "$force" = no ] && ! run arping -q -D -c 2 -w 2 -I "$device" "$bare"; then
    die "somebody still answers for $bare: it is not taken (--force takes it anyway)"
  fi
  run ip address add "$address" dev "$device"
  announce
  [ "$dry_run" = yes ] || say "$bare is taken"
}

if [ "$release" = yes ]; then
  give_up 'this was asked for'
  exit 0
fi
need --self "$self" 'A-Za-z0-9.:_[]-'
need --order "$order" 'A-Za-z0-9.:_[] -'
leave_unless_confirmed "$unconfirmed"
in_order "$state" "$dry_run"
first=$(first_online "$order") || {
  say 'nobody of the order is online: nothing is changed'
  exit 0
}
if [ "$first" = "$self" ]; then take; else give_up "$first is before $self"; fi
