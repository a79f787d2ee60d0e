#include "fork/memory.h"

#include <sys/mman.h>

#include "fork/context.h"
#include "fork/maps.h"
#include "fork/raw.h"

namespace {

// V8 asks for its memory at random addresses below 2^46. The program and the C library's heap lie below this range,
// stacks and libraries above it, but with an unlimited stack in the midst of it.
constexpr uintptr_t kV8Low = 1ul << 32, kV8High = 1ul << 46;

bool IsInRange(const Maps& mapping) { return mapping.end > kV8Low && mapping.start < kV8High; }

}  // namespace

Refusal InheritMemory() {
  Maps maps;
  if (maps.error()) return Refusal::Failed("open", maps.error());
  fork_context.only_v8_in_range = true;
  while (maps.Next()) {
    bool is_v8s = maps.is_private && maps.inode == 0 && maps.kind == Maps::kOther;
    if (IsInRange(maps) && !is_v8s) fork_context.only_v8_in_range = false;
    // Special mappings (vvar) refuse with EINVAL, and need no mark.
    if (maps.is_private) raw::Call(SYS_madvise, maps.start, maps.end - maps.start, MADV_DOFORK);
  }
  return {};
}

void DisinheritHeap() {
#if defined(PREFORK_ASAN)
  return;  // the sanitizer's shadow memory lies in the same range
#endif
  // In one call; ENOMEM only says that there are holes.
  if (fork_context.only_v8_in_range) raw::Call(SYS_madvise, kV8Low, kV8High - kV8Low, MADV_DONTFORK);
}
