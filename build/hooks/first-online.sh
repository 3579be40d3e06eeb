# Shared by the hooks in this folder, which read it with ".": who of an order of servers is to serve now. POSIX sh, with
# file names switched off (set -f): addresses may have brackets.
#
# A monitor says in IMAGEFLEET_ONLINE which servers are online ("host:port host:port"), in IMAGEFLEET_TO and
# IMAGEFLEET_CONFIRMED what happened and whether somebody else has seen it too, and in IMAGEFLEET_GENERATION how new that is.

say() {
  printf '%s: %s\n' "$(basename "$0")" "$*"
}

die() {
  say "$@" >&2
  exit 1
}

# need NAME VALUE PATTERN: refuses a value that has a character which PATTERN (of tr) does not list.
need() {
  [ -n "$2" ] || die "$1 is missing"
  rest=$(printf '%s' "$2" | tr -d "$3")
  [ -z "$rest" ] || die "$1 has a character that does not belong there: $2"
}

# Prints the first server of the order $1 that is online; of entries host:port=VALUE the whole entry.
first_online() {
  for entry in $1; do
    case " ${IMAGEFLEET_ONLINE:-} " in
      *" ${entry%%=*} "*)
        printf '%s' "$entry"
        return 0
        ;;
    esac
  done
  return 1
}

# A server that is down on silence alone may be up for everybody else: then two would serve. $1: allow it all the same.
leave_unless_confirmed() {
  if [ "${IMAGEFLEET_TO:-}" = down ] && [ "${IMAGEFLEET_CONFIRMED:-}" != true ] && [ "$1" != yes ]; then
    say "nobody confirms that ${IMAGEFLEET_SERVER:-it} is down: nothing is changed (--unconfirmed changes it anyway)"
    exit 0
  fi
}

# Nothing runs beside this from here on, and what is older than what was seen before is left alone: hooks of two servers run
# at the same time, and the slower one must not undo what the newer one did. $1: a folder for the lock. $2: yes in a dry run,
# which remembers nothing. Counts that begin anew are believed after two minutes.
in_order() {
  [ "$2" = no ] || return 0
  mkdir -p "$1" || die "cannot make $1"
  exec 9>"$1/lock" || die "cannot write in $1"
  flock -w 8 9 || die "another hook holds $1/lock"
  now=${IMAGEFLEET_GENERATION:-0}
  need IMAGEFLEET_GENERATION "$now" 0-9
  seen=$(cat "$1/generation" 2>/dev/null || echo 0)
  if [ "$now" -lt "$seen" ] && [ -n "$(find "$1/generation" -mmin -2 2>/dev/null)" ]; then
    say "generation $now is older than $seen, which was seen: nothing is changed"
    exit 0
  fi
  printf '%s\n' "$now" >"$1/generation"
}
