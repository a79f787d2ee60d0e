#pragma once
#include <napi.h>

#include "descriptor.h"

// [first, second], as pipe(2) and socketpair(2) give them; both are closed when the array cannot be made.
inline Napi::Value DescriptorPair(Napi::Env env, const int fds[2]) {
  Descriptor first(fds[0]), second(fds[1]);
  Napi::Array ends = Napi::Array::New(env, 2);
  ends.Set(0u, Napi::Number::New(env, first.get()));
  ends.Set(1u, Napi::Number::New(env, second.get()));
  first.release();
  second.release();
  return ends;
}
