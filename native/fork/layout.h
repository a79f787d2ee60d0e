#pragma once
#include <cstddef>
#include <cstdint>

#include "fork/refusal.h"

// Step 1: what must be known of the C library's thread descriptor (struct pthread), measured rather than assumed.

struct Layout {
  // Offsets from the thread pointer, below which the descriptor lies on some processors.
  ptrdiff_t tid;            // of the thread's id, which owner checks of locks compare
  ptrdiff_t start_routine;  // of the function that the thread was created with, or of a pointer to what is above it
  ptrdiff_t start_below;    // 0, or in musl how far below that pointer, the stack's top, the function is
  uintptr_t base_depth;     // bytes of stack between the thread pointer and the start routine's frame
  void* pool_routine;       // the start routine of libuv's pool threads
};

// Measures the layout and tests it on this thread, a fresh one and one of libuv's pool. Once a process.
Refusal MeasureLayout(int timeout_ms, Layout* layout);

inline int* DescriptorTid(const Layout& layout, char* thread_pointer) {
  return reinterpret_cast<int*>(thread_pointer + layout.tid);
}
inline void* StartRoutine(const Layout& layout, char* thread_pointer) {
  char* at = thread_pointer + layout.start_routine;
  if (layout.start_below != 0) at = *reinterpret_cast<char**>(at) - layout.start_below;
  return *reinterpret_cast<void**>(at);
}
