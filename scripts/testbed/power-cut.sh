#!/bin/bash
# A file system whose power can be cut, for tests. It lies in one file, behind a loop device, and is mounted at FOLDER/mnt.
# Cutting is the GOINGDOWN call of ext4 and xfs: from that moment nothing reaches the disk any more, not even the journal,
# and every call fails with EIO. Needs root on Linux, e2fsprogs and xfsprogs.
#
#   power-cut.sh up ext4|xfs FOLDER   makes the file system and mounts it
#   power-cut.sh cut FOLDER           cuts the power; what was not on the disk is lost
#   power-cut.sh restore FOLDER       mounts what is left, as a machine does that starts again
#   power-cut.sh down FOLDER          takes everything away
#
# In the very moment of the cut both file systems let a few syncs claim success for what is lost (seen with nothing but a
# loop of pwrite and fdatasync). Nobody hears a machine whose power is gone, so count nothing that a program says after
# `cut` was called. What this cannot show: a drive that loses or reorders its own write cache.
set -euo pipefail

usage() {
  sed -n '2,13p' "$0" >&2
  exit 2
}

[ $# -ge 2 ] || usage
folder=$(realpath -m "${!#}")
disk=$folder/disk.img
mounted=$folder/mnt

attach() {
  mount -o loop "$disk" "$mounted"
  # On a tmpfs this is a thin volume, which may be full below. Of a request that its room ends in, Linux's loop device
  # writes a part and reports success; requests of one page are written whole or refused, so that the volume does not lie.
  if [ "$(stat -f -c %T "$folder")" = tmpfs ]; then
    device=$(basename "$(findmnt -n -o SOURCE "$mounted")")
    echo 4 >"/sys/block/$device/queue/max_sectors_kb"
  fi
}

leave() {
  # Lazily where a process that is about to end still has a file open.
  umount "$mounted" 2>/dev/null || umount -l "$mounted"
}

# Waits until nothing holds the file system any more. A program that was started in a network namespace meanwhile has a
# copy of the mount, and to mount again would only show the one without power.
wait_until_free() {
  for _ in $(seq 100); do
    if [ -z "$(losetup -j "$disk")" ]; then return; fi
    sleep 0.1
  done
  echo "$disk is still mounted somewhere else, as in the mount namespace of another test that runs now" >&2
  exit 1
}

case $1 in
  up)
    [ $# -eq 3 ] || usage
    mkdir -p "$mounted"
    truncate -s 1G "$disk"
    # ext4's own tables are written now: on a disk that is thin (the image lies on a small tmpfs, say) only what is stored
    # later can lack room, as on the thin volumes of virtual machines.
    case $2 in
      ext4) UNIX_IO_NOZEROOUT=1 mkfs.ext4 -q -N 16384 -E lazy_itable_init=0,lazy_journal_init=0,nodiscard "$disk" ;;
      xfs) mkfs.xfs -q "$disk" ;;
      *) usage ;;
    esac
    attach
    ;;
  cut) xfs_io -x -c shutdown "$mounted" ;;
  restore)
    leave
    wait_until_free
    attach
    ;;
  down)
    # Asked of the system, not of the folder: one whose power is cut answers nothing any more.
    if grep -q " $mounted " /proc/self/mounts; then leave; fi
    rm -rf --one-file-system "$folder"
    ;;
  *) usage ;;
esac
