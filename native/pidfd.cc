#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"

// The C library has no wrappers for these before its version 2.36.
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

// pidfdOpen(pid): a descriptor of that process, close-on-exec
static Napi::Value PidfdOpen(const Napi::CallbackInfo& info) {
  const int pid = Arguments(info).Int(0, "pid");
  const long fd = Retry([&] { return ::syscall(SYS_pidfd_open, pid, 0); });
  return Napi::Number::New(info.Env(), Check(info.Env(), fd, {"pidfd_open"}));
}

// pidfdSendSignal(pidfd, signal)
static void PidfdSendSignal(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const int fd = args.Int(0, "pidfd");
  const int signal = args.Int(1, "signal");
  const auto send = [&] { return ::syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0); };
  Check(info.Env(), Retry(send), {"pidfd_send_signal"});
}

// isChild(pid): whether it is a child of this process that was not reaped yet. WNOWAIT leaves it as it is.
static Napi::Value IsChild(const Napi::CallbackInfo& info) {
  const int pid = Arguments(info).Int(0, "pid");
  siginfo_t ended;
  const int result = Retry([&] { return ::waitid(P_PID, pid, &ended, WEXITED | WNOHANG | WNOWAIT); });
  if (result != -ECHILD) Check(info.Env(), result, {"waitid"});
  return Napi::Boolean::New(info.Env(), result == 0);
}

void InitPidfd(Napi::Object exports) {
  Export(exports, "pidfdOpen", PidfdOpen);
  Export(exports, "pidfdSendSignal", PidfdSendSignal);
  Export(exports, "isChild", IsChild);
}
