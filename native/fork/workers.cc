#include "fork/workers.h"

#include <linux/futex.h>
#include <time.h>
#include <uv.h>

#include "fork/context.h"
#include "fork/raw.h"

namespace {

// Longer than V8 waits for its helpers to end their part of a collection.
constexpr int64_t kLongWaitUs = 5000;

int64_t NowUs() {
  timespec now;
  raw::Call(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000ll + now.tv_nsec / 1000;
}

// Node keeps a Worker's event loop on the Worker's stack (WorkerThreadData in node_worker.cc). It is found by handles
// that are a part of it and point back to it.
uv_loop_t* LoopOf(const ParkedThread& worker) {
  char* end = worker.thread_pointer - sizeof(uv_loop_t);
  for (char* at = reinterpret_cast<char*>((raw::Registers(worker.context).sp + 7) & ~7ul); at < end; at += 8) {
    uv_loop_t* loop = reinterpret_cast<uv_loop_t*>(at);
    if (loop->wq_async.loop == loop && loop->wq_async.type == UV_ASYNC && loop->child_watcher.loop == loop &&
        loop->child_watcher.type == UV_SIGNAL)
      return loop;
  }
  return nullptr;
}

}  // namespace

bool WaitsInAtomics(const ParkedThread& worker) {
  if (!worker.waits_on_condition) return false;
  RecentWaits& waits = fork_context.waits;
  constexpr int kMost = sizeof waits.ring / sizeof *waits.ring;
  uintptr_t sp = raw::Registers(worker.context).sp;
  for (const RecentWaits::Wait& wait : waits.ring)
    if (wait.tid == worker.tid && wait.sp == sp) return NowUs() - wait.since_us >= kLongWaitUs;
  waits.ring[waits.next] = {worker.tid, sp, NowUs()};
  waits.next = (waits.next + 1) % kMost;
  return false;
}

bool HasNoRequests(const ParkedThread& worker) {
  const uv_loop_t* loop = LoopOf(worker);
  return loop == nullptr || loop->active_reqs.count == 0;
}

void HoldWorkers() {
  HeldWorkers& workers = fork_context.workers;
  workers.count = 0;
  for (const ParkedThread& thread : fork_context.parking.threads)
    if (thread.is_worker) workers.list[workers.count++] = {thread.isolate, LoopOf(thread)};
  workers.gate_closed = workers.count > 0;
}

void WaitAtGate() {
  std::atomic<uint32_t>& gate_closed = fork_context.workers.gate_closed;
  while (gate_closed) raw::Call(SYS_futex, &gate_closed, FUTEX_WAIT_PRIVATE, 1, nullptr);
}
