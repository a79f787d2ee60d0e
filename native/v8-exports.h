#pragma once
// What the node binary exports of V8 (include/v8-isolate.h, v8-callbacks.h, v8-primitive.h, v8-script.h), declared
// without its headers: the addon is one binary for all versions of Node, and Node-API has none of this. Weak: null where
// a Node does not export it, which each use has to check. These are members of classes; those that are not static take
// `this` as their first argument, as x86-64 and aarch64 pass it. v8::Local and v8::MaybeLocal hold one pointer, to a word
// that holds the tagged address, and are passed and returned as that pointer. Enumerations are passed as int.
#include <cstddef>

using V8GCCallback = void (*)(void* isolate, int type, int flags, void* data);

// v8::HeapSpaceStatistics (include/v8-statistics.h); sizes are in bytes.
struct V8HeapSpace {
  const char* name;
  size_t size, used, available, physical;
};

extern "C" {
__attribute__((weak)) void* V8TryGetCurrentIsolate() __asm__("_ZN2v87Isolate13TryGetCurrentEv");
__attribute__((weak)) void* V8CurrentIsolate() __asm__("_ZN2v87Isolate10GetCurrentEv");
__attribute__((weak)) void V8LowMemoryNotification(void* isolate) __asm__("_ZN2v87Isolate21LowMemoryNotificationEv");
__attribute__((weak)) void V8MemoryPressureNotification(void* isolate, int level)
    __asm__("_ZN2v87Isolate26MemoryPressureNotificationENS_19MemoryPressureLevelE");
__attribute__((weak)) void V8RequestInterrupt(void* isolate, void (*callback)(void* isolate, void* data), void* data)
    __asm__("_ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_");
// Both call back for the types of collection in the bits of `types`, on the isolate's own thread.
__attribute__((weak)) void V8AddGCPrologueCallback(void* isolate, V8GCCallback callback, void* data, int types)
    __asm__("_ZN2v87Isolate21AddGCPrologueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_S2_");
__attribute__((weak)) void V8AddGCEpilogueCallback(void* isolate, V8GCCallback callback, void* data, int types)
    __asm__("_ZN2v87Isolate21AddGCEpilogueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_S2_");
// False where there is no space of this number. It allocates nothing in the heap.
__attribute__((weak)) bool V8GetHeapSpaceStatistics(void* isolate, V8HeapSpace* space, size_t number)
    __asm__("_ZN2v87Isolate22GetHeapSpaceStatisticsEPNS_19HeapSpaceStatisticsEm");
__attribute__((weak)) void V8SetFlagsFromString(const char* flags) __asm__("_ZN2v82V818SetFlagsFromStringEPKc");
__attribute__((weak)) void* V8CurrentContext(void* isolate) __asm__("_ZN2v87Isolate17GetCurrentContextEv");
__attribute__((weak)) void* V8NewString(void* isolate, const char* text, int type, int length)
    __asm__("_ZN2v86String11NewFromUtf8EPNS_7IsolateEPKcNS_13NewStringTypeEi");
__attribute__((weak)) void* V8Compile(void* context, void* text, void* origin)
    __asm__("_ZN2v86Script7CompileENS_5LocalINS_7ContextEEENS1_INS_6StringEEEPNS_12ScriptOriginE");
__attribute__((weak)) void* V8Run(void* script, void* context)
    __asm__("_ZN2v86Script3RunENS_5LocalINS_7ContextEEE");
__attribute__((weak)) int V8IdentityHash(const void* name) __asm__("_ZN2v84Name15GetIdentityHashEv");
}
