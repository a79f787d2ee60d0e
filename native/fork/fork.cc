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
  result = raw::Call(SYS_poll, &entry, 1, 0);
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
constexpr int kNewcomerMs = 100;
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

PREFORK_RAW Refusal LookAtThreads(const ParkingLot& lot, bool accept_newcomers) {
  void* own_isolate = CurrentIsolate();
  for (int i = 0; i < lot.count; i++) {
    const ParkedThread& thread = lot.threads[i];
    void* kind = StartRoutine(layout, thread.thread_pointer);
    if (thread.isolate != nullptr && thread.isolate != own_isolate) return {Cause::kWorkersAlive, 0, "", thread.tid};
    if (kind == layout.pool_routine && !thread.idle_in_start_routine) return {Cause::kPoolBusy, 0, "", thread.tid};
    if (thread.owns_no_lock || accept_newcomers) NoteHarmless(kind);
  }
  for (int i = 0; i < lot.count; i++)
    if (!IsHarmless(StartRoutine(layout, lot.threads[i].thread_pointer)))
      return {Cause::kNewcomer, 0, "", lot.threads[i].tid};
  return {};
}

PREFORK_RAW pid_t Clone(char* main_thread, bool as_sibling) {
  int* tid = DescriptorTid(layout, main_thread);
  unsigned long flags = SIGCHLD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | (as_sibling ? CLONE_PARENT : 0);
  return raw::Call(SYS_clone, flags, nullptr, nullptr, tid, 0);
}

PREFORK_RAW Refusal StartChild(const ForkRequest& request, const ParkedThread& main, ParkingLot* lot) {
  AdoptMainThread(main);
  ForgetParkedThreads();
  uv_loop_t* loop = request.loop;
  DescriptorPlan plan{loop->signal_pipefd[0], loop->inotify_fd, request.keep_sockets, request.keep_count};
  if (Refusal refusal = ReplaceDescriptors(plan)) return refusal;
  ForgetSignals(loop);
  DisinheritHeap();
  return ResumeThreads(layout, lot);
}

PREFORK_RAW Refusal Attempt(const ForkRequest& request, bool accept_newcomers, Start* start, pid_t* pid) {
  // First, since the kernel thread of a ring would not park.
  if (Refusal refusal = CheckDescriptors()) return refusal;
  ParkingLot* lot;
  if (Refusal refusal = ParkThreads(layout, request.timeout_ms, &lot)) return refusal;

  ParkedThread main{};
  NoteMainThread(&main);
  Refusal refusal = LookAtThreads(*lot, accept_newcomers);
  if (!refusal) refusal = InheritMemory();
  if (refusal) return ReleaseThreads(), refusal;

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
  ReleaseThreads();
  return refusal;
}

}  // namespace

Refusal ForkKeepingThreads(const ForkRequest& request, pid_t* pid) {
  if (gettid() != getpid()) return {Cause::kNotMainThread, 0, "", gettid()};
  if (!layout_measured) {
    if (Refusal refusal = MeasureLayout(request.loop, request.timeout_ms, &layout)) return refusal;
    layout_measured = true;
  }
  Start* start = Start::Create();
  if (start == nullptr) return Refusal::Failed("mmap", -ENOMEM);

  // While the pool works, let it: the child would do the same input and output once more.
  Refusal refusal;
  int64_t waited_us = 0;
  for (useconds_t pause_us = 200;; pause_us = pause_us < 20000 ? pause_us * 2 : pause_us) {
    {
      BlockedSignals blocked;
      refusal = Attempt(request, waited_us > kNewcomerMs * 1000, start, pid);
      if (!refusal && *pid == 0) RenewLoop(request.loop);
    }
    bool may_pass = refusal.cause == Cause::kNewcomer || (refusal.cause == Cause::kPoolBusy && waited_us < request.timeout_ms * 1000ll);
    if (!may_pass) break;
    usleep(pause_us);
    waited_us += pause_us;
  }
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
