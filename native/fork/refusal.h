#pragma once

// Why a fork did not take place. A refusal leaves the process exactly as it was.
enum class Cause {
  kNone,
  kSystemCall,     // `error` and `syscall` say which
  kNotMainThread,  // called from a Worker
  kWorkerBusy,     // a Worker computes, starts or ends; passes
  kNoWorkers,      // Workers cannot be copied in this Node
  kUnclassifiedThread,  // a thread that may become a Worker; passes
  kPoolBusy,       // a libuv pool thread has work
  kThreadStuck,    // a thread does not answer the signal
  kSelfTest,       // the C library or libuv is not laid out as expected
  kIoUring,        // a ring with a kernel thread of its own
};

struct Refusal {
  Cause cause = Cause::kNone;
  int error = 0;             // errno, positive
  const char* detail = "";   // the system call, the failed check
  int thread = 0;            // the thread that is in the way, if any

  explicit operator bool() const { return cause != Cause::kNone; }
  static Refusal Failed(const char* syscall, long result) {
    return {Cause::kSystemCall, static_cast<int>(-result), syscall, 0};
  }
};
