// Interim: the C library's fork with V8's heap made inheritable. The real one replaces this file.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>

#include "capabilities.h"

static Napi::Value Fork(const Napi::CallbackInfo& info) {
  FILE* maps = fopen("/proc/self/maps", "re");
  unsigned long start, end;
  char line[512];
  while (fgets(line, sizeof line, maps))
    if (sscanf(line, "%lx-%lx", &start, &end) == 2)
      madvise(reinterpret_cast<void*>(start), end - start, MADV_DOFORK);
  fclose(maps);
  return Napi::Number::New(info.Env(), fork());
}

void InitFork(Napi::Env env, Napi::Object exports) {
  exports.Set("fork", Napi::Function::New(env, Fork, "fork"));
}
