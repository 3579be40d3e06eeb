#!/bin/sh
# A hook that points a name at the first server of an order that is online, by a dynamic DNS update (RFC 2136) with nsupdate.
#
#   dns-switch.sh --zone example.com --name i-1.example.com --ttl 30 --dns-server ns1.example.com --key /etc/ddns.key \
#                 --order '10.1.2.1:7401=203.0.113.1 10.1.2.2:7401=203.0.113.2'
#
#   --self ADDR     only act when this server is the first that is online; for a hook that runs on every server
#   --unconfirmed   act also on a failure that nobody else has confirmed
#   --dry-run       only print the update
#   --state DIR     folder for the lock, /run/imagefleet by default
#
# The old record goes and the new one comes in one update, so that the name is never without one.
set -euf
PATH=$PATH:/usr/sbin:/sbin
. "$(dirname "$0")/first-online.sh"

zone='' name='' ttl=30 dns_server='' key='' order='' self='' state=/run/imagefleet unconfirmed=no dry_run=no
while [ $# -gt 0 ]; do
  case $1 in
    --unconfirmed) unconfirmed=yes ;;
    --dry-run) dry_run=yes ;;
    --zone | --name | --ttl | --dns-server | --key | --order | --self | --state)
      [ $# -ge 2 ] || die "$1 needs a value"
      case $1 in
        --zone) zone=$2 ;;
        --name) name=$2 ;;
        --ttl) ttl=$2 ;;
        --dns-server) dns_server=$2 ;;
        --key) key=$2 ;;
        --order) order=$2 ;;
        --self) self=$2 ;;
        --state) state=$2 ;;
      esac
      shift
      ;;
    *) die "unknown: $1" ;;
  esac
  shift
done
need --zone "$zone" 'A-Za-z0-9._-'
need --name "$name" 'A-Za-z0-9._*-'
need --ttl "$ttl" 0-9
need --order "$order" 'A-Za-z0-9.:=_[] -'
[ -z "$dns_server" ] || need --dns-server "$dns_server" 'A-Za-z0-9.: -'

leave_unless_confirmed "$unconfirmed"
in_order "$state" "$dry_run"
first=$(first_online "$order") || {
  say 'nobody of the order is online: nothing is changed'
  exit 0
}
if [ -n "$self" ] && [ "${first%%=*}" != "$self" ]; then
  say "${first%%=*} is before $self: it is for that server to act"
  exit 0
fi
case $first in *=*) target=${first#*=} ;; *) target='' ;; esac
need 'the address behind = in --order' "$target" 'A-Fa-f0-9.:'
case $target in *:*) type=AAAA ;; *) type=A ;; esac

update() {
  [ -z "$dns_server" ] || printf 'server %s\n' "$dns_server"
  printf 'zone %s\nupdate delete %s. %s\nupdate add %s. %s %s %s\nsend\n' \
    "$zone" "${name%.}" "$type" "${name%.}" "$ttl" "$type" "$target"
}

if [ "$dry_run" = yes ]; then
  say "would send to nsupdate:"
  update
  exit 0
fi
if [ -n "$key" ]; then update | nsupdate -t 5 -k "$key"; else update | nsupdate -t 5; fi
say "$name points at $target"
