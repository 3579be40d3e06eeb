#!/bin/sh
# A hook that points a name at the first server of an order that is online, by the HTTP API of a DNS provider, with curl.
# The example is Cloudflare's; others differ in --method, --url and --body only.
#
#   dns-api.sh --method PATCH --url https://api.cloudflare.com/client/v4/zones/ZONE/dns_records/RECORD \
#              --token-file /etc/imagefleet/dns-token --body '{"content":"@ADDRESS@","ttl":60}' \
#              --order '10.1.2.1:7401=203.0.113.1 10.1.2.2:7401=203.0.113.2'
#
#   --self ADDR     only act when this server is the first that is online; for a hook that runs on every server
#   --unconfirmed   act also on a failure that nobody else has confirmed
#   --dry-run       only print the request, without the token
#   --state DIR     folder for the lock, /run/imagefleet by default
set -euf
PATH=$PATH:/usr/sbin:/sbin
. "$(dirname "$0")/first-online.sh"

method=PUT url='' token_file='' body='' order='' self='' state=/run/imagefleet unconfirmed=no dry_run=no
while [ $# -gt 0 ]; do
  case $1 in
    --unconfirmed) unconfirmed=yes ;;
    --dry-run) dry_run=yes ;;
    --method | --url | --token-file | --body | --order | --self | --state)
      [ $# -ge 2 ] || die "$1 needs a value"
      case $1 in
        --method) method=$2 ;;
        --url) url=$2 ;;
        --token-file) token_file=$2 ;;
        --body) body=$2 ;;
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
need --method "$method" A-Z
need --order "$order" 'A-Za-z0-9.:=_[] -'
case $url in https://* | http://127.0.0.1:*) ;; *) die '--url must begin with https://: a token goes there' ;; esac
case $body in *@ADDRESS@*) ;; *) die '--body must have @ADDRESS@ where the address belongs' ;; esac
[ -r "$token_file" ] || die "cannot read --token-file $token_file"

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
content=${body%%@ADDRESS@*}$target${body#*@ADDRESS@}

if [ "$dry_run" = yes ]; then
  say "would send: $method $url"
  printf '%s\n' "$content"
  exit 0
fi
# The token comes on standard input: arguments can be read by everybody on this machine.
printf 'Authorization: Bearer %s\n' "$(cat "$token_file")" |
  curl --fail --silent --show-error --max-time 8 --retry 2 --retry-max-time 8 --output /dev/null \
    --request "$method" --header @- --header 'Content-Type: application/json' --data-raw "$content" -- "$url"
say "the name points at $target"
