#include <malloc.h>

#include "arguments.h"
#include "capabilities.h"

// V8's own, of which Node-API has nothing. Weak: null in a Node that does not export it. They are members of
// v8::Isolate, the second one not static; on x64 `this` is passed as a first argument is.
extern "C" {
__attribute__((weak, visibility("default"))) void* CurrentIsolate() __asm__("_ZN2v87Isolate10GetCurrentEv");
__attribute__((weak, visibility("default"))) void LowMemory(void* isolate) __asm__(
    "_ZN2v87Isolate21LowMemoryNotificationEv");
}

// lowMemoryNotification(): false where this Node has no such function.
static Napi::Value LowMemoryNotification(const Napi::CallbackInfo& info) {
  const bool known = CurrentIsolate != nullptr && LowMemory != nullptr;
  if (known) LowMemory(CurrentIsolate());
  return Napi::Boolean::New(info.Env(), known);
}

// trimMalloc(): whether any memory was given back. malloc_trim(3)
static Napi::Value TrimMalloc(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ::malloc_trim(0) == 1);
}

void InitHeap(Napi::Object exports) {
  Export(exports, "lowMemoryNotification", LowMemoryNotification);
  Export(exports, "trimMalloc", TrimMalloc);
}
