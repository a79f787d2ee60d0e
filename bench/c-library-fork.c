// The C library's fork of this very process, to compare with. V8 keeps its heap from children; here it is handed down
// as fork() of prefork does, so that both copy the same page tables. The child does nothing but send a byte: more than
// that a plain copy of Node could hardly do.
#include <node_api.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void hand_down_the_heap(void) {
  FILE* maps = fopen("/proc/self/maps", "re");
  unsigned long start, end;
  for (char line[512]; fgets(line, sizeof line, maps);)
    if (sscanf(line, "%lx-%lx", &start, &end) == 2) madvise((void*)start, end - start, MADV_DOFORK);
  fclose(maps);
}

// Returns two times in microseconds: until fork() has returned, and until the child has sent its byte.
static napi_value fork_once(napi_env env, napi_callback_info info) {
  int ends[2];
  char byte = 'x';
  if (pipe(ends) != 0) return NULL;
  hand_down_the_heap();
  double start = now();
  pid_t pid = fork();
  if (pid == 0) _exit(write(ends[1], &byte, 1) != 1);
  double returned = now();
  if (read(ends[0], &byte, 1) != 1) return NULL;
  double heard = now();
  waitpid(pid, NULL, 0);
  close(ends[0]);
  close(ends[1]);
  napi_value times, value;
  napi_create_array(env, &times);
  napi_create_double(env, returned - start, &value);
  napi_set_element(env, times, 0, value);
  napi_create_double(env, heard - start, &value);
  napi_set_element(env, times, 1, value);
  return times;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "forkOnce", NAPI_AUTO_LENGTH, fork_once, NULL, &function);
  napi_set_named_property(env, exports, "forkOnce", function);
  return exports;
}
