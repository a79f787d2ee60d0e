#include "fork/memory.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "fork/raw.h"

namespace {

// V8 asks for its memory at random addresses below 2^46; the program, the C library's heap, libraries and stacks
// lie elsewhere.
constexpr uintptr_t kV8Low = 1ul << 32, kV8High = 1ul << 46;

uintptr_t program_break;  // the end of [heap], which could grow beyond kV8Low

// Reads /proc/self/maps line by line: "start-end rwxp offset device inode   path". proc_pid_maps(5).
class Maps {
 public:
  PREFORK_RAW Maps() : fd_(raw::Call(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0)) {}
  PREFORK_RAW ~Maps() {
    if (fd_ >= 0) raw::Call(SYS_close, fd_);
  }
  long error() const { return fd_ < 0 ? fd_ : 0; }

  uintptr_t start, end;
  bool is_private;
  bool is_program_heap;

  PREFORK_RAW bool Next() {
    int c = Hex(&start);
    if (c != '-') return false;
    Hex(&end);
    for (int i = 0; i < 4; i++) c = Character();
    is_private = c == 'p';
    // The path is all that can hold a '['.
    is_program_heap = false;
    while ((c = Character()) != '\n' && c >= 0)
      if (c == '[') is_program_heap = Character() == 'h';
    return true;
  }

 private:
  PREFORK_RAW int Character() {
    if (at_ >= filled_) {
      filled_ = raw::Call(SYS_read, fd_, buffer_, sizeof buffer_);
      if (filled_ <= 0) return filled_ = 0, -1;
      at_ = 0;
    }
    return static_cast<unsigned char>(buffer_[at_++]);
  }
  PREFORK_RAW int Hex(uintptr_t* value) {
    *value = 0;
    for (;;) {
      int c = Character();
      if (c >= '0' && c <= '9') *value = *value * 16 + (c - '0');
      else if (c >= 'a' && c <= 'f') *value = *value * 16 + (c - 'a' + 10);
      else return c;
    }
  }

  long fd_, at_ = 0, filled_ = 0;
  char buffer_[4096];
};

}  // namespace

PREFORK_RAW Refusal InheritMemory() {
  Maps maps;
  if (maps.error()) return Refusal::Failed("open", maps.error());
  program_break = 0;
  while (maps.Next()) {
    if (maps.is_program_heap) program_break = maps.end;
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
