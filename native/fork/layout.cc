#include "fork/layout.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "fork/libuv.h"
#include "fork/raw.h"

namespace {

#if defined(__GLIBC__)
// struct pthread is 2,304 bytes in glibc 2.36 on x86-64; what is wanted lies well inside.
constexpr ptrdiff_t kDescriptorSize = 2048;
constexpr bool kTidIsCleared = true;
#else
// In musl it is 200 bytes, with little that is mapped behind it. The kernel does not clear the id
// in it when a thread ends, but the lock of the list of threads.
constexpr ptrdiff_t kDescriptorSize = 192;
constexpr bool kTidIsCleared = false;
#endif
// How far above a thread's first frame musl keeps its start_args, in which the start routine is.
constexpr ptrdiff_t kStartArgs = 512;

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

// Where one of the words of a thread's descriptor is; counts them.
struct Place {
  ptrdiff_t offset = 0;
  int count = 0;

  void Note(ptrdiff_t at) { offset = at, count++; }
};

struct Probe {
  ptrdiff_t descriptor = 0;
  ptrdiff_t expected_tid = 0;  // where the main thread has its own
  ptrdiff_t tid = 0;
  Place start_routine;
  Place stack_top;
  ptrdiff_t start_below = 0;
  uintptr_t depth = 0;
  bool own_tid_there = false;
};

// musl notes in the descriptor, one after the other, where the memory that it has mapped for a thread begins, how large it
// is, and where the stack in it begins. There it puts the start routine: struct start_args in pthread_create.c.
void FindStartArgs(Probe* probe, const char* frame, void* routine) {
  constexpr ptrdiff_t kSize = 32;
  const char* self = raw::ThreadPointer();
  const Extent descriptor;
  for (const char* at = frame; at < frame + kStartArgs; at += sizeof(void*)) {
    if (*reinterpret_cast<void* const*>(at) != routine) continue;
    probe->start_below = kSize;
    for (ptrdiff_t word = descriptor.start + 16; word < descriptor.end; word += sizeof(void*)) {
      const auto* words = reinterpret_cast<const uintptr_t*>(self + word);
      const uintptr_t base = words[-2], size = words[-1], place = reinterpret_cast<uintptr_t>(at);
      if (words[0] == place + kSize && base < place && place < base + size) probe->stack_top.Note(word);
    }
  }
}

void* ProbeThread(void* argument) {
  Probe* probe = static_cast<Probe*>(argument);
  char* self = raw::ThreadPointer();
  const char* frame = static_cast<char*>(__builtin_frame_address(0));
  probe->depth = self - frame;
  Extent descriptor;
  probe->descriptor = descriptor.start;
  probe->tid = kTidIsCleared ? TidAddress() - self : probe->expected_tid;
  probe->own_tid_there =
      descriptor.Contains(probe->tid) && *reinterpret_cast<int*>(self + probe->tid) == raw::Call(SYS_gettid);
  void* routine = reinterpret_cast<void*>(ProbeThread);
  for (ptrdiff_t at = descriptor.start; at < descriptor.end; at += sizeof(void*))
    if (*reinterpret_cast<void**>(self + at) == routine) probe->start_routine.Note(at);
  if (probe->start_routine.count == 0) FindStartArgs(probe, frame, routine);
  return nullptr;
}

// Where the main thread's descriptor has its id. musl has the kernel clear a lock instead when a thread ends.
bool FindTid(const Extent& descriptor, ptrdiff_t* tid) {
  char* self = raw::ThreadPointer();
  if (kTidIsCleared) return *tid = TidAddress() - self, true;
  Place place;
  for (ptrdiff_t at = descriptor.start; at < descriptor.end; at += sizeof(int))
    if (*reinterpret_cast<int*>(self + at) == getpid()) place.Note(at);
  *tid = place.offset;
  return place.count == 1;
}

Refusal MeasureFreshThread(Layout* layout) {
  if (raw::HasShadowStack()) return Disagrees("shadow stacks are on (GLIBC_TUNABLES switches them off)");
  Extent descriptor;
  char* self = raw::ThreadPointer();
  if (TidAddress() == nullptr) return Disagrees("prctl(PR_GET_TID_ADDRESS) is not available");
  if (!FindTid(descriptor, &layout->tid)) return Disagrees("the main thread's id is not in its descriptor, or more than once");

  Probe probe;
  probe.expected_tid = layout->tid;
  pthread_t thread;
  if (int error = pthread_create(&thread, nullptr, ProbeThread, &probe)) return Refusal::Failed("pthread_create", -error);
  pthread_join(thread, nullptr);

  if (probe.descriptor != descriptor.start) return Disagrees("two threads have their descriptor at different offsets");
  if (!descriptor.Contains(layout->tid)) return Disagrees("the thread id lies outside the descriptor");
  if (*DescriptorTid(*layout, self) != getpid()) return Disagrees("the main thread's id is not in its descriptor");
  if (probe.tid != layout->tid) return Disagrees("two threads keep their id at different offsets");
  if (!probe.own_tid_there) return Disagrees("a fresh thread's id is not in its descriptor");
  const Place& start = probe.start_below == 0 ? probe.start_routine : probe.stack_top;
  if (start.count != 1) return Disagrees("the start routine is not in the descriptor, or more than once");
  layout->start_routine = start.offset;
  layout->start_below = probe.start_below;
  layout->base_depth = probe.depth;
  return {};
}

}  // namespace

Refusal MeasureLayout(int timeout_ms, Layout* layout) {
  if (Refusal refusal = MeasureFreshThread(layout)) return refusal;
  return MeasureLibuv(timeout_ms, layout);
}
