#pragma once
#include <atomic>

#include "fork/fork.h"
#include "fork/refusal.h"

// What the child tells the parent about its start, in memory that both share: step 8.
struct ChildStart {
  enum : uint32_t { kUnderWay, kDone };
  std::atomic<uint32_t> state;
  Refusal refusal;

  static ChildStart* Create();
  void Unmap();
  void Tell(const Refusal& outcome);
  // In the parent. A child that has died (killed, out of memory) says nothing.
  Refusal Await(pid_t child);
};

// Steps 2 to 8, once, with every signal of the calling thread blocked, which is the main one. Sets *pid as fork(2)
// returns it. On a refusal there is no child.
Refusal AttemptFork(const ForkRequest& request, bool accept_unclassified, ChildStart* start, pid_t* pid);
