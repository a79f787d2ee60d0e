#include <vector>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"
#include "fork/fork.h"
#include "uv.h"

namespace {

const char* NameOf(Cause cause) {
  switch (cause) {
    case Cause::kNotMainThread: return "NOT_MAIN_THREAD";
    case Cause::kWorkersAlive: return "WORKERS_ALIVE";
    case Cause::kPoolBusy: return "POOL_BUSY";
    case Cause::kThreadStuck: return "THREAD_STUCK";
    case Cause::kIoUring: return "IO_URING";
    default: return "SELF_TEST";
  }
}

// fork(timeout in ms, sockets to keep): the child's pid, 0 in the child, or { cause, detail, thread } when refused.
Napi::Value Fork(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Arguments arguments(info);
  Napi::Array sockets = info[1].As<Napi::Array>();
  std::vector<int> keep;
  for (uint32_t i = 0; i < sockets.Length(); i++) keep.push_back(sockets.Get(i).As<Napi::Number>().Int32Value());

  ForkRequest request{nullptr, arguments.Int(0, "timeout"), keep.data(), static_cast<int>(keep.size())};
  if (napi_get_uv_event_loop(env, &request.loop) != napi_ok) throw Napi::Error::New(env, "no event loop");
  pid_t pid = -1;
  Refusal refusal = ForkKeepingThreads(request, &pid);
  if (!refusal) return Napi::Number::New(env, pid);
  if (refusal.cause == Cause::kSystemCall) throw SystemError(env, -refusal.error, {refusal.detail});
  Napi::Object result = Napi::Object::New(env);
  result.Set("cause", NameOf(refusal.cause));
  result.Set("detail", refusal.detail);
  result.Set("thread", refusal.thread);
  return result;
}

}  // namespace

void InitFork(Napi::Env env, Napi::Object exports) {
  exports.Set("fork", Napi::Function::New(env, Fork, "fork"));
}
