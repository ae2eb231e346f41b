/* Starts commands as an SDK does, in turn, and says what each run cost.
 *
 *   measure ROUNDS -- COMMAND… -- COMMAND…      (a command is a program's path and its arguments)
 *
 * prints one line a run: index of the command, wall time in µs, peak memory in KiB, page faults, bytes
 * on stdout. Every round runs each command once, and begins with another one than the round before.
 *
 * In C, static and small, for one reason: the peak memory that Linux reports of a child is at least what
 * the parent had when it started the child, and no runtime is as small as none. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "measure"
#include "program.h"

extern char **environ;

/* One run; nonzero when it failed. */
static int run(int index, char **command) {
  static char buffer[65536];
  int ends[2], status;
  pid_t child;
  posix_spawn_file_actions_t actions;
  struct rusage usage;

  if (pipe2(ends, O_CLOEXEC)) return die("no pipe for", command[0]);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);

  double start = microseconds();
  if (posix_spawn(&child, command[0], &actions, NULL, command, environ)) return die("cannot start", command[0]);
  close(ends[1]);
  long bytes = 0;
  ssize_t length;
  while ((length = read(ends[0], buffer, sizeof buffer)) > 0) bytes += length;
  if (wait4(child, &status, 0, &usage) != child) return die("cannot wait for", command[0]);
  double took = microseconds() - start;

  close(ends[0]);
  posix_spawn_file_actions_destroy(&actions);
  if (!WIFEXITED(status) || WEXITSTATUS(status)) return die("failed", command[0]);
  printf("%d\t%.1f\t%ld\t%ld\t%ld\n", index, took, usage.ru_maxrss, usage.ru_minflt + usage.ru_majflt, bytes);
  return 0;
}

int main(int count, char **arguments) {
  static char **commands[64];
  int known = 0;
  int rounds = count > 2 ? atoi(arguments[1]) : 0;
  for (int at = 2; at < count; at++) {
    if (strcmp(arguments[at], "--")) continue;
    arguments[at] = NULL; /* ends the command before */
    if (at + 1 < count && known < 64) commands[known++] = arguments + at + 1;
  }
  if (!rounds || !known) return die("usage", "measure ROUNDS -- COMMAND... -- COMMAND...");
  for (int round = 0; round < rounds; round++)
    for (int turn = 0; turn < known; turn++) {
      int index = (round + turn) % known;
      if (run(index, commands[index])) return 1;
    }
  return 0;
}
