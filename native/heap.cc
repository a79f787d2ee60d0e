#include <malloc.h>

#include "arguments.h"
#include "capabilities.h"
#include "v8-exports.h"

#if !defined(__GLIBC__)
static int malloc_trim(size_t) { return 0; }  // musl gives memory back by itself.
#endif

// lowMemoryNotification(): false where this Node has no such function.
static Napi::Value LowMemoryNotification(const Napi::CallbackInfo& info) {
  const bool known = V8CurrentIsolate != nullptr && V8LowMemoryNotification != nullptr;
  if (known) V8LowMemoryNotification(V8CurrentIsolate());
  return Napi::Boolean::New(info.Env(), known);
}

constexpr int kCriticalPressure = 2;  // v8::MemoryPressureLevel::kCritical

// memoryPressureNotification(): false where this Node has no such function.
static Napi::Value MemoryPressureNotification(const Napi::CallbackInfo& info) {
  const bool known = V8CurrentIsolate != nullptr && V8MemoryPressureNotification != nullptr;
  if (known) V8MemoryPressureNotification(V8CurrentIsolate(), kCriticalPressure);
  return Napi::Boolean::New(info.Env(), known);
}

// trimMalloc(): whether any memory was given back. malloc_trim(3)
static Napi::Value TrimMalloc(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ::malloc_trim(0) == 1);
}

void InitHeap(Napi::Object exports) {
  Export(exports, "lowMemoryNotification", LowMemoryNotification);
  Export(exports, "memoryPressureNotification", MemoryPressureNotification);
  Export(exports, "trimMalloc", TrimMalloc);
}
