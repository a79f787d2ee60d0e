#include "fork/park.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include <cerrno>

#include "fork/directory.h"
#include "fork/raw.h"

// v8::Isolate::TryGetCurrent(), which the node binary exports; it reads a thread-local variable and nothing else.
extern "C" __attribute__((weak)) void* _ZN2v87Isolate13TryGetCurrentEv();

namespace {

// The C library keeps this signal for setuid and strips it from every mask, so no thread can have it blocked.
// A thread in the C library's own handler for it would only be asked again by a main thread, and that is here.
constexpr int kParkSignal = 33;

// How deep a thread that waits for work right below its start routine may be: the frames of a condition wait.
constexpr uintptr_t kIdleDepth = 448;

enum Phase : uint32_t { kFree = 0, kSignalled = 1, kArriving = 2, kParked = 3 };

// The kernel's struct sigaction, which is not the C library's.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

ParkingLot lot;
Layout layout;
KernelAction old_action;
std::atomic<uint32_t> turn;     // grows with every attempt to park; a late signal of an earlier one is ignored
std::atomic<uint32_t> held;     // futex: the turn whose threads are to stay parked, 0 = none
std::atomic<uint32_t> arrived;  // futex: grows with every thread that has parked

// Threads that stay parked from one attempt to the next, while those that were busy go on. Only ever added to until all
// are let go: a thread may look late whether it is among them.
ParkedThread kept[kMaxThreads];
std::atomic<int> kept_count;
std::atomic<uint32_t> kept_changes;  // futex: grows when they are let go

long Futex(std::atomic<uint32_t>* word, int operation, uint32_t value, const timespec* timeout = nullptr) {
  return raw::Call(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, timeout, 0, 0);
}

int64_t NowMs() {
  timespec now;
  raw::Call(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

PREFORK_RAW bool IsEpoll(long fd) {
  char path[32] = "/proc/self/fd/";
  WriteNumber(path + 14, fd);
  char target[32];
  constexpr char kEpoll[] = "anon_inode:[eventpoll]";
  long length = raw::Call(SYS_readlinkat, AT_FDCWD, path, target, sizeof target);
  if (length != sizeof kEpoll - 1) return false;
  for (long i = 0; i < length; i++)
    if (target[i] != kEpoll[i]) return false;
  return true;
}

// A word that has changed is a wake-up that the thread has not seen yet, such as work for a pool thread.
PREFORK_RAW bool WaitsOnFutex(const raw::Registers& at) {
  int operation = at.arg1 & FUTEX_CMD_MASK;
  return raw::WillRestart(at, SYS_futex) && (operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET) &&
         *reinterpret_cast<const volatile uint32_t*>(at.arg0) == static_cast<uint32_t>(at.arg2);
}

// Condition variables wait with FUTEX_WAIT_BITSET; a locked mutex of the C library waits with FUTEX_WAIT, by a thread
// that is in the middle of something.
PREFORK_RAW bool WaitsOnCondition(const raw::Registers& at) {
  return WaitsOnFutex(at) && (at.arg1 & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
}

// epoll_wait and epoll_pwait are never restarted: they return EINTR. By what the processor has left in the registers,
// the call is known by its number, or by its arguments: an epoll instance, and how many events there is room for.
PREFORK_RAW bool WaitsInEpoll(const raw::Registers& at) {
  if (!raw::HasReturned(at, -EINTR)) return false;
  if (raw::Registers::kCallKeepsNumber) return at.number == SYS_epoll_pwait;
  return at.arg2 > 0 && at.arg2 <= 4096 && IsEpoll(at.arg0);
}

PREFORK_RAW void Describe(ParkedThread* thread, const siginfo_t* info, const ucontext_t* context) {
  raw::Registers at(context);
  thread->context = context;
  thread->sigreturn_frame = raw::SigreturnFrame(info, context);
  thread->thread_pointer = raw::ThreadPointer();
  raw::Call(SYS_get_robust_list, 0, &thread->robust_list, &thread->robust_size);
  raw::Call(SYS_prctl, PR_GET_TID_ADDRESS, &thread->clear_child_tid, 0, 0, 0);
  raw::Call(SYS_prctl, PR_GET_NAME, thread->name, 0, 0, 0);
  thread->nice = 20 - static_cast<int>(raw::Call(SYS_getpriority, PRIO_PROCESS, 0));
  thread->isolate = CurrentIsolate();
  thread->idle_in_start_routine =
      WaitsOnFutex(at) && reinterpret_cast<uintptr_t>(thread->thread_pointer) - at.sp < layout.base_depth + kIdleDepth;
  thread->owns_no_lock = thread->idle_in_start_routine || WaitsInEpoll(at);
  thread->waits_on_condition = WaitsOnCondition(at);
  thread->is_worker = false;
  // A thread that came here by a fork and was busy then still has its old id; now it can take the new one.
  if (thread->owns_no_lock) *DescriptorTid(layout, thread->thread_pointer) = thread->tid;
}

PREFORK_RAW bool IsKept(int tid) {
  for (int i = 0; i < kept_count; i++)
    if (kept[i].tid == tid) return true;
  return false;
}

PREFORK_RAW void StayWhileKept() {
  int tid = raw::Call(SYS_gettid);
  for (;;) {
    uint32_t seen = kept_changes;
    if (!IsKept(tid)) return;
    Futex(&kept_changes, FUTEX_WAIT, seen);
  }
}

PREFORK_RAW void OnParkSignal(int signal, siginfo_t* info, void* context) {
  if (info->si_code != SI_QUEUE) {  // the C library's own, from a setuid
    old_action.handler(signal, info, context);
    return;
  }
  uint32_t slot = info->si_value.sival_int & (kMaxThreads - 1);
  uint32_t my_turn = static_cast<uint32_t>(info->si_value.sival_int) / kMaxThreads;
  ParkedThread* thread = &lot.threads[slot];
  uint32_t expected = my_turn * 4 + kSignalled;
  if (!thread->phase.compare_exchange_strong(expected, my_turn * 4 + kArriving)) return;
  Describe(thread, info, static_cast<ucontext_t*>(context));
  thread->phase = my_turn * 4 + kParked;
  arrived++;
  Futex(&arrived, FUTEX_WAKE, 1);
  while (held == my_turn) Futex(&held, FUTEX_WAIT, my_turn);
  StayWhileKept();
}

PREFORK_RAW int Find(int tid) {
  for (int i = 0; i < lot.count; i++)
    if (lot.threads[i].tid == tid) return i;
  return -1;
}

// rt_tgsigqueueinfo(2): with SI_QUEUE a signal that is still on its way when the C library has its handler back
// is ignored there.
PREFORK_RAW long Signal(int slot, uint32_t my_turn, int pid) {
  siginfo_t info{};
  info.si_signo = kParkSignal;
  info.si_code = SI_QUEUE;
  info.si_pid = pid;
  info.si_value.sival_int = static_cast<int>(my_turn * kMaxThreads + slot);
  return raw::Call(SYS_rt_tgsigqueueinfo, pid, lot.threads[slot].tid, kParkSignal, &info);
}

PREFORK_RAW bool IsParked(const ParkedThread& thread, uint32_t my_turn) {
  return thread.phase == my_turn * 4 + kParked;
}

PREFORK_RAW void GiveSignalBack() { raw::Call(SYS_rt_sigaction, kParkSignal, &old_action, nullptr, 8); }

// Signals every thread that is new in /proc/self/task. Sets `stuck` to one that has not parked yet, 0 if none.
PREFORK_RAW Refusal SignalThreads(uint32_t my_turn, int* stuck) {
  int self = raw::Call(SYS_gettid), pid = raw::Call(SYS_getpid);
  *stuck = 0;
  Directory tasks("/proc/self/task");
  if (tasks.error()) return Refusal::Failed("open", tasks.error());
  long tid;
  while ((tid = tasks.NextNumber()) >= 0) {
    if (tid == self) continue;
    int slot = Find(tid);
    if (slot < 0) {
      if (lot.count == kMaxThreads) return {Cause::kThreadStuck, 0, "there are more than 1024 threads", 0};
      slot = lot.count++;
      lot.threads[slot].tid = tid;
      lot.threads[slot].phase = my_turn * 4 + kSignalled;
      long result = Signal(slot, my_turn, pid);
      if (result == -ESRCH) {  // ended meanwhile
        lot.count--;
        continue;
      }
      if (result < 0) return lot.count--, Refusal::Failed("rt_tgsigqueueinfo", result);
    }
    if (!IsParked(lot.threads[slot], my_turn)) *stuck = tid;
  }
  return {};
}

// Forgets threads that ended before the signal reached them.
PREFORK_RAW void KeepParkedOnly(uint32_t my_turn) {
  int kept = 0;
  for (int i = 0; i < lot.count; i++) {
    if (!IsParked(lot.threads[i], my_turn)) continue;
    if (kept != i) __builtin_memcpy(static_cast<void*>(&lot.threads[kept]), &lot.threads[i], sizeof(ParkedThread));
    kept++;
  }
  lot.count = kept;
}

// No thread may be inside the handler's first half when its slot is used again.
PREFORK_RAW void Abandon(uint32_t my_turn) {
  for (int i = 0; i < lot.count; i++) {
    uint32_t expected = my_turn * 4 + kSignalled;
    if (lot.threads[i].phase.compare_exchange_strong(expected, kFree)) continue;
    while (lot.threads[i].phase == my_turn * 4 + kArriving) raw::Call(SYS_sched_yield);
  }
  ReleaseThreads();
}

}  // namespace

PREFORK_RAW void* CurrentIsolate() {
  return _ZN2v87Isolate13TryGetCurrentEv ? _ZN2v87Isolate13TryGetCurrentEv() : nullptr;
}

PREFORK_RAW Refusal ParkThreads(const Layout& measured, int timeout_ms, ParkingLot** result) {
  layout = measured;
  KernelAction action{OnParkSignal, SA_SIGINFO | SA_RESTART | raw::kRestorerFlag, raw::kRestorer, ~0ull};
  long error = raw::Call(SYS_rt_sigaction, kParkSignal, &action, &old_action, 8);
  if (error < 0) return Refusal::Failed("rt_sigaction", error);
  if (old_action.handler == nullptr) {  // SIG_DFL: a late signal would end the process
    GiveSignalBack();
    return {Cause::kSelfTest, 0, "the C library has no handler for signal 33", 0};
  }

  uint32_t my_turn = turn = (turn + 1) % (1u << 20);
  lot.count = kept_count;  // the first ones, in the same order
  __builtin_memcpy(static_cast<void*>(lot.threads), kept, kept_count * sizeof(ParkedThread));
  for (int i = 0; i < kept_count; i++) lot.threads[i].phase = my_turn * 4 + kParked;
  held = my_turn;
  int64_t deadline = NowMs() + timeout_ms;
  for (;;) {
    int stuck, known = lot.count;
    uint32_t seen = arrived;
    Refusal refusal = SignalThreads(my_turn, &stuck);
    if (!refusal && stuck == 0 && lot.count == known) break;  // a parked thread starts no other
    if (!refusal && NowMs() >= deadline) refusal = {Cause::kThreadStuck, 0, "a thread does not answer", stuck};
    if (refusal) {
      Abandon(my_turn);
      return refusal;
    }
    timespec moment{0, 1000000};
    if (stuck != 0) Futex(&arrived, FUTEX_WAIT, seen, &moment);
  }
  KeepParkedOnly(my_turn);
  *result = &lot;
  return {};
}

PREFORK_RAW void ReleaseBusyThreads(bool (*may_stay)(const ParkedThread&)) {
  for (int i = kept_count; i < lot.count; i++) {
    if (!may_stay(lot.threads[i])) continue;
    __builtin_memcpy(static_cast<void*>(&kept[kept_count]), &lot.threads[i], sizeof(ParkedThread));
    kept_count++;
  }
  held = 0;
  Futex(&held, FUTEX_WAKE, kMaxThreads);
  GiveSignalBack();
}

PREFORK_RAW void ReleaseKeptThreads() {
  if (kept_count == 0) return;
  kept_count = 0;
  kept_changes++;
  Futex(&kept_changes, FUTEX_WAKE, kMaxThreads);
}

PREFORK_RAW void ReleaseThreads() {
  ReleaseKeptThreads();
  held = 0;
  Futex(&held, FUTEX_WAKE, kMaxThreads);
  GiveSignalBack();
}

PREFORK_RAW void ForgetParkedThreads() {
  held = 0;
  kept_count = 0;
  GiveSignalBack();
}
