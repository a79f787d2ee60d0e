#pragma once
#include <ucontext.h>

#include <atomic>

#include "fork/layout.h"
#include "fork/refusal.h"

// Step 1: every other thread of the process is stopped inside a signal handler, where the kernel has saved its
// registers on its own stack, so that both the parent and (by rt_sigreturn) the child can let it go on.

constexpr int kMaxThreads = 1024;

struct ParkedThread {
  int tid;
  std::atomic<uint32_t> phase;  // turn * 4 + Phase
  const ucontext_t* context;
  const void* sigreturn_frame;  // where rt_sigreturn(2) finds the saved registers
  char* thread_pointer;
  void* robust_list;  // set_robust_list(2)
  size_t robust_size;
  int* clear_child_tid;  // set_tid_address(2)
  char name[16];
  int nice;
  void* isolate;      // the JavaScript engine instance that the thread has entered, if any
  bool owns_no_lock;  // certainly: its descriptor may take a new thread id
  bool idle_in_start_routine;
  bool waits_on_condition;  // such as Atomics.wait; not certainly without a lock
  bool is_worker;           // runs JavaScript beside the main thread; known once all are parked
};

struct ParkingLot {
  ParkedThread threads[kMaxThreads];
  int count;
};

// The isolate that the calling thread has entered (v8::Isolate::TryGetCurrent), or null.
void* CurrentIsolate();

// Parks all threads but the calling one, the main thread, whose signals must be blocked. On a refusal all go on.
Refusal ParkThreads(const Layout& layout, int timeout_ms, ParkingLot** lot);
// Lets the parked threads go on and gives the signal back.
void ReleaseThreads();
// The same, but those that may stay are parked until the next ParkThreads, which counts them in, and its release.
void ReleaseBusyThreads(bool (*may_stay)(const ParkedThread&));
// Lets those go on that have stayed.
void ReleaseKeptThreads();
// In the child, where no thread is parked any more: gives the signal back.
void ForgetParkedThreads();
