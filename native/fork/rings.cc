#include "fork/rings.h"

#include <linux/io_uring.h>
#include <sys/mman.h>

#include <cerrno>

#include "fork/fdinfo.h"
#include "fork/maps.h"
#include "fork/raw.h"

// The kernel maps a ring only where it likes: the highest hole that is large enough. So all higher holes are filled
// while the old mapping is taken away and the new one is made; it lands in the hole that the old one left.

namespace {

constexpr uint32_t kNoSqArray = 1u << 16;  // IORING_SETUP_NO_SQARRAY, Linux 6.6; libuv uses slot n for entry n anyway
constexpr uintptr_t kStackRoom = 64ul << 20;
constexpr int kMaxHoles = 8192;

struct Span {
  uintptr_t start, length;
};

struct Mapping : Span {
  uintptr_t offset, inode;
};

struct Plan {
  Mapping mappings[2 * kMaxRings];
  int mapping_count = 0;
  Span holes[kMaxHoles];
  int hole_count = 0;
};

// Too large for the stack, and not a variable of RenewRings: the compiler would guard that one by a lock.
Plan ring_plan;

// The rings' mappings, and the holes above the lowest of them.
Refusal Survey(Plan* plan) {
  Maps maps;
  if (maps.error()) return Refusal::Failed("open", maps.error());
  uintptr_t end = 0;
  while (maps.Next()) {
    // The stack may have to grow, and the kernel maps nothing that near to it.
    uintptr_t limit = maps.kind == Maps::kStack ? maps.start - kStackRoom : maps.start;
    if (plan->mapping_count > 0 && limit > end) {
      if (plan->hole_count == kMaxHoles) return {Cause::kIoUring, 0, "there are more than 8192 holes in memory", 0};
      plan->holes[plan->hole_count++] = {end, limit - end};
    }
    if (maps.kind == Maps::kStack) break;
    if (maps.kind == Maps::kIoUring) {
      if (plan->mapping_count == 2 * kMaxRings) return {Cause::kIoUring, 0, "there are too many mappings of rings", 0};
      plan->mappings[plan->mapping_count++] = {{maps.start, maps.end - maps.start}, maps.offset, maps.inode};
    }
    end = maps.end;
  }
  return {};
}

Refusal FillHoles(const Plan& plan) {
  for (int i = 0; i < plan.hole_count; i++) {
    long result = raw::Call(SYS_mmap, plan.holes[i].start, plan.holes[i].length, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (result < 0 && result > -4096) return {Cause::kIoUring, 0, "its address cannot be kept free", 0};
  }
  return {};
}

void EmptyHoles(const Plan& plan) {
  for (int i = 0; i < plan.hole_count; i++) raw::Call(SYS_munmap, plan.holes[i].start, plan.holes[i].length);
}

struct Sizes {
  int64_t sq_mask = 0, cq_mask = 0, sq_head = 0, sq_tail = 0, thread = -1;

  explicit Sizes(int fd) {
    FdInfo info(fd);
    while (info.NextLine()) {
      info.Number("SqMask", 16, &sq_mask);
      info.Number("CqMask", 16, &cq_mask);
      info.Number("SqHead", 10, &sq_head);
      info.Number("SqTail", 10, &sq_tail);
      info.Number("SqThread", 10, &thread);
    }
  }
};

long SetUp(int64_t entries, io_uring_params* parameters) {
  parameters->flags = kNoSqArray;
  long fd = raw::Call(SYS_io_uring_setup, entries, parameters);
  if (fd != -EINVAL) return fd;
  *parameters = {};
  return raw::Call(SYS_io_uring_setup, entries, parameters);
}

Refusal Renew(const Plan& plan, const Ring& ring) {
  Sizes sizes(ring.fd);
  io_uring_params parameters{};
  long fresh = SetUp(sizes.sq_mask + 1, &parameters);
  if (fresh < 0) return Refusal::Failed("io_uring_setup", fresh);
  for (int i = 0; i < plan.mapping_count; i++) {
    const Mapping& old = plan.mappings[i];
    if (old.inode != ring.inode) continue;
    raw::Call(SYS_munmap, old.start, old.length);
    long at = raw::Call(SYS_mmap, nullptr, old.length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fresh, old.offset);
    if (at != static_cast<long>(old.start)) return {Cause::kIoUring, 0, "a ring could not be mapped where it was", 0};
    if (old.offset != IORING_OFF_SQ_RING || parameters.flags & kNoSqArray) continue;
    uint32_t* slots = reinterpret_cast<uint32_t*>(old.start + parameters.sq_off.array);
    for (uint32_t slot = 0; slot < parameters.sq_entries; slot++) slots[slot] = slot;
  }
  long result = raw::Call(SYS_dup3, fresh, ring.fd, O_CLOEXEC);
  raw::Call(SYS_close, fresh);
  return result < 0 ? Refusal::Failed("dup3", result) : Refusal{};
}

}  // namespace

Refusal CheckRing(const Ring& ring) {
  Sizes sizes(ring.fd);
  if (sizes.thread > 0) return {Cause::kIoUring, 0, "it was set up with IORING_SETUP_SQPOLL", static_cast<int>(sizes.thread)};
  if (sizes.cq_mask != 2 * (sizes.sq_mask + 1) - 1) return {Cause::kIoUring, 0, "it is not one of libuv's", 0};
  return {};
}

Refusal RenewRings(const Ring* rings, int count) {
  if (count == 0) return {};
  Plan& plan = ring_plan;
  plan.mapping_count = plan.hole_count = 0;
  Refusal refusal = Survey(&plan);
  if (!refusal) refusal = FillHoles(plan);
  for (int i = 0; i < count && !refusal; i++) refusal = Renew(plan, rings[i]);
  EmptyHoles(plan);
  return refusal;
}
