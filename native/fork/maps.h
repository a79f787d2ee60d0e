#pragma once
#include "fork/proc-file.h"

// The mappings of this process, in order of their addresses. proc_pid_maps(5):
// "start-end rwxp offset device inode   path"
class Maps {
 public:
  enum Kind { kOther, kProgramHeap, kStack, kIoUring };

  uintptr_t start, end, offset, inode;
  bool is_private;
  Kind kind;

  long error() const { return file_.error(); }

  // Reads the next mapping; false at the end.
  bool Next() {
    if (Number(16, &start) != '-') return false;
    Number(16, &end);
    int c = 0;
    for (int i = 0; i < 4; i++) c = file_.Next();
    is_private = c == 'p';
    file_.Next();
    Number(16, &offset);
    while ((c = file_.Next()) != ' ' && c >= 0) {}  // the device
    c = Number(10, &inode);
    kind = kOther;
    for (; c != '\n' && c >= 0; c = file_.Next())  // in a path, only these have a '['
      if (c == '[') kind = KindBy(file_.Next());
    return true;
  }

 private:
  // [heap], [stack], anon_inode:[io_uring]
  static Kind KindBy(int first) {
    return first == 'h' ? kProgramHeap : first == 's' ? kStack : first == 'i' ? kIoUring : kOther;
  }

  // Returns the character behind the number.
  int Number(unsigned base, uintptr_t* value) {
    *value = 0;
    for (;;) {
      int c = file_.Next();
      unsigned digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
      if (digit >= base) return c;
      *value = *value * base + digit;
    }
  }

  ProcFile file_{"/proc/self/maps"};
};
