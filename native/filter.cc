#include <sys/socket.h>

#include <cerrno>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"

// SO_GET_FILTER has the number of SO_ATTACH_FILTER; not every C library names it. socket(7)
static constexpr int kGetFilter = 26;

// hasFilter(fd): whether a filter is attached to the socket, by SO_ATTACH_FILTER or SO_ATTACH_BPF.
static Napi::Value HasFilter(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = Arguments(info).Int(0, "fd");
  socklen_t instructions = 0;  // For no room the kernel tells how many there are; of an eBPF program it tells none: EACCES.
  const int result = Retry([&] { return ::getsockopt(fd, SOL_SOCKET, kGetFilter, nullptr, &instructions); });
  if (result == -EACCES) return Napi::Boolean::New(env, true);
  Check(env, result, {"getsockopt"});
  return Napi::Boolean::New(env, instructions > 0);
}

void InitFilter(Napi::Object exports) {
  Export(exports, "hasFilter", HasFilter);
}
