#include "fork/fork.h"

#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include <atomic>
#include <cerrno>

#include "fork/descriptors.h"
#include "fork/layout.h"
#include "fork/loop.h"
#include "fork/memory.h"
#include "fork/park.h"
#include "fork/raw.h"
#include "fork/threads.h"
#include "fork/workers.h"

// The order of the steps; each is a file of its own. From ParkThreads to ReleaseThreads the other threads stand
// still anywhere, perhaps with malloc's lock: only raw system calls are made.

namespace {

constexpr int kChildStartMs = 10000;

Layout layout;
bool layout_measured = false;

// All signals, the C library's own included, which pthread_sigmask would not block.
class BlockedSignals {
 public:
  PREFORK_RAW BlockedSignals() {
    uint64_t all = ~0ull;
    raw::Call(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old_, 8);
  }
  PREFORK_RAW ~BlockedSignals() { raw::Call(SYS_rt_sigprocmask, SIG_SETMASK, &old_, nullptr, 8); }

 private:
  uint64_t old_;
};

// A sibling is not this process's to wait for, but anybody's pidfd of an ended process is readable. pidfd_open(2).
PREFORK_RAW bool HasEnded(pid_t child) {
  siginfo_t info{};
  long result = raw::Call(SYS_waitid, P_PID, child, &info, WEXITED | WNOHANG | WNOWAIT, nullptr);
  if (result != -ECHILD) return info.si_pid == child;
  long pidfd = raw::Call(SYS_pidfd_open, child, 0);
  if (pidfd < 0) return pidfd == -ESRCH;
  pollfd entry{static_cast<int>(pidfd), POLLIN, 0};
  timespec at_once{};
  result = raw::Call(SYS_ppoll, &entry, 1, &at_once, nullptr, 0);
  raw::Call(SYS_close, pidfd);
  return result > 0;
}

// What the child tells the parent about its start, in memory that both share.
struct Start {
  enum : uint32_t { kUnderWay, kDone };
  std::atomic<uint32_t> state;
  Refusal refusal;

