#pragma once
#include <napi.h>

#include <cerrno>
#include <string>

// Makes a system call again when a signal interrupts it. Failure is the negated errno, as in the kernel.
// Not for close(2): Linux has freed the descriptor by then.
template <typename Call>
auto Retry(Call call) -> decltype(call()) {
  for (;;) {
    auto result = call();
    if (result != -1) return result;
    if (errno != EINTR) return -errno;
  }
}

// What was attempted: the parts of an error that the call alone knows.
struct Attempt {
  const char* syscall;
  std::string address = {};
  int port = -1;          // -1: a call without address and port
  std::string path = {};  // empty: a call without path
};

// An Error of Node's own shape: code, errno (negative), syscall, and address and port, or path.
Napi::Error SystemError(Napi::Env env, int negated_errno, const Attempt& attempt);

// Passes on the result of a system call, or throws its SystemError when it is a negated errno.
template <typename Result>
Result Check(Napi::Env env, Result result, const Attempt& attempt) {
  if (result < 0) throw SystemError(env, static_cast<int>(result), attempt);
  return result;
}
