#pragma once
// What fork needs to know of x86-64. raw/arm64.h has the same names for its processor.
#include <sys/syscall.h>
#include <ucontext.h>

#include <cstdint>

namespace raw {
namespace {

inline long Syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;  // -errno on failure
}

// The thread pointer, %fs. The C library's descriptor of the thread begins here, with a pointer to itself.
inline char* ThreadPointer() {
  char* pointer;
  asm("mov %%fs:0, %0" : "=r"(pointer));
  return pointer;
}

// Where an interrupted thread stood: registers of the context that the kernel saved for its signal handler.
struct Registers {
  // A system call that has returned has put its result where its number was; its arguments are still there.
  static constexpr bool kCallKeepsNumber = false;

  uintptr_t ip, sp;
  long number;  // rax: the number of a system call that will be made again
  long result;  // rax: the result of one that has returned
  long arg0, arg1, arg2;

  explicit Registers(const ucontext_t* context) {
    const greg_t* r = context->uc_mcontext.gregs;
    ip = r[REG_RIP], sp = r[REG_RSP], number = result = r[REG_RAX];
    arg0 = r[REG_RDI], arg1 = r[REG_RSI], arg2 = r[REG_RDX];
  }

  // Whether there is a syscall instruction, 0f 05.
  static bool IsSyscallInstruction(uintptr_t at) { return *reinterpret_cast<const uint16_t*>(at) == 0x050f; }
  static constexpr uintptr_t kSyscallInstructionSize = 2;
};

// Where the stack pointer must be for rt_sigreturn(2): at the ucontext, the restorer's address having been popped.
inline const void* SigreturnFrame(const void* /* siginfo */, const ucontext_t* context) { return context; }

// clone(2) has the thread pointer last here.
inline long CloneProcess(unsigned long flags, int* child_tid) {
  return Syscall(SYS_clone, static_cast<long>(flags), 0, 0, reinterpret_cast<long>(child_tid), 0);
}

// A new thread of this process that runs entry(argument) on `stack` and then, without ever returning, loads the
// registers that the kernel saved in `frame`, a SigreturnFrame. clone(2), sigreturn(2). Returns the thread's id or
// -errno.
inline long CloneThread(unsigned long flags, void* stack, int* parent_tid, int* child_tid, void* tls,
                        void (*entry)(void*), void* argument, const void* frame) {
  long result;
  register long r10 asm("r10") = (long)child_tid;
  register long r8 asm("r8") = (long)tls;
  register long r12 asm("r12") = (long)entry;
  register long r13 asm("r13") = (long)argument;
  register long r14 asm("r14") = (long)frame;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "mov %%r13, %%rdi\n\t"
      "call *%%r12\n\t"
      "mov %%r14, %%rsp\n\t"
      "mov %[sigreturn], %%eax\n\t"
      "syscall\n\t"
      "ud2\n"
      "1:"
      : "=a"(result)
      : "a"((long)SYS_clone), "D"(flags), "S"(stack), "d"(parent_tid), "r"(r10), "r"(r8), "r"(r12), "r"(r13),
        "r"(r14), [sigreturn] "i"(SYS_rt_sigreturn)
      : "rcx", "r11", "memory", "cc");
  return result;
}

// What a signal handler returns to, which the kernel demands of rt_sigaction(2) here: rt_sigreturn(2).
__attribute__((naked)) inline void Restorer() { asm("mov $15, %eax\n\tsyscall"); }
constexpr void (*kRestorer)() = Restorer;
constexpr unsigned long kRestorerFlag = 0x04000000;  // SA_RESTORER, in the kernel's headers only

constexpr uint32_t kRseqSignature = 0x53053053;  // RSEQ_SIG, which the C library registers rseq(2) with

// Whether the processor keeps a second record of return addresses, which the resumed threads would not fit.
// ARCH_SHSTK_STATUS and ARCH_SHSTK_SHSTK of arch_prctl(2), Linux 6.6.
inline bool HasShadowStack() {
  unsigned long features = 0;
  return Syscall(SYS_arch_prctl, 0x5005, reinterpret_cast<long>(&features)) == 0 && (features & 1) != 0;
}

}  // namespace
}  // namespace raw
