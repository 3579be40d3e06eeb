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

leave() {
  # Lazily where a process that is about to end still has a file open.
  umount "$mounted" 2>/dev/null || umount -l "$mounted"
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
    mount -o loop "$disk" "$mounted"
    ;;
  cut) xfs_io -x -c shutdown "$mounted" ;;
  restore)
    leave
    mount -o loop "$disk" "$mounted"
    ;;
  down)
    # Asked of the system, not of the folder: one whose power is cut answers nothing any more.
    if grep -q " $mounted " /proc/self/mounts; then leave; fi
    rm -rf --one-file-system "$folder"
    ;;
  *) usage ;;
esac
