#include "fork/fork.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "fork/attempt.h"
#include "fork/context.h"
#include "fork/loop.h"

namespace {

// All signals, the C library's own included, which pthread_sigmask would not block.
class BlockedSignals {
 public:
  BlockedSignals() {
    uint64_t all = ~0ull;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old_, sizeof old_);
  }
  ~BlockedSignals() { ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old_, nullptr, sizeof old_); }

 private:
  uint64_t old_;
};

// Step 1.
Refusal MeasureOnce(int timeout_ms) {
  if (fork_context.layout_measured) return {};
  if (Refusal refusal = MeasureLayout(timeout_ms, &fork_context.layout)) return refusal;
  fork_context.can_copy_workers = CanCopyWorkers();
  fork_context.layout_measured = true;
  return {};
}

}  // namespace

Refusal ForkKeepingThreads(const ForkRequest& request, pid_t* pid) {
  int tid = ::syscall(SYS_gettid);  // gettid(2) is a function of the C library only since glibc 2.30
  if (tid != getpid()) return {Cause::kNotMainThread, 0, "", tid};
  if (Refusal refusal = MeasureOnce(request.timeout_ms)) return refusal;
  ChildStart* start = ChildStart::Create();
  if (start == nullptr) return Refusal::Failed("mmap", -ENOMEM);

  // While the pool or a Worker works, let it: the child would do the same once more.
  Refusal refusal;
  int64_t waited_us = 0;
  for (useconds_t pause_us = 200;; pause_us = pause_us < 20000 ? pause_us * 2 : pause_us) {
    const bool threads_timed_out = waited_us > request.threads_timeout_ms * 1000ll;
    {
      BlockedSignals blocked;
      refusal = AttemptFork(request, threads_timed_out, start, pid);
      if (!refusal && *pid == 0) RenewLoop(request.loop);
    }
    bool is_busy = refusal.cause == Cause::kPoolBusy || refusal.cause == Cause::kWorkerBusy;
    // The ring of a Worker that starts or ends changes while it is looked at.
    bool is_new_ring = refusal.cause == Cause::kIoUring && waited_us < request.threads_timeout_ms * 1000ll;
    bool may_pass = refusal.cause == Cause::kUnclassifiedThread || is_new_ring ||
                    (is_busy && waited_us < request.timeout_ms * 1000ll);
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
  if (!fork_context.layout_measured) return {};
  for (int waited_ms = 0;; waited_ms++) {
    {
      BlockedSignals blocked;
      if (Refusal refusal = ParkThreads(timeout_ms)) return *stale = 1, refusal;
      *stale = 0;
      for (const ParkedThread& thread : fork_context.parking.threads)
        if (*DescriptorTid(fork_context.layout, thread.thread_pointer) != thread.tid) ++*stale;
      ReleaseThreads();
    }
    if (*stale == 0 || waited_ms >= timeout_ms) return {};
    usleep(1000);
  }
}
