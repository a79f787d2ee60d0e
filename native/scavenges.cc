// The processor time that a thread spends, and its part for collections of the young generation. Node reports each of
// them to JavaScript as a performance entry, which costs more memory in each worker than the answer saves. V8 calls back
// before and after each instead.
#include <ctime>

#include "arguments.h"
#include "capabilities.h"
#include "v8-exports.h"

namespace {

constexpr int kScavenge = 1;  // v8::GCType::kGCTypeScavenge

// Each thread has an isolate of its own; it lives as long as the thread runs JavaScript.
thread_local struct Scavenges {
  bool watched = false;
  double began = 0, total = 0;  // in milliseconds
} scavenges;

// The processor time of this thread, in milliseconds. That of the process would count what Workers compute meanwhile.
// clock_gettime(2)
double ThreadTime() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void OnBegin(void*, int, int, void*) { scavenges.began = ThreadTime(); }

void OnEnd(void*, int, int, void*) { scavenges.total += ThreadTime() - scavenges.began; }

// scavengeTime(): in milliseconds of this thread's processor time, since the first call on this thread; -1 where Node does not export
// what is needed.
Napi::Value ScavengeTime(const Napi::CallbackInfo& info) {
  const bool known =
      V8CurrentIsolate != nullptr && V8AddGCPrologueCallback != nullptr && V8AddGCEpilogueCallback != nullptr;
  if (!known) return Napi::Number::New(info.Env(), -1);
  if (!scavenges.watched) {
    V8AddGCPrologueCallback(V8CurrentIsolate(), OnBegin, nullptr, kScavenge);
    V8AddGCEpilogueCallback(V8CurrentIsolate(), OnEnd, nullptr, kScavenge);
    scavenges.watched = true;
  }
  return Napi::Number::New(info.Env(), scavenges.total);
}

Napi::Value ThreadCpuTime(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), ThreadTime()); }

}  // namespace

void InitScavenges(Napi::Object exports) {
  Export(exports, "threadCpuTime", ThreadCpuTime);
  Export(exports, "scavengeTime", ScavengeTime);
}
