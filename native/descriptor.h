#pragma once
#include <unistd.h>

// A descriptor that closes itself unless it is released: no error path leaks it.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }
  void release() { fd_ = -1; }

 private:
  int fd_;
};
