#include "fork/threads.h"

#include <linux/futex.h>
#include <linux/rseq.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "fork/context.h"
#include "fork/raw.h"

// Where the C library has registered its rseq(2) area for each thread, as <sys/rseq.h> declares it. glibc 2.35 and newer
// have these; the addon also loads where they are missing.
extern "C" {
extern __attribute__((weak)) const ptrdiff_t __rseq_offset;
extern __attribute__((weak)) const unsigned int __rseq_size;
}

namespace {

constexpr unsigned long kFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                                 CLONE_SETTLS | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID;

// The old registration was the old thread's. The area's size is what the C library registered: at least 32 bytes.
void RegisterRseq(char* thread_pointer) {
  if (&__rseq_size == nullptr || __rseq_size == 0) return;
  struct rseq* area = reinterpret_cast<struct rseq*>(thread_pointer + __rseq_offset);
  area->cpu_id = static_cast<uint32_t>(RSEQ_CPU_ID_UNINITIALIZED);
  unsigned size = __rseq_size > 32 ? __rseq_size : 32;
  raw::Call(SYS_rseq, area, size, 0, raw::kRseqSignature);
}

// The first half of a resumed thread's life, on the dead end of the old one's stack. clone(2) has taken the rest
// from the main thread: also the signal mask, with everything blocked until the registers are loaded.
void Start(void* argument) {
  ParkedThread* thread = static_cast<ParkedThread*>(argument);
  InstallRobustList(thread->robust_list);
  RegisterRseq(thread->thread_pointer);
  raw::Call(SYS_prctl, PR_SET_NAME, thread->name, 0, 0, 0);
  raw::Call(SYS_setpriority, PRIO_PROCESS, 0, thread->nice);
  // Recursive mutexes and write locks know their owner by its id: a thread that might own one keeps the old id,
  // until it parks again where it owns none.
  if (thread->owns_no_lock) *DescriptorTid(fork_context.layout, thread->thread_pointer) = thread->tid;
  fork_context.resumed++;
  raw::Call(SYS_futex, &fork_context.resumed, FUTEX_WAKE_PRIVATE, 1);
  if (thread->is_worker) WaitAtGate();
}

// The signal frame begins a few bytes below at most; what lies deeper, the handler's own, is not needed any more.
void* StackBelow(const void* sigreturn_frame) {
  return reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(sigreturn_frame) - 256) & ~15ul);
}

}  // namespace

Refusal ResumeThreads() {
  ParkedThreads& threads = fork_context.parking.threads;
  std::atomic<uint32_t>& resumed = fork_context.resumed;
  resumed = 0;
  for (ParkedThread& thread : threads) {
    long result = raw::CloneThread(kFlags, StackBelow(thread.sigreturn_frame), &thread.tid, thread.clear_child_tid,
                                   thread.thread_pointer, Start, &thread, thread.sigreturn_frame);
    if (result < 0) return Refusal::Failed("clone", result);
  }
  for (uint32_t now; (now = resumed) < static_cast<uint32_t>(threads.count);)
    raw::Call(SYS_futex, &resumed, FUTEX_WAIT_PRIVATE, now, nullptr);
  return {};
}

RobustList OwnRobustList() {
  RobustList list{};
  raw::Call(SYS_get_robust_list, 0, &list.head, &list.size);
  return list;
}

void InstallRobustList(const RobustList& list) { raw::Call(SYS_set_robust_list, list.head, list.size); }
