#include <vector>

#include "arguments.h"
#include "capabilities.h"
#include "errors.h"
#include "event-loop.h"
#include "fork/context.h"
#include "fork/fork.h"
#include "fork/pool.h"
#include "fork/randomness.h"

namespace {

const char* NameOf(Cause cause) {
  switch (cause) {
    case Cause::kNotMainThread: return "NOT_MAIN_THREAD";
    case Cause::kWorkerBusy: return "WORKER_BUSY";
    case Cause::kNoWorkers: return "WORKERS_ALIVE";
    case Cause::kPoolBusy: return "POOL_BUSY";
    case Cause::kThreadStuck: return "THREAD_STUCK";
    case Cause::kIoUring: return "IO_URING";
    default: return "SELF_TEST";
  }
}

// fork(timeout in ms, sockets to keep, as a sibling, whether Workers rest, timeout for unknown threads in ms): the
// child's pid, 0 in the child, or { cause, detail, thread } when refused.
Napi::Value Fork(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Arguments arguments(info);
  std::vector<int> keep = arguments.Ints(1, "keepSockets");
  ForkRequest request{LoopOf(env), arguments.Int(0, "timeout"), keep.data(), static_cast<int>(keep.size()),
                      arguments.Bool(2, "asSibling"), arguments.Bool(3, "restWorkers"), arguments.Int(4, "threadsTimeout")};
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

// settleThreads(timeout in ms): how many threads of this child still have the id that they had in the parent.
Napi::Value Settle(const Napi::CallbackInfo& info) {
  int stale = 0;
  if (Refusal refusal = SettleThreads(Arguments(info).Int(0, "timeout"), &stale))
    if (refusal.cause == Cause::kSystemCall) throw SystemError(info.Env(), -refusal.error, {refusal.detail});
  return Napi::Number::New(info.Env(), stale);
}

// heldWorkers(): how many Workers of this child wait for releaseWorkers
Napi::Value Held(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), fork_context.workers.count); }

// releaseWorkers(source): each goes on, after it has run the script
void Release(const Napi::CallbackInfo& info) { ReleaseWorkers(Arguments(info).CString(0, "source").c_str()); }

// withholdResults(): drops, in this child, what the thread pool has done for its parent
Napi::Value Withhold(const Napi::CallbackInfo& info) {
  WithholdResults(LoopOf(info.Env()));
  return info.Env().Undefined();
}

Napi::Value Reseed(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ReseedMathRandom(info.Env(), Arguments(info).Function(0, "random")));
}

// Has every stream handle of the loop counted as referenced, or those again as not that were not before:
// process._getActiveHandles passes over the latter.
Napi::Value RefStreams(const Napi::CallbackInfo& info) {
  static thread_local std::vector<uv_handle_t*> unreferenced;
  uv_loop_t* loop = LoopOf(info.Env());
  if (Arguments(info).Bool(0, "on")) {
    uv_walk(loop, [](uv_handle_t* handle, void*) {
      bool stream = handle->type == UV_TCP || handle->type == UV_NAMED_PIPE;
      if (!stream || uv_has_ref(handle) || uv_is_closing(handle)) return;
      uv_ref(handle);
      unreferenced.push_back(handle);
    }, nullptr);
  } else {
    for (uv_handle_t* handle : unreferenced) uv_unref(handle);
    unreferenced.clear();
  }
  return info.Env().Undefined();
}

}  // namespace

void InitFork(Napi::Object exports) {
  if (LoopOf(exports.Env()) == uv_default_loop()) TakeOverResults(uv_default_loop());
  Export(exports, "fork", Fork);
  Export(exports, "settleThreads", Settle);
  Export(exports, "heldWorkers", Held);
  Export(exports, "releaseWorkers", Release);
  Export(exports, "withholdResults", Withhold);
  Export(exports, "reseedMathRandom", Reseed);
  Export(exports, "refStreams", RefStreams);
}
