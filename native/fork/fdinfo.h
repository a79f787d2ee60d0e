#pragma once
#include "fork/directory.h"
#include "fork/proc-file.h"

// Lines "label: number" of /proc/self/fdinfo/N, one or more to a line. proc_pid_fdinfo(5).
class FdInfo {
 public:
  explicit FdInfo(int fd) : file_(Path(fd).text) {}

  long error() const { return file_.error(); }

  // Reads the next line; false at the end.
  bool NextLine() {
    int length = 0, c;
    while ((c = file_.Next()) >= 0 && c != '\n')
      if (length < static_cast<int>(sizeof line_) - 1) line_[length++] = c;
    line_[length] = 0;
    return length > 0 || c >= 0;
  }

  // The number behind "label:" in this line; `value` stays when the line has no such label.
  bool Number(const char* label, int base, int64_t* value) const {
    for (const char* at = line_; *at; at++) {
      const char *a = at, *b = label;
      while (*b && *a == *b) a++, b++;
      if (*b || *a != ':' || (at > line_ && at[-1] > ' ')) continue;
      for (a++; *a == ' ' || *a == '\t'; a++) {}
      bool negative = *a == '-';
      a += negative;
      if (base == 16 && a[0] == '0' && a[1] == 'x') a += 2;
      uint64_t number = 0;
      for (;; a++) {
        int digit = *a >= '0' && *a <= '9' ? *a - '0' : *a >= 'a' && *a <= 'f' ? *a - 'a' + 10 : 99;
        if (digit >= base) break;
        number = number * base + digit;
      }
      *value = static_cast<int64_t>(negative ? -number : number);
      return true;
    }
    return false;
  }

 private:
  struct Path {
    char text[40] = "/proc/self/fdinfo/";
    explicit Path(int fd) { WriteNumber(text + 18, fd); }
  };

  ProcFile file_;
  char line_[256];
};
