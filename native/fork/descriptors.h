#pragma once
#include "fork/refusal.h"

// Step 6: what the kernel shares between parent and child by descriptor, but a process needs for itself.

struct DescriptorPlan {
  int signal_pipe;          // the main loop's: what it holds is the parent's
  const int* keep_sockets;  // connected sockets that the child may go on using
  int keep_count;
};

// In the parent, before the clone: refuses what cannot be made anew.
Refusal CheckDescriptors();
// In the child, alone in its process, while the parent's threads still stand: on the same numbers, gives it
// eventfds, epoll instances and internal pipes of its own, with the same contents, and empty inotify instances, and
// has connected sockets read as ended.
Refusal ReplaceDescriptors(const DescriptorPlan& plan);
