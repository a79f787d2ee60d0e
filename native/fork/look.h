#pragma once
#include "fork/refusal.h"

// Step 3: whether the parked threads stand where a copy of them may go on.

// Start routines of threads that run no JavaScript. A Worker that is just starting has not entered its isolate yet:
// a thread of unknown kind that is at work gets a moment to show what it is.
struct ThreadKinds {
  void* harmless[64];
  int harmless_count;
  void* worker;  // the start routine of Workers, known from the first one that was seen to wait in its event loop
};

// Refuses while a thread computes what the child would do a second time, and, unless `accept_unclassified`, while it is
// not known of one whether it is a Worker.
Refusal LookAtThreads(bool accept_unclassified);

struct ParkedThread;

// Whether a thread may stay parked while others are waited for: few Workers would ever wait at the same moment.
bool IsIdleWorker(const ParkedThread& thread);
