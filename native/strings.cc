// Has V8 compute the hash of each string of its heap. It does so when a string is first used as a key, and writes it into
// the string: each worker for itself then, a page for nearly every string, in an app that looks things up.
//
// Node-API has nothing that goes through the heap. So strings are found by what their first words must be, in pages whose
// header names the heap of this thread. How a string and a page look is read off strings that are made here, and where
// that is not as expected, nothing is done. What is found is hashed by V8 itself, which writes 4 bytes.
//
// What it relies on, in V8 11 to 14 (Node 20 to 26), without pointer compression, as Node is built:
// - Pages are 256 KiB and begin at a multiple of that. Their header, or in newer versions what a word of it points to, has
//   the heap and the page's end among its first 32 words.
// - A sequential string is a map, a hash of 32 bits that is 3 as long as it was not computed (Name::kEmptyHashField), a
//   length of 32 bits, and its characters (src/objects/string.h, name.h). Its hash is a function of these alone, and
//   computing it neither allocates nor collects garbage.
// - The same words elsewhere: in dead objects and in free memory they only mean that a string stood there, and its hash is
//   lost. In a living object that is no string they would be a strong reference to a string's map, followed by 3 in 4 bytes
//   and a length in 4 more. A cleared weak reference is 3 in 8 bytes, which reads as a length of 0, and is passed over.
//   An app's own bytes (a BigInt, a small typed array) would have to contain the map's address.
// - No other thread of V8's is at work: one that sweeps or unmaps a page, or allocates in free memory, would collide with
//   what is read and written here. The caller sees to that, as app/garbage.ts does.
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "arguments.h"
#include "capabilities.h"
#include "v8-exports.h"

