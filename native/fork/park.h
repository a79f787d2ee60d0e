#pragma once
#include <signal.h>
#include <ucontext.h>

#include <atomic>

#include "fork/refusal.h"

// Step 2: every other thread of the process is stopped inside a signal handler, where the kernel has saved its
// registers on its own stack, so that both the parent and (by rt_sigreturn) the child can let it go on.

constexpr int kMaxThreads = 1024;

// set_robust_list(2)
struct RobustList {
  void* head;
  size_t size;
};

struct ParkedThread {
  int tid;
  std::atomic<uint32_t> phase;  // epoch * 4 + Phase
  const ucontext_t* context;
  const void* sigreturn_frame;  // where rt_sigreturn(2) finds the saved registers
  char* thread_pointer;
  RobustList robust_list;
  int* clear_child_tid;  // set_tid_address(2)
  char name[16];
  int nice;
  void* isolate;      // the JavaScript engine instance that the thread has entered, if any
  bool owns_no_lock;  // certainly: its descriptor may take a new thread id
  bool idle_in_start_routine;
  bool waits_on_condition;  // such as Atomics.wait; not certainly without a lock
  bool is_worker;           // runs JavaScript beside the main thread; known once all are parked
};

struct ParkedThreads {
  ParkedThread list[kMaxThreads];
  int count;

  ParkedThread* begin() { return list; }
  ParkedThread* end() { return list + count; }
};

// The kernel's struct sigaction, which is not the C library's.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

struct Parking {
  ParkedThreads threads;  // of the latest attempt
  KernelAction old_action;
  std::atomic<uint32_t> epoch;    // grows with every attempt to park; a late signal of an earlier one is ignored
  std::atomic<uint32_t> held;     // futex: the epoch whose threads are to stay parked, 0 = none
  std::atomic<uint32_t> arrived;  // futex: grows with every thread that has parked

  // Threads that stay parked from one attempt to the next, while those that were busy go on. Only ever added to until
  // all are let go: a thread may look late whether it is among them.
  ParkedThread kept[kMaxThreads];
  std::atomic<int> kept_count;
  std::atomic<uint32_t> kept_changes;  // futex: grows when they are let go
};

// The isolate that the calling thread has entered (v8::Isolate::TryGetCurrent), or null.
void* CurrentIsolate();

// Parks all threads but the calling one, the main thread, whose signals must be blocked: they are in
// fork_context.parking.threads then. On a refusal all go on.
Refusal ParkThreads(int timeout_ms);
// Lets the parked threads go on and gives the signal back.
void ReleaseThreads();
// The same, but those that may stay are parked until the next ParkThreads, which counts them in, and its release.
void ReleaseBusyThreads(bool (*may_stay)(const ParkedThread&));
// Lets those go on that have stayed.
void ReleaseKeptThreads();
// In the child, where no thread is parked any more: gives the signal back.
void ForgetParkedThreads();
