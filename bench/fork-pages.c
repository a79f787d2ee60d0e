// What fork(2) costs a process of 500 MB by the kind of its memory, in milliseconds of processor time, as JSON:
// cc -O1 -o /tmp/fork-pages bench/fork-pages.c && /tmp/fork-pages
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE (500ul << 20)
#define HUGE (2ul << 20)
#define PAGE 4096
#define ROUNDS 15

static double cpu_ms(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_stime.tv_sec + used.ru_utime.tv_sec) * 1e3 + (used.ru_stime.tv_usec + used.ru_utime.tv_usec) / 1e3;
}

static int by_size(const void* a, const void* b) {
  double difference = *(const double*)a - *(const double*)b;
  return difference < 0 ? -1 : difference > 0;
}

static char* anonymous(int advice, size_t mappings) {
  char* memory = mmap(NULL, SIZE + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memory = (char*)(((size_t)memory + HUGE - 1) & ~(HUGE - 1));
  madvise(memory, SIZE, advice);
  // Neighbours with other rights are mappings of their own.
  size_t part = SIZE / mappings / PAGE * PAGE;
  for (size_t i = 0; i + 1 < mappings; i += 2) mprotect(memory + i * part, part, PROT_READ);
  for (size_t i = 0; i + 1 < mappings; i += 2) mprotect(memory + i * part, part, PROT_READ | PROT_WRITE | PROT_EXEC);
  for (size_t at = 0; at < SIZE; at += PAGE) memory[at] = 1;
  return memory;
}

// Of a file that holds the content already: nothing of it was written by this mapping.
static char* of_file(void) {
  int fd = memfd_create("fork-pages", MFD_CLOEXEC);
  if (ftruncate(fd, SIZE) != 0) exit(1);
  char* writing = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  for (size_t at = 0; at < SIZE; at += PAGE) writing[at] = 1;
  munmap(writing, SIZE);
  volatile char* memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  for (size_t at = 0; at < SIZE; at += PAGE) (void)memory[at];
  return (char*)memory;
}

static double fork_ms(void) {
  double times[ROUNDS];
  for (int i = 0; i < ROUNDS; i++) {
    double before = cpu_ms();
    pid_t child = fork();
    if (child == 0) _exit(0);
    times[i] = cpu_ms() - before;
    waitpid(child, NULL, 0);
  }
  qsort(times, ROUNDS, sizeof *times, by_size);
  return times[ROUNDS / 2];
}

// The child's first write to a page, in each 2 MB of it.
static double write_us(char* memory) {
  double* shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (child == 0) {
    double before = cpu_ms();
    for (size_t at = 0; at < SIZE; at += HUGE) memory[at] = 2;
    *shared = (cpu_ms() - before) * 1e3 / (SIZE / HUGE);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  return *shared;
}

static void measure(const char* kind, char* memory) {
  printf("{ \"memory\": \"%s\", \"forkMs\": %.2f, ", kind, fork_ms());
  printf("\"firstWriteUs\": %.1f }\n", write_us(memory));
  fflush(stdout);
  munmap(memory, SIZE);
}

int main(void) {
  measure("4 KiB pages", anonymous(MADV_NOHUGEPAGE, 1));
  measure("4 KiB pages, 2000 mappings", anonymous(MADV_NOHUGEPAGE, 2000));
  measure("huge pages", anonymous(MADV_HUGEPAGE, 1));
  measure("a file's, private", of_file());
}
