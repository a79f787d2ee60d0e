// The young generation: what its collections cost, and how large it may become. Node reports each collection to
// JavaScript as a performance entry, which costs more memory in each worker than the answer saves, and comes too late
// to keep V8 from doubling once more. V8 calls back before and after each instead.
#include <algorithm>
#include <cstring>
#include <ctime>

#include "arguments.h"
#include "capabilities.h"
#include "v8-exports.h"

namespace {

constexpr int kScavenge = 1;        // v8::GCType::kGCTypeScavenge
constexpr int kAnyCollection = 31;  // v8::GCType::kGCTypeAll

// Each thread has an isolate of its own; it lives as long as the thread runs JavaScript.
thread_local struct Scavenges {
  bool watched = false;
  double began = 0, total = 0;  // in milliseconds
} scavenges;

thread_local struct Growth {
  bool watched = false, held = false;
  int64_t most = 0;  // How large the young generation may become, in bytes; 0 for no growth.
} growth;

// The processor time of this thread, in milliseconds. That of the process would count what Workers compute meanwhile.
// clock_gettime(2)
double ThreadTime() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void OnBegin(void*, int, int, void*) { scavenges.began = ThreadTime(); }

void OnEnd(void*, int, int, void*) { scavenges.total += ThreadTime() - scavenges.began; }

// scavengeTime(): in milliseconds of this thread's processor time, since the first call on this thread; -1 where Node
// does not export what is needed.
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

// In bytes, both halves. V8 gives one half back while it does not use it, and from Node 26 on takes the pages of both only
// as they fill: then what is used and available of one half says how large it is, but for what V8 has for itself in each
// page.
int64_t YoungGeneration(void* isolate) {
  V8HeapSpace space{};
  for (size_t i = 0; V8GetHeapSpaceStatistics(isolate, &space, i); i++) {
    if (std::strcmp(space.name, "new_space") == 0) {
      return static_cast<int64_t>(std::max(space.size, 2 * (space.used + space.available)));
    }
  }
  return 0;
}

bool MayDouble(void* isolate) { return 2 * YoungGeneration(isolate) <= growth.most; }

// V8 reads its maximum once, at its start, but the factor in each collection that lets the young generation grow. Only
// meanwhile is it another one: V8 refuses cached code that was compiled under other flags, and Node then writes its
// cache anew, for which others refuse it in turn.
void HoldSize(void* isolate, int, int, void*) {
  growth.held = !MayDouble(isolate);
  if (growth.held) V8SetFlagsFromString("--semi-space-growth-factor=1");
}

void ReleaseSize(void*, int, int, void*) {
  if (growth.held) V8SetFlagsFromString("--semi-space-growth-factor=2");  // V8's default
  growth.held = false;
}

// growYoungGeneration(bytes): whether V8 may double it now; undefined where Node does not export what is needed.
Napi::Value GrowYoungGeneration(const Napi::CallbackInfo& info) {
  growth.most = Arguments(info).Offset(0, "bytes");
  const bool known = V8CurrentIsolate != nullptr && V8AddGCPrologueCallback != nullptr &&
                     V8AddGCEpilogueCallback != nullptr && V8GetHeapSpaceStatistics != nullptr &&
                     V8SetFlagsFromString != nullptr;
  if (!known) return info.Env().Undefined();
  void* isolate = V8CurrentIsolate();
  if (!growth.watched) {
    V8AddGCPrologueCallback(isolate, HoldSize, nullptr, kAnyCollection);
    V8AddGCEpilogueCallback(isolate, ReleaseSize, nullptr, kAnyCollection);
    growth.watched = true;
  }
  return Napi::Boolean::New(info.Env(), MayDouble(isolate));
}

Napi::Value ThreadCpuTime(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), ThreadTime()); }

}  // namespace

void InitScavenges(Napi::Object exports) {
  Export(exports, "threadCpuTime", ThreadCpuTime);
  Export(exports, "scavengeTime", ScavengeTime);
  Export(exports, "growYoungGeneration", GrowYoungGeneration);
}
