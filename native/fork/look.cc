#include "fork/look.h"

#include "fork/context.h"

namespace {

bool IsHarmless(void* start_routine) {
  const ThreadKinds& kinds = fork_context.kinds;
  for (int i = 0; i < kinds.harmless_count; i++)
    if (kinds.harmless[i] == start_routine) return true;
  return false;
}

void NoteHarmless(void* start_routine) {
  ThreadKinds& kinds = fork_context.kinds;
  constexpr int kMost = sizeof kinds.harmless / sizeof *kinds.harmless;
  if (kinds.harmless_count < kMost && !IsHarmless(start_routine)) kinds.harmless[kinds.harmless_count++] = start_routine;
}

void* KindOf(const ParkedThread& thread) { return StartRoutine(fork_context.layout, thread.thread_pointer); }

// V8's helpers enter a Worker's isolate, too, while they work for it.
bool IsWorker(const ParkedThread& thread) {
  bool runs_javascript = thread.isolate != nullptr && thread.isolate != CurrentIsolate();
  void* kind = KindOf(thread);
  return kind == fork_context.kinds.worker || (runs_javascript && !IsHarmless(kind));
}

// A Worker may be copied where it waits for work. In epoll_wait it owns no lock. In Atomics.wait it has given up the
// mutex of that wait; the JavaScript around it may have been called by something that owns another one, so it keeps
// its old id. One that computes would do in both processes what it does, and one that starts or ends has no isolate
// that could be told of the fork.
bool WaitsForWork(const ParkedThread& worker) {
  bool waits = worker.isolate != nullptr && (worker.owns_no_lock || WaitsInAtomics(worker));
  return waits && HasNoRequests(worker);
}

void FindWorkers() {
  for (ParkedThread& thread : fork_context.parking.threads) {
    thread.is_worker = IsWorker(thread);
    if (thread.is_worker && thread.isolate != nullptr && thread.owns_no_lock) fork_context.kinds.worker = KindOf(thread);
  }
}

Refusal LookAt(const ParkedThread& thread, bool accept_unclassified) {
  if (thread.is_worker) {
    if (!fork_context.can_copy_workers) return {Cause::kNoWorkers, 0, "", thread.tid};
    return WaitsForWork(thread) ? Refusal{} : Refusal{Cause::kWorkerBusy, 0, "", thread.tid};
  }
  void* kind = KindOf(thread);
  bool in_pool = kind == fork_context.layout.pool_routine;
  if (in_pool && !thread.idle_in_start_routine) return {Cause::kPoolBusy, 0, "", thread.tid};
  if (thread.owns_no_lock || accept_unclassified) NoteHarmless(kind);
  return {};
}

}  // namespace

Refusal LookAtThreads(bool accept_unclassified) {
  FindWorkers();
  for (const ParkedThread& thread : fork_context.parking.threads)
    if (Refusal refusal = LookAt(thread, accept_unclassified)) return refusal;
  // Only now: an idle thread of the same kind may stand further down in the list.
  for (const ParkedThread& thread : fork_context.parking.threads)
    if (!thread.is_worker && !IsHarmless(KindOf(thread))) return {Cause::kUnclassifiedThread, 0, "", thread.tid};
  return {};
}

bool IsIdleWorker(const ParkedThread& thread) { return thread.is_worker && thread.owns_no_lock && WaitsForWork(thread); }