namespace {

constexpr uintptr_t kPage = 256 * 1024;
constexpr uintptr_t kHeader = 32;            // words of a page's header, or of what it points to, that are looked at
constexpr uintptr_t kIsolateSize = 1 << 20;  // more than v8::internal::Isolate has, whose part the heap is
constexpr uintptr_t kLargestMapping = uintptr_t{64} << 30;
constexpr uint32_t kNoHash = 3;              // of a string whose hash was not computed
constexpr uint32_t kLongest = 256;           // characters: what is longer is hardly a key
constexpr uint32_t kShortest = 1;            // V8 has hashed the empty string at its start

// Copies memory of this process that may have been unmapped meanwhile.
bool Copy(uintptr_t from, void* to, size_t size) {
  iovec local{to, size}, remote{reinterpret_cast<void*>(from), size};
  return ::process_vm_readv(::getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

// The words of a string without pointers: its class, its hash and its length, its characters.
struct String {
  uintptr_t map;
  uint32_t hash, length;
};

uintptr_t AddressOf(napi_value value) { return *reinterpret_cast<uintptr_t*>(value) - 1; }

// Where a page's header says which heap it belongs to, and where it ends.
class PageLayout {
 public:
  // Reads it off a page that belongs to this thread's heap. False where it is not as expected.
  bool Learn(uintptr_t page, uintptr_t isolate) {
    for (holder_ = 0; holder_ < 4; holder_++) {
      uintptr_t words[kHeader];
      if (!Words(page, words)) continue;
      for (heap_at_ = 0; heap_at_ < kHeader; heap_at_++) {
        heap_ = words[heap_at_];
        if (heap_ > isolate && heap_ < isolate + kIsolateSize) break;
      }
      for (end_at_ = 0; end_at_ < kHeader && words[end_at_] != page + kPage; end_at_++) {}
      if (heap_at_ < kHeader && end_at_ < kHeader) return true;
    }
    return false;
  }

  bool IsOurs(uintptr_t page) const {
    uintptr_t words[kHeader];
    return Words(page, words) && words[heap_at_] == heap_ && words[end_at_] == page + kPage;
  }

 private:
  // The header itself, or what its word number `holder_` points to.
  bool Words(uintptr_t page, uintptr_t* words) const {
    uintptr_t at = page;
    if (holder_ > 0 && !Copy(page + holder_ * sizeof at, &at, sizeof at)) return false;
    return at != 0 && at % sizeof at == 0 && Copy(at, words, kHeader * sizeof *words);
  }

  unsigned holder_ = 0;
  uintptr_t heap_at_ = 0, end_at_ = 0, heap_ = 0;
};

// One class of strings, known by a new one that V8 has computed no hash of yet.
bool LearnMap(napi_value sample, uint32_t length, uintptr_t* map) {
  String before, after;
  if (!Copy(AddressOf(sample), &before, sizeof before) || before.hash != kNoHash || before.length != length) return false;
  V8IdentityHash(sample);
  *map = before.map;
  std::memcpy(&after, reinterpret_cast<void*>(AddressOf(sample)), sizeof after);
  return after.map == before.map && after.length == length && after.hash != kNoHash;
}

// Returns how many strings of a page were hashed.
uint32_t HashPage(uintptr_t page, const uintptr_t (&maps)[2]) {
  const auto* words = reinterpret_cast<const volatile uintptr_t*>(page);
  uint32_t count = 0;
  for (uintptr_t i = 0; i + 2 < kPage / sizeof *words; i++) {
    const uintptr_t map = words[i];
    if (map != maps[0] && map != maps[1]) continue;
    String string;
    std::memcpy(&string, reinterpret_cast<void*>(page + i * sizeof *words), sizeof string);
    const uintptr_t size = sizeof string + string.length * (map == maps[0] ? 1 : 2);
    const bool is_key = string.length >= kShortest && string.length <= kLongest;
    if (string.hash != kNoHash || !is_key || i * sizeof *words + size > kPage) continue;
    const uintptr_t tagged = page + i * sizeof *words + 1;
    V8IdentityHash(&tagged);
    count++;
  }
  return count;
}

// The writable mappings without a file, but those that are too large for a heap, such as AddressSanitizer's shadow, of
// which it would take a minute to ask for each page. proc_pid_maps(5)
std::vector<std::pair<uintptr_t, uintptr_t>> Mappings() {
  std::vector<std::pair<uintptr_t, uintptr_t>> found;
  FILE* file = std::fopen("/proc/self/maps", "re");
  if (file == nullptr) return found;
  char line[512];
  bool begins = true;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    unsigned long start, end, inode;
    char rights[5];
    const bool parsed = begins && std::sscanf(line, "%lx-%lx %4s %*x %*s %lu", &start, &end, rights, &inode) == 4;
    const bool may_be_heap = parsed && std::strcmp(rights, "rw-p") == 0 && inode == 0 && end - start <= kLargestMapping;
    if (may_be_heap) found.emplace_back(start, end);
    begins = std::strchr(line, '\n') != nullptr;
  }
  std::fclose(file);
  return found;
}

// hashStrings(): how many strings were hashed; -1 where this Node's V8 is not as expected.
Napi::Value HashStrings(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto unknown = Napi::Number::New(env, -1);
  if (V8IdentityHash == nullptr || V8CurrentIsolate == nullptr || sizeof(uintptr_t) != 8) return unknown;
  const Napi::String narrow = Napi::String::New(env, "a string for prefork to look at");
  const Napi::String wide = Napi::String::New(env, u"a string for prefork to look at \u2603");
  PageLayout layout;
  uintptr_t maps[2];
  const uintptr_t page = AddressOf(narrow) & ~(kPage - 1);
  if (!layout.Learn(page, reinterpret_cast<uintptr_t>(V8CurrentIsolate()))) return unknown;
  if (!LearnMap(narrow, 31, &maps[0]) || !LearnMap(wide, 33, &maps[1]) || maps[0] == maps[1]) return unknown;

  uint32_t count = 0;
  for (const auto& [start, end] : Mappings()) {
    for (uintptr_t at = (start + kPage - 1) & ~(kPage - 1); at + kPage <= end; at += kPage) {
      if (layout.IsOurs(at)) count += HashPage(at, maps);
    }
  }
  return Napi::Number::New(env, count);
}

}  // namespace

void InitStrings(Napi::Object exports) {
  Export(exports, "hashStrings", HashStrings);
}
