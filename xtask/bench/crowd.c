/* Runs one command many times, so many at once, and says what each run cost.
 *
 *   crowd RUNS AT_ONCE COMMAND…
 *
 * prints one line a run: whether it failed (0 or 1), wall time in µs, peak memory in KiB, bytes on stdout;
 * and at last one line with the wall time of all together. Each run that ends makes way for the next one,
 * and at the end none is left.
 *
 * In C, static and small, for the reason that is told in measure.c. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "crowd"
#include "program.h"

extern char **environ;

enum { MOST_AT_ONCE = 4096 };

static struct {
  pid_t child; /* 0: free */
  int output;
  double start;
} runs[MOST_AT_ONCE];

static int find(pid_t child, int at_once) {
  for (int slot = 0; slot < at_once; slot++)
    if (runs[slot].child == child) return slot;
  return -1;
}

/* What it prints is read when it has ended: a credential document fits into a pipe. */
static int start(int slot, char **command) {
  int ends[2];
  posix_spawn_file_actions_t actions;
  if (pipe2(ends, O_CLOEXEC)) return die("no pipe for", command[0]);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  runs[slot].start = microseconds();
  if (posix_spawn(&runs[slot].child, command[0], &actions, NULL, command, environ)) {
    runs[slot].child = 0;
    return die("cannot start", command[0]);
  }
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  runs[slot].output = ends[0];
  return 0;
}

/* Waits for the next one that ends; its slot, or -1. */
static int finish(int at_once) {
  static char buffer[65536];
  int status;
  struct rusage usage;
  int slot = find(wait4(-1, &status, 0, &usage), at_once);
  if (slot < 0) return -1;
  double took = microseconds() - runs[slot].start;
  long bytes = 0;
  ssize_t length;
  while ((length = read(runs[slot].output, buffer, sizeof buffer)) > 0) bytes += length;
  close(runs[slot].output);
  runs[slot].child = 0;
  printf("%d\t%.1f\t%ld\t%ld\n", !WIFEXITED(status) || WEXITSTATUS(status), took, usage.ru_maxrss, bytes);
  return slot;
}

int main(int count, char **arguments) {
  int wanted = count > 3 ? atoi(arguments[1]) : 0;
  int at_once = count > 3 ? atoi(arguments[2]) : 0;
  if (wanted < 1 || at_once < 1 || at_once > MOST_AT_ONCE) return die("usage", "crowd RUNS AT_ONCE COMMAND...");

  /* A pipe for each that runs. */
  struct rlimit files;
  if (!getrlimit(RLIMIT_NOFILE, &files)) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }

  double first = microseconds();
  int started = 0, ended = 0, failed = 0;
  for (int slot = 0; slot < at_once && started < wanted && !failed; slot++) {
    failed = start(slot, arguments + 3);
    started += !failed;
  }
  /* Also when one could not be started, those that were are waited for. */
  while (ended < started) {
    int slot = finish(at_once);
    if (slot < 0) return die("cannot wait for", arguments[3]);
    ended++;
    if (started < wanted && !failed) {
      failed = start(slot, arguments + 3);
      started += !failed;
    }
  }
  printf("%.1f\n", microseconds() - first);
  return failed;
}
