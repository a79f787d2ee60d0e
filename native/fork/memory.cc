#include "fork/memory.h"

#include <sys/mman.h>

#include "fork/maps.h"
#include "fork/raw.h"

namespace {

// V8 asks for its memory at random addresses below 2^46; the program, the C library's heap, libraries and stacks
// lie elsewhere.
constexpr uintptr_t kV8Low = 1ul << 32, kV8High = 1ul << 46;

uintptr_t program_break;  // the end of [heap], which could grow beyond kV8Low

}  // namespace

PREFORK_RAW Refusal InheritMemory() {
  Maps maps;
  if (maps.error()) return Refusal::Failed("open", maps.error());
  program_break = 0;
  while (maps.Next()) {
    if (maps.kind == Maps::kProgramHeap) program_break = maps.end;
    // Special mappings (vvar) refuse with EINVAL, and need no mark.
    if (maps.is_private) raw::Call(SYS_madvise, maps.start, maps.end - maps.start, MADV_DOFORK);
  }
  return {};
}

PREFORK_RAW void DisinheritHeap() {
#if defined(__SANITIZE_ADDRESS__)
  return;  // the sanitizer's shadow memory lies in the same range
#endif
  uintptr_t low = program_break > kV8Low ? program_break : kV8Low;
  // ENOMEM only says that there are holes.
  raw::Call(SYS_madvise, low, kV8High - low, MADV_DONTFORK);
}