  static PREFORK_RAW Start* Create() {
    long memory = raw::Call(SYS_mmap, nullptr, sizeof(Start), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory < 0 && memory > -4096 ? nullptr : reinterpret_cast<Start*>(memory);
  }
  PREFORK_RAW void Unmap() { raw::Call(SYS_munmap, this, sizeof(Start)); }

  PREFORK_RAW void Tell(const Refusal& outcome) {
    refusal = outcome;
    state = kDone;
    raw::Call(SYS_futex, &state, FUTEX_WAKE, 1);
  }

  // In the parent. A child that has died (killed, out of memory) says nothing.
  PREFORK_RAW Refusal Await(pid_t child) {
    timespec moment{0, 20000000};
    for (int waited = 0; state == kUnderWay; waited += 20) {
      raw::Call(SYS_futex, &state, FUTEX_WAIT, kUnderWay, &moment);
      bool failed = HasEnded(child) || waited > kChildStartMs;
      if (state == kUnderWay && failed) return {Cause::kSystemCall, EAGAIN, "fork", 0};
    }
    return refusal;
  }
};

// Start routines of threads that run no JavaScript. A Worker that is just starting has not entered its isolate yet:
// a thread of unknown kind that is at work gets a moment to show what it is.
constexpr int kMaxKinds = 64;
void* harmless_kinds[kMaxKinds];
int harmless_count = 0;

PREFORK_RAW bool IsHarmless(void* start_routine) {
  for (int i = 0; i < harmless_count; i++)
    if (harmless_kinds[i] == start_routine) return true;
  return false;
}

PREFORK_RAW void NoteHarmless(void* start_routine) {
  if (harmless_count < kMaxKinds && !IsHarmless(start_routine)) harmless_kinds[harmless_count++] = start_routine;
}

// The start routine of Workers, known from the first one that was seen to wait in its event loop.
void* worker_routine = nullptr;

// V8's helpers enter a Worker's isolate, too, while they work for it.
PREFORK_RAW bool IsWorker(const ParkedThread& thread, void* kind) {
  bool runs_javascript = thread.isolate != nullptr && thread.isolate != CurrentIsolate();
  return kind == worker_routine || (runs_javascript && !IsHarmless(kind));
}

// A Worker may be copied where it waits for work. In epoll_wait it owns no lock. In Atomics.wait it has given up the
// mutex of that wait; the JavaScript around it may have been called by something that owns another one, so it keeps
// its old id. One that computes would do in both processes what it does, and one
// that starts or ends has no isolate that could be told of the fork.
PREFORK_RAW bool WaitsForWork(const ParkedThread& worker) {
  bool waits = worker.isolate != nullptr && (worker.owns_no_lock || WaitsInAtomics(worker));
  return waits && HasNoRequests(worker);
}

PREFORK_RAW Refusal LookAtWorker(const ParkedThread& worker) {
  if (!CanCopyWorkers()) return {Cause::kNoWorkers, 0, "", worker.tid};
  return WaitsForWork(worker) ? Refusal{} : Refusal{Cause::kWorkerBusy, 0, "", worker.tid};
}

PREFORK_RAW void FindWorkers(ParkingLot* lot) {
  for (int i = 0; i < lot->count; i++) {
    ParkedThread& thread = lot->threads[i];
    void* kind = StartRoutine(layout, thread.thread_pointer);
    thread.is_worker = IsWorker(thread, kind);
    if (thread.is_worker && thread.isolate != nullptr && thread.owns_no_lock) worker_routine = kind;
  }
}

// While others are waited for, it stays parked, or a few Workers would hardly ever wait at the same time.
PREFORK_RAW bool IsIdleWorker(const ParkedThread& thread) {
  return thread.is_worker && thread.owns_no_lock && WaitsForWork(thread);
}

// In the parent, after an attempt.
PREFORK_RAW void LetGo(const ForkRequest& request) {
  if (request.rest_workers) ReleaseBusyThreads(IsIdleWorker);
  else ReleaseThreads();
}

PREFORK_RAW Refusal LookAtThreads(ParkingLot* lot, bool accept_newcomers) {
  FindWorkers(lot);
  for (int i = 0; i < lot->count; i++) {
    const ParkedThread& thread = lot->threads[i];
    void* kind = StartRoutine(layout, thread.thread_pointer);
    if (thread.is_worker) {
      if (Refusal refusal = LookAtWorker(thread)) return refusal;
      continue;
    }
    if (kind == layout.pool_routine && !thread.idle_in_start_routine) return {Cause::kPoolBusy, 0, "", thread.tid};
    if (thread.owns_no_lock || accept_newcomers) NoteHarmless(kind);
  }
  for (int i = 0; i < lot->count; i++)
    if (!lot->threads[i].is_worker && !IsHarmless(StartRoutine(layout, lot->threads[i].thread_pointer)))
      return {Cause::kNewcomer, 0, "", lot->threads[i].tid};
  return {};
}

PREFORK_RAW pid_t Clone(char* main_thread, bool as_sibling) {
  int* tid = DescriptorTid(layout, main_thread);
  unsigned long flags = SIGCHLD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | (as_sibling ? CLONE_PARENT : 0);
  return raw::CloneProcess(flags, tid);
}

PREFORK_RAW Refusal StartChild(const ForkRequest& request, const ParkedThread& main, ParkingLot* lot) {
  AdoptMainThread(main);
  ForgetParkedThreads();
  uv_loop_t* loop = request.loop;
  DescriptorPlan plan{loop->signal_pipefd[0], request.keep_sockets, request.keep_count};
  if (Refusal refusal = ReplaceDescriptors(plan)) return refusal;
  ForgetSignals(loop);
  DisinheritHeap();
  HoldWorkers(lot);
  return ResumeThreads(layout, lot);
}

PREFORK_RAW Refusal Attempt(const ForkRequest& request, bool accept_newcomers, Start* start, pid_t* pid) {
  // First, since the kernel thread of a ring would not park.
  if (Refusal refusal = CheckDescriptors()) return refusal;
  ParkingLot* lot;
  if (Refusal refusal = ParkThreads(layout, request.timeout_ms, &lot)) return refusal;

  ParkedThread main{};
  NoteMainThread(&main);
  Refusal refusal = LookAtThreads(lot, accept_newcomers);
  if (refusal) return ReleaseBusyThreads(IsIdleWorker), refusal;
  refusal = InheritMemory();
  if (refusal) return LetGo(request), refusal;

  *pid = Clone(raw::ThreadPointer(), request.as_sibling);
  if (*pid == 0) {
    refusal = StartChild(request, main, lot);
    start->Tell(refusal);
    if (refusal) raw::Call(SYS_exit_group, 1);
    return {};
  }
  DisinheritHeap();
  refusal = *pid < 0 ? Refusal::Failed("fork", *pid) : start->Await(*pid);
  if (refusal && *pid > 0) {
    raw::Call(SYS_kill, *pid, SIGKILL);
    raw::Call(SYS_wait4, *pid, nullptr, 0, nullptr);  // ECHILD for a sibling, which the common parent reaps
  }
  LetGo(request);
  return refusal;
}

}  // namespace

Refusal ForkKeepingThreads(const ForkRequest& request, pid_t* pid) {
  int tid = raw::Call(SYS_gettid);  // gettid(2) is a function of the C library only since glibc 2.30
  if (tid != getpid()) return {Cause::kNotMainThread, 0, "", tid};
  if (!layout_measured) {
    if (Refusal refusal = MeasureLayout(request.loop, request.timeout_ms, &layout)) return refusal;
    layout_measured = true;
  }
  Start* start = Start::Create();
  if (start == nullptr) return Refusal::Failed("mmap", -ENOMEM);

  // While the pool or a Worker works, let it: the child would do the same once more.
  Refusal refusal;
  int64_t waited_us = 0;
  for (useconds_t pause_us = 200;; pause_us = pause_us < 20000 ? pause_us * 2 : pause_us) {
    {
      BlockedSignals blocked;
      refusal = Attempt(request, waited_us > request.patience_ms * 1000ll, start, pid);
      if (!refusal && *pid == 0) RenewLoop(request.loop);
    }
    bool is_busy = refusal.cause == Cause::kPoolBusy || refusal.cause == Cause::kWorkerBusy;
    // The ring of a Worker that starts or ends changes while it is looked at.
    bool is_new_ring = refusal.cause == Cause::kIoUring && waited_us < request.patience_ms * 1000ll;
    bool may_pass = refusal.cause == Cause::kNewcomer || is_new_ring || (is_busy && waited_us < request.timeout_ms * 1000ll);
    if (!may_pass) break;
    usleep(pause_us);
    waited_us += pause_us;
  }
  if (!request.rest_workers) ReleaseKeptThreads();
  start->Unmap();
  return refusal;
}

Refusal SettleThreads(int timeout_ms, int* stale) {
  *stale = 0;
  if (!layout_measured) return {};
  for (int waited_ms = 0;; waited_ms++) {
    {
      BlockedSignals blocked;
      ParkingLot* lot;
      if (Refusal refusal = ParkThreads(layout, timeout_ms, &lot)) return *stale = 1, refusal;
      *stale = 0;
      for (int i = 0; i < lot->count; i++)
        if (*DescriptorTid(layout, lot->threads[i].thread_pointer) != lot->threads[i].tid) ++*stale;
      ReleaseThreads();
    }
    if (*stale == 0 || waited_ms >= timeout_ms) return {};
    usleep(1000);
  }
}
