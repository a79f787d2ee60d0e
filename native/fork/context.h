#pragma once
#include <atomic>

#include "fork/layout.h"
#include "fork/look.h"
#include "fork/park.h"
#include "fork/workers.h"

// What the steps know of each other, what they keep from one attempt to the next, and what the child has of its parent.
struct ForkContext {
  Layout layout;  // step 1, once it has succeeded
  bool layout_measured;
  Parking parking;                // step 2
  ThreadKinds kinds;              // step 3
  RecentWaits waits;              // step 3
  bool only_v8_in_range;          // step 4
  std::atomic<uint32_t> resumed;  // futex: step 7, how many threads of the child go on
  HeldWorkers workers;            // step 7, until they are released
  bool can_copy_workers;
};

// The process has one: neither a signal handler nor a thread that has just been cloned could be told of another.
extern ForkContext fork_context;
