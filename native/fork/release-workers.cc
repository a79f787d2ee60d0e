#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "fork/context.h"
#include "fork/loop.h"
#include "v8-exports.h"

namespace {

// V8 calls this on the Worker's thread, in a handle scope of its own, at the first stack check of JavaScript: in the
// prologue of the first function that an event calls, or inside Atomics.wait, which a request wakes.
void RunScript(void* isolate, void* source) {
  void* context = V8CurrentContext(isolate);
  if (context == nullptr) return;
  void* text = V8NewString(isolate, static_cast<const char*>(source), 0, -1);
  void* script = text == nullptr ? nullptr : V8Compile(context, text, nullptr);
  if (script != nullptr) V8Run(script, context);
}

}  // namespace

bool CanCopyWorkers() {
  return V8RequestInterrupt != nullptr && V8CurrentContext != nullptr && V8NewString != nullptr &&
         V8Compile != nullptr && V8Run != nullptr;
}

void ReleaseWorkers(const char* source) {
  HeldWorkers& workers = fork_context.workers;
  if (workers.count == 0) return;
  char* kept = strdup(source);  // for as long as a Worker may come to it
  for (int i = 0; i < workers.count; i++) {
    const HeldWorkers::Worker& worker = workers.list[i];
    if (worker.loop != nullptr) ForgetSignals(worker.loop), RenewLoop(worker.loop);
    V8RequestInterrupt(worker.isolate, RunScript, kept);
  }
  workers.count = 0;
  workers.gate_closed = 0;
  ::syscall(SYS_futex, &workers.gate_closed, FUTEX_WAKE_PRIVATE, kMaxThreads, nullptr, nullptr, 0);
}
