/*
 * A disk that fails on demand, for tests. Preloaded into a process (LD_PRELOAD) it stands before the calls that write, and
 * lets them fail as the file says that FAULTY_DISK_RULES names. The file may change while the process runs; no file, no
 * faults. strace can inject faults as well, but not by folder: it would hit sockets and the event loop's own pipes.
 *
 * One rule a line:  CALLS PLACE FIRST COUNT EFFECT
 *   CALLS   some of write, sync, rename, with commas between them; write is write, writev, pwrite; sync is fsync, fdatasync
 *   PLACE   a part of the path that the call works on (of a rename: the new one); / is everywhere
 *   FIRST   the first such call that is hit, counted from 1 over all threads since the rules were written
 *   COUNT   how many are hit from there on, 0 for all of them
 *   EFFECT  EIO or ENOSPC: nothing is done, and this is the error; KILL: the process ends as by kill -9; SILENT, of sync
 *           only: nothing is done, and success is claimed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_RULES 8
enum { PASS = -1, DONE = 0 };

struct rule {
  char calls[64], place[256], effect[16];
  long first, count, seen;
};

static struct rule rules[MAX_RULES];
static int rule_count = 0;
static ino_t rules_inode = 0;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The rules are written to a new file that is renamed over the old one: another inode is another set of rules. */
static void load_rules(void) {
  const char *file = getenv("FAULTY_DISK_RULES");
  struct stat now;
  if (file == NULL || stat(file, &now) != 0) {
    rule_count = 0;
    rules_inode = 0;
    return;
  }
  if (now.st_ino == rules_inode) return;
  char text[4096];
  int fd = open(file, O_RDONLY);
  ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[length < 0 ? 0 : length] = 0;
  rules_inode = now.st_ino;
  rule_count = 0;
  char *rest = text;
  for (char *line; rule_count < MAX_RULES && (line = strsep(&rest, "\n")) != NULL;) {
    struct rule *rule = &rules[rule_count];
    memset(rule, 0, sizeof *rule);
    if (sscanf(line, "%63s %255s %ld %ld %15s", rule->calls, rule->place, &rule->first, &rule->count, rule->effect) == 5)
      rule_count += 1;
  }
}

/* The path of a descriptor; empty for one that has none. */
static void path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  path[length < 0 ? 0 : length] = 0;
}

/* What becomes of a call: PASS lets it happen, DONE claims success, anything else is the error. */
static int judge(const char *call, int fd, const char *path) {
  int verdict = PASS;
  char own[4096];
  pthread_mutex_lock(&lock);
  load_rules();
  for (int i = 0; i < rule_count && verdict == PASS; i += 1) {
    struct rule *rule = &rules[i];
    if (strstr(rule->calls, call) == NULL) continue;
    if (path == NULL) {
      path_of(fd, own, sizeof own);
      path = own;
    }
    if (path[0] != '/' || strstr(path, rule->place) == NULL) continue;
    rule->seen += 1;
    if (rule->seen < rule->first || (rule->count > 0 && rule->seen >= rule->first + rule->count)) continue;
    if (strcmp(rule->effect, "KILL") == 0) syscall(SYS_kill, getpid(), SIGKILL);
    verdict = strcmp(rule->effect, "SILENT") == 0 ? DONE : strcmp(rule->effect, "ENOSPC") == 0 ? ENOSPC : EIO;
  }
  pthread_mutex_unlock(&lock);
  return verdict;
}

/* Either ends the calling function with the fault, or goes on behind it. */
#define FAIL_OR_GO_ON(call, fd, path)  \
  int verdict = judge(call, fd, path); \
  if (verdict > DONE) {                \
    errno = verdict;                   \
    return -1;                         \
  }                                    \
  if (verdict == DONE) return 0;

#define REAL(type, name, ...)                                                 \
  static type (*real)(__VA_ARGS__) = NULL;                                    \
  if (real == NULL) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name);

ssize_t write(int fd, const void *bytes, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t)
  FAIL_OR_GO_ON("write", fd, NULL)
  return real(fd, bytes, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int)
  FAIL_OR_GO_ON("write", fd, NULL)
  return real(fd, parts, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
  REAL(ssize_t, "pwrite", int, const void *, size_t, off_t)
  FAIL_OR_GO_ON("write", fd, NULL)
  return real(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)
  FAIL_OR_GO_ON("write", fd, NULL)
  return real(fd, bytes, size, at);
}

int fsync(int fd) {
  REAL(int, "fsync", int)
  FAIL_OR_GO_ON("sync", fd, NULL)
  return real(fd);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int)
  FAIL_OR_GO_ON("sync", fd, NULL)
  return real(fd);
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *)
  FAIL_OR_GO_ON("rename", -1, to)
  return real(from, to);
}
