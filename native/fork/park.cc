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

#include "fork/context.h"
#include "fork/directory.h"
#include "fork/raw.h"
#include "fork/threads.h"
#include "v8-exports.h"

namespace {

// The C library keeps this signal for setuid and strips it from every mask, so no thread can have it blocked.
// A thread in the C library's own handler for it would only be asked again by a main thread, and that is here.
// kIdleDepth: how deep a thread that waits for work right below its start routine may be, in the frames of a condition wait.
#if defined(__GLIBC__)
constexpr int kParkSignal = 33;
constexpr bool kIgnoredAtRest = false;
constexpr uintptr_t kIdleDepth = 448;
#else  // musl
constexpr int kParkSignal = 34;
constexpr bool kIgnoredAtRest = true;
constexpr uintptr_t kIdleDepth = 640;
#endif

const auto kIgnored = reinterpret_cast<void (*)(int, siginfo_t*, void*)>(1l);  // SIG_IGN to the kernel

// Epochs are 1 to kEpochs, and then 1 again: with a slot they fit into the 31 bits that a signal brings along.
constexpr uint32_t kEpochs = (1u << 20) - 1;

enum Phase : uint32_t { kFree = 0, kSignalled = 1, kArriving = 2, kParked = 3 };

Parking& parking = fork_context.parking;

long Futex(std::atomic<uint32_t>* word, int operation, uint32_t value, const timespec* timeout = nullptr) {
  return raw::Call(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, timeout, 0, 0);
}

int64_t NowMs() {
  timespec now;
  raw::Call(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool IsEpoll(long fd) {
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
bool WaitsOnFutex(const raw::Registers& at) {
  int operation = at.arg1 & FUTEX_CMD_MASK;
  return raw::WillRestart(at, SYS_futex) && (operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET) &&
         *reinterpret_cast<const volatile uint32_t*>(at.arg0) == static_cast<uint32_t>(at.arg2);
}

// Condition variables wait with FUTEX_WAIT_BITSET; a locked mutex of the C library waits with FUTEX_WAIT, by a thread
// that is in the middle of something.
bool WaitsOnCondition(const raw::Registers& at) {
  return WaitsOnFutex(at) && (at.arg1 & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
}

// epoll_wait and epoll_pwait are never restarted: they return EINTR. By what the processor has left in the registers,
// the call is known by its number, or by its arguments: an epoll instance, and how many events there is room for.
bool WaitsInEpoll(const raw::Registers& at) {
  if (!raw::HasReturned(at, -EINTR)) return false;
  if (raw::Registers::kCallKeepsNumber) return at.number == SYS_epoll_pwait;
  return at.arg2 > 0 && at.arg2 <= 4096 && IsEpoll(at.arg0);
}

void Describe(ParkedThread* thread, const siginfo_t* info, const ucontext_t* context) {
  raw::Registers at(context);
  thread->context = context;
  thread->sigreturn_frame = raw::SigreturnFrame(info, context);
  thread->thread_pointer = raw::ThreadPointer();
  thread->robust_list = OwnRobustList();
  raw::Call(SYS_prctl, PR_GET_TID_ADDRESS, &thread->clear_child_tid, 0, 0, 0);
  raw::Call(SYS_prctl, PR_GET_NAME, thread->name, 0, 0, 0);
  thread->nice = 20 - static_cast<int>(raw::Call(SYS_getpriority, PRIO_PROCESS, 0));
  thread->isolate = CurrentIsolate();
  thread->idle_in_start_routine =
      WaitsOnFutex(at) && reinterpret_cast<uintptr_t>(thread->thread_pointer) - at.sp < fork_context.layout.base_depth + kIdleDepth;
  thread->owns_no_lock = thread->idle_in_start_routine || WaitsInEpoll(at);
  thread->waits_on_condition = WaitsOnCondition(at);
  thread->is_worker = false;
  // A thread that came here by a fork and was busy then still has its old id; now it can take the new one.
  if (thread->owns_no_lock) *DescriptorTid(fork_context.layout, thread->thread_pointer) = thread->tid;
}

bool IsKept(int tid) {
  for (int i = 0; i < parking.kept_count; i++)
    if (parking.kept[i].tid == tid) return true;
  return false;
}

void StayWhileKept() {
  int tid = raw::Call(SYS_gettid);
  for (;;) {
    uint32_t seen = parking.kept_changes;
    if (!IsKept(tid)) return;
    Futex(&parking.kept_changes, FUTEX_WAIT, seen);
  }
}

void OnParkSignal(int signal, siginfo_t* info, void* context) {
  if (info->si_code != SI_QUEUE) {  // the C library's own, from a setuid
    if (!kIgnoredAtRest) parking.old_action.handler(signal, info, context);
    return;
  }
  uint32_t slot = info->si_value.sival_int & (kMaxThreads - 1);
  uint32_t my_epoch = static_cast<uint32_t>(info->si_value.sival_int) / kMaxThreads;
  ParkedThread* thread = &parking.threads.list[slot];
  uint32_t expected = my_epoch * 4 + kSignalled;
  if (!thread->phase.compare_exchange_strong(expected, my_epoch * 4 + kArriving)) return;
  Describe(thread, info, static_cast<ucontext_t*>(context));
  thread->phase = my_epoch * 4 + kParked;
  parking.arrived++;
  Futex(&parking.arrived, FUTEX_WAKE, 1);
  while (parking.held == my_epoch) Futex(&parking.held, FUTEX_WAIT, my_epoch);
  StayWhileKept();
}

// While the other thread stands still.
void Copy(ParkedThread* to, const ParkedThread& from, int count = 1) {
  __builtin_memcpy(static_cast<void*>(to), &from, count * sizeof from);
}

int Find(int tid) {
  for (int i = 0; i < parking.threads.count; i++)
    if (parking.threads.list[i].tid == tid) return i;
  return -1;
}

// rt_tgsigqueueinfo(2): with SI_QUEUE a signal that is still on its way when the C library has its handler back
// is ignored there.
long Signal(int slot, uint32_t my_epoch, int pid) {
  siginfo_t info{};
  info.si_signo = kParkSignal;
  info.si_code = SI_QUEUE;
  info.si_pid = pid;
  info.si_value.sival_int = static_cast<int>(my_epoch * kMaxThreads + slot);
  return raw::Call(SYS_rt_tgsigqueueinfo, pid, parking.threads.list[slot].tid, kParkSignal, &info);
}

bool IsParked(const ParkedThread& thread, uint32_t my_epoch) {
  return thread.phase == my_epoch * 4 + kParked;
}

void GiveSignalBack() { raw::Call(SYS_rt_sigaction, kParkSignal, &parking.old_action, nullptr, 8); }

// Signals every thread that is new in /proc/self/task. Sets `stuck` to one that has not parked yet, 0 if none.
Refusal SignalThreads(uint32_t my_epoch, int* stuck) {
  int self = raw::Call(SYS_gettid), pid = raw::Call(SYS_getpid);
  *stuck = 0;
  Directory tasks("/proc/self/task");
  if (tasks.error()) return Refusal::Failed("open", tasks.error());
  long tid;
  while ((tid = tasks.NextNumber()) >= 0) {
    if (tid == self) continue;
    int slot = Find(tid);
    if (slot < 0) {
      if (parking.threads.count == kMaxThreads) return {Cause::kThreadStuck, 0, "there are more than 1024 threads", 0};
      slot = parking.threads.count++;
      parking.threads.list[slot].tid = tid;
      parking.threads.list[slot].phase = my_epoch * 4 + kSignalled;
      long result = Signal(slot, my_epoch, pid);
      if (result == -ESRCH) {  // ended meanwhile
        parking.threads.count--;
        continue;
      }
      if (result < 0) return parking.threads.count--, Refusal::Failed("rt_tgsigqueueinfo", result);
    }
    if (!IsParked(parking.threads.list[slot], my_epoch)) *stuck = tid;
  }
  return {};
}

// Forgets threads that ended before the signal reached them.
void KeepParkedOnly(uint32_t my_epoch) {
  ParkedThreads& threads = parking.threads;
  int count = 0;
  for (const ParkedThread& thread : threads) {
    if (!IsParked(thread, my_epoch)) continue;
    if (&thread != &threads.list[count]) Copy(&threads.list[count], thread);
    count++;
  }
  threads.count = count;
}

// No thread may be inside the handler's first half when its slot is used again.
void Abandon(uint32_t my_epoch) {
  for (ParkedThread& thread : parking.threads) {
    uint32_t expected = my_epoch * 4 + kSignalled;
    if (thread.phase.compare_exchange_strong(expected, kFree)) continue;
    while (thread.phase == my_epoch * 4 + kArriving) raw::Call(SYS_sched_yield);
  }
  ReleaseThreads();
}

}  // namespace

// An exception from raw calls: of V8, which reads a thread-local variable of the program and nothing else.
void* CurrentIsolate() {
  return V8TryGetCurrentIsolate != nullptr ? V8TryGetCurrentIsolate() : nullptr;
}

Refusal ParkThreads(int timeout_ms) {
  KernelAction action{OnParkSignal, SA_SIGINFO | SA_RESTART | raw::kRestorerFlag, raw::kRestorer, ~0ull};
  long error = raw::Call(SYS_rt_sigaction, kParkSignal, &action, &parking.old_action, 8);
  if (error < 0) return Refusal::Failed("rt_sigaction", error);
  // musl has a handler only while it changes the user, and ignores the signal after it.
  if (kIgnoredAtRest) parking.old_action.handler = kIgnored;
  if (parking.old_action.handler == nullptr) {  // SIG_DFL: a late signal would end the process
    GiveSignalBack();
    return {Cause::kSelfTest, 0, "the C library has no handler for signal 33", 0};
  }

  uint32_t my_epoch = parking.epoch = parking.epoch % kEpochs + 1;
  parking.threads.count = parking.kept_count;  // the first ones, in the same order
  Copy(parking.threads.list, *parking.kept, parking.kept_count);
  for (int i = 0; i < parking.kept_count; i++) parking.threads.list[i].phase = my_epoch * 4 + kParked;
  parking.held = my_epoch;
  int64_t deadline = NowMs() + timeout_ms;
  for (;;) {
    int stuck, known = parking.threads.count;
    uint32_t seen = parking.arrived;
    Refusal refusal = SignalThreads(my_epoch, &stuck);
    if (!refusal && stuck == 0 && parking.threads.count == known) break;  // a parked thread starts no other
    if (!refusal && NowMs() >= deadline) refusal = {Cause::kThreadStuck, 0, "a thread does not answer", stuck};
    if (refusal) {
      Abandon(my_epoch);
      return refusal;
    }
    timespec moment{0, 1000000};
    if (stuck != 0) Futex(&parking.arrived, FUTEX_WAIT, seen, &moment);
  }
  KeepParkedOnly(my_epoch);
  return {};
}

void ReleaseBusyThreads(bool (*may_stay)(const ParkedThread&)) {
  for (int i = parking.kept_count; i < parking.threads.count; i++) {
    if (!may_stay(parking.threads.list[i])) continue;
    Copy(&parking.kept[parking.kept_count], parking.threads.list[i]);
    parking.kept_count++;
  }
  parking.held = 0;
  Futex(&parking.held, FUTEX_WAKE, kMaxThreads);
  GiveSignalBack();
}

void ReleaseKeptThreads() {
  if (parking.kept_count == 0) return;
  parking.kept_count = 0;
  parking.kept_changes++;
  Futex(&parking.kept_changes, FUTEX_WAKE, kMaxThreads);
}

void ReleaseThreads() {
  ReleaseKeptThreads();
  parking.held = 0;
  Futex(&parking.held, FUTEX_WAKE, kMaxThreads);
  GiveSignalBack();
}

void ForgetParkedThreads() {
  parking.held = 0;
  parking.kept_count = 0;
  GiveSignalBack();
}
