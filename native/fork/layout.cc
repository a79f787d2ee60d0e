#include "fork/layout.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "fork/libuv.h"
#include "fork/raw.h"

namespace {

// struct pthread is 2,304 bytes in glibc 2.36 on x86-64; what is wanted lies well inside.
constexpr ptrdiff_t kDescriptorSize = 2048;

// The calling thread's descriptor, as offsets from its thread pointer: begins at pthread_self(). On x86-64 that is the
// thread pointer itself; on aarch64 the descriptor lies below it. (The two variants of thread-local storage, which
// "ELF Handling For Thread-Local Storage" by U. Drepper defines.)
struct Extent {
  ptrdiff_t start, end;

  Extent() {
    start = reinterpret_cast<char*>(pthread_self()) - raw::ThreadPointer();
    end = start < 0 && start + kDescriptorSize > 0 ? 0 : start + kDescriptorSize;
  }
  bool Contains(ptrdiff_t offset) const { return offset >= start && offset < end; }
};

Refusal Disagrees(const char* what) { return {Cause::kSelfTest, 0, what, 0}; }

// Where the kernel will write 0 when this thread ends: the descriptor's tid. PR_GET_TID_ADDRESS in prctl(2).
char* TidAddress() {
  char* address = nullptr;
  return prctl(PR_GET_TID_ADDRESS, &address) == 0 ? address : nullptr;
}

struct Probe {
  ptrdiff_t descriptor = 0;
  ptrdiff_t tid = 0;
  ptrdiff_t start_routine = 0;
  int start_routines = 0;  // at how many offsets it was found
  uintptr_t depth = 0;
  bool own_tid_there = false;
};

void* ProbeThread(void* argument) {
  Probe* probe = static_cast<Probe*>(argument);
  char* self = raw::ThreadPointer();
  probe->depth = self - static_cast<char*>(__builtin_frame_address(0));
  probe->tid = TidAddress() - self;
  Extent descriptor;
  probe->descriptor = descriptor.start;
  probe->own_tid_there =
      descriptor.Contains(probe->tid) && *reinterpret_cast<int*>(self + probe->tid) == raw::Call(SYS_gettid);
  for (ptrdiff_t at = descriptor.start; at < descriptor.end; at += sizeof(void*)) {
    if (*reinterpret_cast<void**>(self + at) != reinterpret_cast<void*>(ProbeThread)) continue;
    probe->start_routine = at;
    probe->start_routines++;
  }
  return nullptr;
}

Refusal MeasureFreshThread(Layout* layout) {
  if (raw::HasShadowStack()) return Disagrees("shadow stacks are on (GLIBC_TUNABLES switches them off)");
  Extent descriptor;
  char* self = raw::ThreadPointer();
  char* tid = TidAddress();
  if (tid == nullptr) return Disagrees("prctl(PR_GET_TID_ADDRESS) is not available");
  layout->tid = tid - self;

  Probe probe;
  pthread_t thread;
  if (int error = pthread_create(&thread, nullptr, ProbeThread, &probe)) return Refusal::Failed("pthread_create", -error);
  pthread_join(thread, nullptr);

  if (probe.descriptor != descriptor.start) return Disagrees("two threads have their descriptor at different offsets");
  if (!descriptor.Contains(layout->tid)) return Disagrees("the thread id lies outside the descriptor");
  if (*DescriptorTid(*layout, self) != getpid()) return Disagrees("the main thread's id is not in its descriptor");
  if (probe.tid != layout->tid) return Disagrees("two threads keep their id at different offsets");
  if (!probe.own_tid_there) return Disagrees("a fresh thread's id is not in its descriptor");
  if (probe.start_routines != 1) return Disagrees("the start routine is not in the descriptor, or more than once");
  layout->start_routine = probe.start_routine;
  layout->base_depth = probe.depth;
  return {};
}

}  // namespace

Refusal MeasureLayout(int timeout_ms, Layout* layout) {
  if (Refusal refusal = MeasureFreshThread(layout)) return refusal;
  return MeasureLibuv(timeout_ms, layout);
}
