// A process of a wanted size that forks with the C library's fork, to compare with: `c-fork MEGABYTES`.
// For each byte of standard input it forks once, and prints the two times in microseconds: until fork() has returned,
// and until the child has sent a byte. Its pages are 4 KiB ones, as V8's heap has them, each written to.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char** argv) {
  size_t size = (argc > 1 ? strtoul(argv[1], NULL, 10) : 50) << 20;
  char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return perror("mmap"), 1;
  madvise(memory, size, MADV_NOHUGEPAGE);
  memset(memory, 1, size);
  puts("ready");
  fflush(stdout);
  for (char byte; read(0, &byte, 1) == 1;) {
    int ends[2];
    if (pipe(ends) != 0) return perror("pipe"), 1;
    double start = now();
    pid_t pid = fork();
    if (pid == 0) {
      if (write(ends[1], "x", 1) != 1) _exit(1);
      _exit(0);
    }
    double returned = now();
    if (pid < 0 || read(ends[0], &byte, 1) != 1) return perror("fork"), 1;
    printf("%.1f %.1f\n", returned - start, now() - start);
    fflush(stdout);
    waitpid(pid, NULL, 0);
    close(ends[0]);
    close(ends[1]);
  }
}
