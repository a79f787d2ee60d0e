#pragma once
#include <fcntl.h>

#include "fork/raw.h"

// The numbers that name the entries of a /proc directory, read by system calls alone.
class Directory {
 public:
  explicit Directory(const char* path)
      : fd_(raw::Call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)) {}
  ~Directory() {
    if (fd_ >= 0) raw::Call(SYS_close, fd_);
  }
  Directory(const Directory&) = delete;

  // -errno when the directory could not be opened or read, else 0.
  long error() const { return fd_ < 0 ? fd_ : error_; }
  long fd() const { return fd_; }

  // The next entry that is a number; -1 at the end.
  long NextNumber() {
    for (;;) {
      if (at_ >= filled_) {
        filled_ = raw::Call(SYS_getdents64, fd_, buffer_, sizeof buffer_);
        if (filled_ < 0) error_ = filled_;
        if (filled_ <= 0) return -1;
        at_ = 0;
      }
      const char* entry = buffer_ + at_;
      at_ += *reinterpret_cast<const unsigned short*>(entry + 16);  // d_reclen in getdents64(2)
      const char* name = entry + 19;                                // d_name
      if (*name < '0' || *name > '9') continue;
      long number = 0;
      for (; *name; name++) number = number * 10 + (*name - '0');
      return number;
    }
  }

 private:
  long fd_;
  long error_ = 0;
  long at_ = 0, filled_ = 0;
  alignas(8) char buffer_[2048];
};

// Writes a decimal number and a NUL; returns where the NUL is.
inline char* WriteNumber(char* at, long number) {
  char digits[24];
  int count = 0;
  do digits[count++] = '0' + number % 10;
  while ((number /= 10) > 0);
  while (count > 0) *at++ = digits[--count];
  *at = 0;
  return at;
}
