#pragma once
// What fork needs to know of aarch64, in little-endian order. raw/x64.h has the same names for its processor.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include <cstdint>

namespace raw {
namespace {

inline long Syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory", "cc");
  return x0;  // -errno on failure
}

// The thread pointer. The C library's descriptor of the thread ends here, or a little below.
inline char* ThreadPointer() {
  char* pointer;
  asm("mrs %0, tpidr_el0" : "=r"(pointer));
  return pointer;
}

// Where an interrupted thread stood: registers of the context that the kernel saved for its signal handler.
struct Registers {
  // A system call that has returned has put its result where its first argument was; its number is still there.
  static constexpr bool kCallKeepsNumber = true;

  uintptr_t ip, sp;
  long number;  // x8
  long result;  // x0, of a system call that has returned
  long arg0, arg1, arg2;

  explicit Registers(const ucontext_t* context) {
    const mcontext_t& r = context->uc_mcontext;
    ip = r.pc, sp = r.sp, number = r.regs[8], result = r.regs[0];
    arg0 = r.regs[0], arg1 = r.regs[1], arg2 = r.regs[2];
  }

  // Whether there is an instruction svc #0.
  static bool IsSyscallInstruction(uintptr_t at) { return *reinterpret_cast<const uint32_t*>(at) == 0xd4000001; }
  static constexpr uintptr_t kSyscallInstructionSize = 4;
};

// Where the stack pointer must be for rt_sigreturn(2): the frame begins with the siginfo. All of it, also what holds
// long vector registers, lies above.
inline const void* SigreturnFrame(const void* siginfo, const ucontext_t* /* context */) { return siginfo; }

// clone(2) has the thread pointer before the child's id here.
inline long CloneProcess(unsigned long flags, int* child_tid) {
  return Syscall(SYS_clone, static_cast<long>(flags), 0, 0, 0, reinterpret_cast<long>(child_tid));
}

// A new thread of this process that runs entry(argument) on `stack` and then, without ever returning, loads the
// registers that the kernel saved in `frame`, a SigreturnFrame. clone(2), sigreturn(2). Returns the thread's id or
// -errno.
inline long CloneThread(unsigned long flags, void* stack, int* parent_tid, int* child_tid, void* tls,
                        void (*entry)(void*), void* argument, const void* frame) {
  register long x8 asm("x8") = SYS_clone;
  register long x0 asm("x0") = (long)flags;
  register long x1 asm("x1") = (long)stack;
  register long x2 asm("x2") = (long)parent_tid;
  register long x3 asm("x3") = (long)tls;
  register long x4 asm("x4") = (long)child_tid;
  register long x9 asm("x9") = (long)entry;
  register long x10 asm("x10") = (long)argument;
  register long x19 asm("x19") = (long)frame;  // entry() preserves this one
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"
      "mov x30, xzr\n\t"
      "mov x0, x10\n\t"
      "blr x9\n\t"
      "mov sp, x19\n\t"
      "mov x8, %[sigreturn]\n\t"
      "svc #0\n\t"
      "brk #1\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x9), "r"(x10), "r"(x19), [sigreturn] "i"(SYS_rt_sigreturn)
      : "memory", "cc");
  return x0;
}

// The kernel has signal handlers return through its own code in the vDSO.
constexpr void (*kRestorer)() = nullptr;
constexpr unsigned long kRestorerFlag = 0;

constexpr uint32_t kRseqSignature = 0xd428bc00;  // RSEQ_SIG, which the C library registers rseq(2) with

// Whether the processor keeps a second record of return addresses (the guarded control stack), which the resumed
// threads would not fit. PR_GET_SHADOW_STACK_STATUS and PR_SHADOW_STACK_ENABLE of prctl(2), Linux 6.13.
inline bool HasShadowStack() {
  unsigned long features = 0;
  return Syscall(SYS_prctl, 74, reinterpret_cast<long>(&features)) == 0 && (features & 1) != 0;
}

}  // namespace
}  // namespace raw
