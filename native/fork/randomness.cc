#include "fork/randomness.h"

#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace {

// V8 keeps, in three neighbouring slots of the function's context: how many numbers are left in a cache (a small
// integer), the two 64-bit words of xorshift128+ (in a byte array), and the cache (64 doubles, used from the end).
// At zero it fills the cache from the state; the last number filled in is what the state stands for.
constexpr int kCacheSize = 64;
constexpr int kContextWords = 1024;
constexpr int kFunctionWords = 12;
constexpr uintptr_t kHeader = 16;  // a map and a length, in arrays of bytes and of doubles

bool IsPointer(uintptr_t word) { return (word & 3) == 1; }
bool IsSmall(uintptr_t word) { return (word & 0xffffffff) == 0; }
int64_t Small(uintptr_t word) { return static_cast<int64_t>(word) >> 32; }

// Reads memory that may not be there: how many words could be read.
size_t Peek(uintptr_t address, void* into, size_t words) {
  iovec local{into, words * 8}, remote{reinterpret_cast<void*>(address), words * 8};
  ssize_t bytes = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
  if (bytes < 0) {  // up to the end of the page, then
    remote.iov_len = local.iov_len = 4096 - address % 4096;
    bytes = remote.iov_len < words * 8 ? process_vm_readv(getpid(), &local, 1, &remote, 1, 0) : -1;
  }
  return bytes < 0 ? 0 : bytes / 8;
}

// Is it the number that the state stands for? Three generations of V8 took it from the state in three ways.
bool Yields(const uint64_t state[2], double number) {
  uint64_t mantissa = (state[0] >> 12) | 0x3ff0000000000000;
  double oldest;
  memcpy(&oldest, &mantissa, sizeof oldest);
  return number == oldest - 1 || number == static_cast<double>(state[0] >> 11) * 0x1p-53 ||
         number == static_cast<double>((state[0] + state[1]) >> 11) * 0x1p-53;
}

struct Generator {
  uintptr_t* left = nullptr;  // the slot with the number of numbers left
  uint64_t* state = nullptr;
};

// Is slot `at` of this context the one that went from `before` to `now` when `drawn` was drawn?
bool Recognise(uintptr_t context, const uintptr_t* before, const uintptr_t* now, size_t at, double drawn, Generator* found) {
  if (!IsSmall(before[at]) || !IsSmall(now[at]) || Small(before[at]) != Small(now[at]) + 1) return false;
  int64_t left = Small(now[at]);
  if (left < 0 || left >= kCacheSize || !IsPointer(now[at + 1]) || !IsPointer(now[at + 2])) return false;
  uint64_t state[2];
  double cache[kCacheSize];
  if (Peek(now[at + 1] - 1 + kHeader, state, 2) != 2 || Peek(now[at + 2] - 1 + kHeader, cache, kCacheSize) != kCacheSize) return false;
  if (cache[left] != drawn || !Yields(state, cache[kCacheSize - 1])) return false;
  found->left = reinterpret_cast<uintptr_t*>(context) + at;
  found->state = reinterpret_cast<uint64_t*>(now[at + 1] - 1 + kHeader);
  return true;
}

bool Find(Napi::Function random, Generator* found) {
  random.Call({}), random.Call({});  // none left becomes some left
  uintptr_t function[kFunctionWords];
  napi_value handle = random;
  uintptr_t address = *reinterpret_cast<uintptr_t*>(handle) - 1;
  if (Peek(address, function, kFunctionWords) != kFunctionWords) return false;
  uintptr_t before[kContextWords], now[kContextWords];  // not static: Workers look at the same time
  for (uintptr_t word : function) {
    if (!IsPointer(word)) continue;
    size_t count = Peek(word - 1, before, kContextWords);
    double drawn = random.Call({}).As<Napi::Number>();
    if (Peek(word - 1, now, count) != count) continue;
    for (size_t at = 2; at + 2 < count; at++)
      if (Recognise(word - 1, before, now, at, drawn, found)) return true;
  }
  return false;
}

}  // namespace

bool ReseedMathRandom(Napi::Env, Napi::Function random) {
  Generator generator;
  // The cache may have been filled between two looks: then the next try finds it.
  if (!Find(random, &generator) && !Find(random, &generator)) return false;
  uint64_t seed[2] = {};
  while (seed[0] == 0 || seed[1] == 0)
    if (getrandom(seed, sizeof seed, 0) != sizeof seed) return false;
  generator.state[0] = seed[0];
  generator.state[1] = seed[1];
  *generator.left = 0;
  return true;
}
