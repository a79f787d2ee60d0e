#include "fork/attempt.h"

#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <uv.h>

#include <cerrno>

#include "fork/context.h"
#include "fork/descriptors.h"
#include "fork/loop.h"
#include "fork/memory.h"
#include "fork/raw.h"
#include "fork/threads.h"

// The order of the steps; each is a file of its own, and docs/fork.md counts them in the same way. From ParkThreads to
// ReleaseThreads the other threads stand still anywhere, perhaps with malloc's lock: only raw system calls are made, by
// files of the target prefork_raw in binding.gyp alone. Each call that leaves them is an exception, and says why it may:
// ForgetSignals (loop.cc), CurrentIsolate (park.cc), and the C library's memcpy and memset, which the compiler puts in.

ForkContext fork_context;

namespace {

constexpr int kChildStartMs = 10000;

// A sibling is not this process's to wait for, but anybody's pidfd of an ended process is readable. pidfd_open(2).
bool HasEnded(pid_t child) {
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

// Step 5. What the kernel clears when the thread ends is the descriptor's id to glibc, and a lock to musl. A sibling is
// sent the signal of the parent's death that this process asked for, which no child inherits: PR_SET_PDEATHSIG.
pid_t Clone(bool as_sibling) {
  int death_signal = 0;
  if (as_sibling) raw::Call(SYS_prctl, PR_GET_PDEATHSIG, &death_signal, 0, 0, 0);
  int* tid = DescriptorTid(fork_context.layout, raw::ThreadPointer());
  int* clear_at_end = nullptr;
  raw::Call(SYS_prctl, PR_GET_TID_ADDRESS, &clear_at_end, 0, 0, 0);
  unsigned long flags = SIGCHLD | CLONE_CHILD_SETTID | (as_sibling ? CLONE_PARENT : 0);
  pid_t pid = raw::CloneProcess(flags, tid);
  if (pid == 0) raw::Call(SYS_set_tid_address, clear_at_end);
  if (pid == 0 && death_signal != 0) raw::Call(SYS_prctl, PR_SET_PDEATHSIG, death_signal, 0, 0, 0);
  return pid;
}

Refusal StartChild(const ForkRequest& request, const RobustList& robust_list) {
  InstallRobustList(robust_list);
  ForgetParkedThreads();
  uv_loop_t* loop = request.loop;
  DescriptorPlan plan{loop->signal_pipefd[0], request.keep_sockets, request.keep_count};
  if (Refusal refusal = ReplaceDescriptors(plan)) return refusal;
  ForgetSignals(loop);
  DisinheritHeap();
  HoldWorkers();
  return ResumeThreads();
}

// In the parent, after an attempt.
void LetGo(const ForkRequest& request) {
  if (request.rest_workers) ReleaseBusyThreads(IsIdleWorker);
  else ReleaseThreads();
}

}  // namespace

ChildStart* ChildStart::Create() {
  long memory = raw::Call(SYS_mmap, nullptr, sizeof(ChildStart), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory < 0 && memory > -4096 ? nullptr : reinterpret_cast<ChildStart*>(memory);
}

void ChildStart::Unmap() { raw::Call(SYS_munmap, this, sizeof(ChildStart)); }

void ChildStart::Tell(const Refusal& outcome) {
  refusal = outcome;
  state = kDone;
  raw::Call(SYS_futex, &state, FUTEX_WAKE, 1);
}

Refusal ChildStart::Await(pid_t child) {
  timespec moment{0, 20000000};
  for (int waited = 0; state == kUnderWay; waited += 20) {
    raw::Call(SYS_futex, &state, FUTEX_WAIT, kUnderWay, &moment);
    bool failed = HasEnded(child) || waited > kChildStartMs;
    if (state == kUnderWay && failed) return {Cause::kSystemCall, EAGAIN, "fork", 0};
  }
  return refusal;
}

Refusal AttemptFork(const ForkRequest& request, bool accept_unclassified, ChildStart* start, pid_t* pid) {
  // First, since the kernel thread of a ring would not park.
  if (Refusal refusal = CheckDescriptors()) return refusal;
  if (Refusal refusal = ParkThreads(request.timeout_ms)) return refusal;

  RobustList robust_list = OwnRobustList();
  Refusal refusal = LookAtThreads(accept_unclassified);
  if (refusal) return ReleaseBusyThreads(IsIdleWorker), refusal;
  refusal = InheritMemory();
  if (refusal) return LetGo(request), refusal;

  *pid = Clone(request.as_sibling);
  if (*pid == 0) {
    refusal = StartChild(request, robust_list);
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
