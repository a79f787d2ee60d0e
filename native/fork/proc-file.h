#pragma once
#include <fcntl.h>

#include "fork/raw.h"

// The characters of a file in /proc, read by system calls alone.
class ProcFile {
 public:
  explicit ProcFile(const char* path) : fd_(raw::Call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0)) {}
  ~ProcFile() {
    if (fd_ >= 0) raw::Call(SYS_close, fd_);
  }
  ProcFile(const ProcFile&) = delete;

  // -errno when the file could not be opened, else 0.
  long error() const { return fd_ < 0 ? fd_ : 0; }

  // The next character; -1 at the end.
  int Next() {
    if (at_ >= filled_) {
      filled_ = raw::Call(SYS_read, fd_, buffer_, sizeof buffer_);
      if (filled_ <= 0) return filled_ = 0, -1;
      at_ = 0;
    }
    return static_cast<unsigned char>(buffer_[at_++]);
  }

 private:
  long fd_, at_ = 0, filled_ = 0;
  char buffer_[4096];
};
