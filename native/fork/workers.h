#pragma once
#include <atomic>

#include "fork/park.h"

// Steps 3, 7 and 9 for Workers (worker_threads). A Worker's thread is copied like any other where it waits for work:
// in epoll_wait or in Atomics.wait. Its isolate has copied its parent's process id and random numbers, so it must not
// run the app's code before it has got its own: until then it is held at a gate.

// Waits of Workers on a condition, by the place on their stacks.
struct RecentWaits {
  struct Wait {
    int tid;
    uintptr_t sp;
    int64_t since_us;
  };
  Wait ring[64];
  int next;
};

struct uv_loop_s;

struct HeldWorkers {
  struct Worker {
    void* isolate;
    uv_loop_s* loop;  // null: not found
  };
  Worker list[kMaxThreads];
  int count;
  std::atomic<uint32_t> gate_closed;  // futex
};

// Whether this Node exports what ReleaseWorkers needs of V8.
bool CanCopyWorkers();

// Whether a parked Worker waits in Atomics.wait: V8 waits on conditions, too, for its helpers, but briefly. So it must
// have been seen in the same wait some milliseconds ago; where that was once so, it is known again at once.
bool WaitsInAtomics(const ParkedThread& worker);

// Whether a parked Worker waits for work with nothing of its own under way in the thread pool or the kernel. What it
// waits for there would come to both processes: they would read on in the same file.
bool HasNoRequests(const ParkedThread& worker);

// In the child, before the threads are resumed: notes the Workers among them, and closes the gate.
void HoldWorkers();

// On a resumed Worker's thread, before it goes on: waits until the gate is open.
void WaitAtGate();

// In the child, on the main thread: renews the event loops of the held Workers, has each of them run `source` as a
// script before any other JavaScript, and opens the gate. An exception of the script is lost.
void ReleaseWorkers(const char* source);
