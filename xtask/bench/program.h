/* What measure.c and crowd.c share. PROGRAM is the name of the one that includes it. */
#include <stdio.h>
#include <time.h>

static int die(const char *what, const char *which) {
  fprintf(stderr, PROGRAM ": %s: %s\n", what, which);
  return 1;
}

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}
