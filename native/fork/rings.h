#pragma once
#include <cstdint>

#include "fork/refusal.h"

// Step 6: libuv changes its epoll sets through an io_uring where the kernel has it. A ring is memory that kernel and process
// share: a forked one would be shared by parent and child.

constexpr int kMaxRings = 64;

struct Ring {
  int fd;
  uint64_t inode;  // by which its mappings are known
};

// In the parent: refuses a ring that cannot be made anew.
Refusal CheckRing(const Ring& ring);
// In the child, alone in its process: puts an empty ring of its own on each one's number and at its addresses.
Refusal RenewRings(const Ring* rings, int count);
