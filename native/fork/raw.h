#pragma once
// The processor, in one place: system calls without the C library (no errno, no cancellation, no locks), the
// thread pointer, and the two jumps that fork needs. Linux on x86-64; another machine needs another such file.
#include <cstddef>
#include <cstdint>
#include <sys/syscall.h>
#include <ucontext.h>

// The other threads stand still inside arbitrary code while these functions run: nothing here may take a lock,
// and no sanitizer may instrument what runs on a borrowed stack.
#define PREFORK_RAW __attribute__((no_sanitize("address", "undefined"), no_stack_protector))

namespace raw {

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

template <typename T>
long Arg(T value) {
  return (long)value;
}

template <typename... Args>
long Call(long number, Args... args) {
  return Syscall(number, Arg(args)...);
}

// The C library's descriptor of the calling thread; its first word points to itself.
inline char* ThreadPointer() {
  char* pointer;
  asm("mov %%fs:0, %0" : "=r"(pointer));
  return pointer;
}

// Where an interrupted thread stood: registers of the context that the kernel saved for its signal handler.
struct Registers {
  uintptr_t ip, sp;
  long result;  // rax: the number of a system call that will be made again, or its result
  long arg0, arg1, arg2;

  explicit Registers(const ucontext_t* context) {
    const greg_t* r = context->uc_mcontext.gregs;
    ip = r[REG_RIP], sp = r[REG_RSP], result = r[REG_RAX];
    arg0 = r[REG_RDI], arg1 = r[REG_RSI], arg2 = r[REG_RDX];
  }

  // The kernel sets ip back to the instruction when it will restart the call, else ip is behind it.
  static bool IsSyscallInstruction(uintptr_t at) {
    return *reinterpret_cast<const uint16_t*>(at) == 0x050f;
  }
  bool WillRestart(long number) const { return result == number && IsSyscallInstruction(ip); }
  bool HasReturned(long value) const { return result == value && IsSyscallInstruction(ip - 2); }
};

// A new thread of this process that runs entry(argument) on `stack` and then, without ever returning, loads the
// registers that the kernel saved in `context` (rt_sigreturn: the stack pointer must be at the ucontext).
// clone(2), sigreturn(2). Returns the thread's id or -errno.
inline long CloneThread(unsigned long flags, void* stack, int* parent_tid, int* child_tid, void* tls,
                        void (*entry)(void*), void* argument, const void* context) {
  long result;
  register long r10 asm("r10") = (long)child_tid;
  register long r8 asm("r8") = (long)tls;
  register long r12 asm("r12") = (long)entry;
  register long r13 asm("r13") = (long)argument;
  register long r14 asm("r14") = (long)context;
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

// The restorer that a signal handler returns to: rt_sigreturn(2). The kernel demands one on x86-64.
extern "C" void prefork_restorer();

}  // namespace raw
