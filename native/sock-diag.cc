#include <linux/netlink.h>
#include <sys/socket.h>

#include "capabilities.h"
#include "errors.h"

// openSockDiag(): fd of a netlink socket, close-on-exec, whose write(2) asks the kernel and whose read(2) is the answer
static Napi::Value OpenSockDiag(const Napi::CallbackInfo& info) {
  const int fd = Retry([&] { return ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG); });
  return Napi::Number::New(info.Env(), Check(info.Env(), fd, {"socket"}));
}

void InitSockDiag(Napi::Env env, Napi::Object exports) {
  exports.Set("openSockDiag", Napi::Function::New(env, OpenSockDiag, "openSockDiag"));
}
