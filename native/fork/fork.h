#pragma once
#include <sys/types.h>

#include "fork/refusal.h"

struct uv_loop_s;

struct ForkRequest {
  uv_loop_s* loop;          // the main thread's
  int timeout_ms;           // how long the pool and the threads may take to stand still
  const int* keep_sockets;  // connected sockets that the child may go on using
  int keep_count;
  bool as_sibling;  // CLONE_PARENT: a child of this process's parent
  bool rest_workers;  // idle Workers stay parked in this process, until a fork without it
  int threads_timeout_ms;  // how long a thread of unknown kind that is at work may take to show that it is no Worker
};

// fork(2) for a process with threads: the child has all of them, and each goes on where it was. Sets *pid to 0 in
// the child and to the child's id in the parent. After a refusal there is no child and nothing has changed.
Refusal ForkKeepingThreads(const ForkRequest& request, pid_t* pid);

// A thread that might have owned a lock at the fork keeps its old id in the C library's eyes, and setuid(2) would
// pass it over. Waits until every thread has been seen to own none; sets *stale to how many have not.
Refusal SettleThreads(int timeout_ms, int* stale);
