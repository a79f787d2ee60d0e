#include <sys/socket.h>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"

// datagramSocket(cloexec): fd, of the unix domain; the calls for streams take it from there
static Napi::Value DatagramSocket(const Napi::CallbackInfo& info) {
  const int flags = Arguments(info).Bool(0, "cloexec") ? SOCK_CLOEXEC : 0;
  const int fd = Retry([&] { return ::socket(AF_UNIX, SOCK_DGRAM | flags, 0); });
  return Napi::Number::New(info.Env(), Check(info.Env(), fd, {"socket"}));
}

void InitDatagram(Napi::Env env, Napi::Object exports) {
  exports.Set("datagramSocket", Napi::Function::New(env, DatagramSocket, "datagramSocket"));
}
