#pragma once
#include <napi.h>
#include <uv.h>

// The event loop of this environment's thread.
inline uv_loop_t* LoopOf(Napi::Env env) {
  uv_loop_t* loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) throw Napi::Error::New(env, "there is no event loop");
  return loop;
}
