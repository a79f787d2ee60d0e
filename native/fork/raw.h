#pragma once
// System calls without the C library (no errno, no cancellation, no locks), the registers of a thread that stands
// still, and the two jumps that fork needs. What depends on the processor is in raw/: one file for each.
//
// Each file has copies of its own (the unnamed namespaces): else the linker might put one that was compiled with a
// sanitizer or a stack protector into those that are compiled without, since they run on borrowed stacks.
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__LP64__)
#include "fork/raw/x64.h"
#elif defined(__aarch64__) && defined(__LP64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include "fork/raw/arm64.h"
#else
#error "prefork knows x86-64 and aarch64; another processor needs its own file in native/fork/raw/"
#endif

namespace raw {
namespace {

template <typename T>
long Arg(T value) {
  return (long)value;
}

template <typename... Args>
long Call(long number, Args... args) {
  return Syscall(number, Arg(args)...);
}

// Whether the kernel has set the thread back to the instruction, to make this system call again when it goes on.
inline bool WillRestart(const Registers& at, long number) {
  return at.number == number && Registers::IsSyscallInstruction(at.ip);
}

// Whether the thread stands right behind a system call that has returned this value.
inline bool HasReturned(const Registers& at, long value) {
  return at.result == value && Registers::IsSyscallInstruction(at.ip - Registers::kSyscallInstructionSize);
}

}  // namespace
}  // namespace raw
